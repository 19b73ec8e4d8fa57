/* Whoever writes into a file of SQLite's keeps all others from writing. Judging years of nights takes seconds, storing what was
 * said of them a fraction of that; so the nights are judged first, from what can be read meanwhile, and stored if nobody has
 * written since. */
#include "gate/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static int list(tm_store *store, const struct tm_settings *settings, const struct tm_ahead_wish *wish,
                struct tm_lineage_names *names)
{
    const char *branch = wish->only.branch;
    if (!branch)
        return tm_lineages_list(store, &wish->scope, settings->base, names);
    struct tm_lineage_name *only = tm_array_add(&names->names, &names->n, sizeof *only);
    if (!only)
        return -1;
    *only = wish->only;
    only->branch = tm_arena_text(&names->branches, branch, strlen(branch));
    return only->branch ? 0 : -1;
}

void tm_ahead_judge(tm_store *store, const struct tm_settings *settings, const struct tm_ahead_wish *wish,
                    const struct tm_watcher *watcher, struct tm_ahead *ahead)
{
    *ahead = (struct tm_ahead){.anew = wish->looking == TM_LOOK_ALL};
    if (tm_version(store, &ahead->version) != 1 || list(store, settings, wish, &ahead->names) != 0)
        return;
    ahead->sessions = calloc(ahead->names.n + 1, sizeof *ahead->sessions); /* + 1: none is no failure */
    bool read = ahead->sessions;
    for (size_t i = 0; i < ahead->names.n && read; i++) {
        struct tm_session *session = &ahead->sessions[ahead->n++];
        read = tm_lineage_open(session, store, settings, &ahead->names.names[i], watcher) == 0 &&
               tm_session_look_ahead(session, wish->looking) == 0;
        ahead->stands = ahead->stands || session->nights;
    }
    ahead->stands = ahead->stands && read;
}

int tm_ahead_stands(tm_store *store, const struct tm_ahead *ahead)
{
    int64_t version;
    int known = tm_version(store, &version);
    return known < 0 ? -1 : known == 1 && ahead->stands && version == ahead->version;
}

int tm_ahead_store(tm_store *store, struct tm_ahead *ahead, size_t *judged)
{
    int result = ahead->anew ? tm_do(store, TM_Q_LINEAGES_SPOIL_ALL, "") : 0;
    *judged = 0;
    for (size_t i = 0; i < ahead->n && result == 0; i++) {
        size_t nights = 0;
        if (!ahead->sessions[i].nights)
            continue;
        result = tm_session_bring_forward(&ahead->sessions[i], &nights);
        *judged += nights;
    }
    return result;
}

void tm_ahead_free(struct tm_ahead *ahead)
{
    for (size_t i = 0; i < ahead->n; i++) {
        tm_session_drop_ahead(&ahead->sessions[i]);
        tm_session_close(&ahead->sessions[i]);
    }
    free(ahead->sessions);
    tm_lineages_free(&ahead->names);
    *ahead = (struct tm_ahead){0};
}
