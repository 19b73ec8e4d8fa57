/* A store's past as the gate would have judged it, kept for those who look back: which runs each plugin was in, and what was raised
 * where. */
#ifndef TM_GATE_PAST_H
#define TM_GATE_PAST_H

#include "analyze/evaluation.h"
#include "gate/run.h"

struct tm_past_run {
    const char *key, *commit; /* commit "": unknown */
    size_t lineage;           /* on which host and branch, numbered from 0 in the order they were judged */
};

/* One plugin on one host and branch. */
struct tm_past_plugin {
    const char *name;
    size_t lineage;
    struct tm_history history;
    int *runs;                     /* by position in the history: the index of the run */
    struct tm_past_values *values; /* the newest, by metric */
};

struct tm_past {
    struct tm_past_run *runs; /* of one lineage after the other, in the order of time */
    size_t n_runs, n_lineages;
    struct tm_past_plugin *plugins;
    size_t n_plugins;
    size_t n_whole_run; /* alarms of the whole run */

    /* for the reading */
    const struct tm_rules *rules;
    int64_t host_id;
    const char *branch;
    struct tm_arena texts;
    struct tm_hash index; /* of the lineage in hand, by plugin id: position + 1 */
};

/* Replays the scope as if nobody had decided anything, storing nothing: 0, or -1 with the store's message. Free in any case. The
 * histories have no events yet; those are the caller's to add, with tm_array_add. */
int tm_past_read(struct tm_past *past, tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope);
void tm_past_free(struct tm_past *past);

/* The position in the plugin's history of that run; where the plugin is not in it, of the last one before it: *exactly says
 * which. -1: there is none before. */
int tm_past_position(const struct tm_past_plugin *plugin, size_t run, bool *exactly);

#endif
