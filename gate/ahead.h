/* Judging a long history before the store is locked, so that nobody who wants to write has to wait for it. */
#ifndef TM_GATE_AHEAD_H
#define TM_GATE_AHEAD_H

#include "gate/run.h"

/* Which lineages: one, or those of the scope. */
struct tm_ahead_wish {
    struct tm_scope scope;
    struct tm_lineage_name only; /* its branch NULL: all of the scope */
    enum tm_looking looking;
};

/* What was judged so. All zero: nothing. Free in any case; settings must live until then. */
struct tm_ahead {
    struct tm_lineage_names names;
    struct tm_session *sessions; /* one a name */
    size_t n;
    int64_t version; /* of the store, see tm_version */
    bool anew;       /* every lineage, whatever was judged of it */
    bool stands;     /* there is something, as far as nobody has written since */
};

/* Outside of transactions: judges those lineages that are to be judged from nothing. Nothing is changed, and nothing
 * fails: where the store is in the way, or memory, or others who write, nothing is judged here, and who judges under the lock will
 * see. */
void tm_ahead_judge(tm_store *store, const struct tm_settings *settings, const struct tm_ahead_wish *wish,
                    const struct tm_watcher *watcher, struct tm_ahead *ahead);

/* In a transaction that has not written: has nobody changed the store since? 1, 0 or -1. */
int tm_ahead_stands(tm_store *store, const struct tm_ahead *ahead);

/* In such a transaction: judges what is left, and stores all; with TM_LOOK_ALL in place of all that was judged before. *judged
 * counts the nights. 0 or -1. */
int tm_ahead_store(tm_store *store, struct tm_ahead *ahead, size_t *judged);

void tm_ahead_free(struct tm_ahead *ahead);

#endif
