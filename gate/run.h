/* Which run is judged, and the lineages of a project. */
#ifndef TM_GATE_RUN_H
#define TM_GATE_RUN_H

#include "gate/session.h"
#include "gate/settings.h"

/* A run that a gate, a report or a decision speaks of. Texts are owned; commit "": unknown. */
struct tm_judged_run {
    int64_t id, project_id, host_id, started_at;
    char *key, *branch, *commit;
    struct tm_noted noted; /* by tm_gate_judge, if it is the newest one */
};

/* The run of that key, NULL the newest one, of the scope's project, branch and host (branch and host NULL: any). A run that
 * confirms another one stands for that. 1: found, 0: there is none, -1 with the store's message. Free in any case. */
int tm_judged_run_find(tm_store *store, const struct tm_scope *scope, const char *key, struct tm_judged_run *run);
void tm_judged_run_free(struct tm_judged_run *run);

/* Who watches while many nights are judged; all zero: nobody. */
struct tm_watcher {
    tm_judging_progress *progress;
    void *context;
    struct tm_noted *noted; /* takes what the newest run notes */
};

/* Inside a transaction: judges what was not judged yet of the run's lineage, and stores it. *judged counts the nights. 0 or -1. */
int tm_judge_lineage(tm_store *store, const struct tm_settings *settings, const struct tm_judged_run *run,
                     const struct tm_watcher *watcher, size_t *judged);

/* Lineages by name; texts are owned. */
struct tm_lineage_name {
    int64_t project_id, host_id;
    const char *branch;
};

struct tm_lineage_names {
    struct tm_lineage_name *names;
    size_t n;
    struct tm_arena branches;
};

/* All of the scope, the base branch first, for others begin from its runs. 0 or -1; free in any case. */
int tm_lineages_list(tm_store *store, const struct tm_scope *scope, const char *base, struct tm_lineage_names *list);
void tm_lineages_free(struct tm_lineage_names *list);

/* Opens a session by the settings, with who watches. To be closed in any case. */
int tm_lineage_open(struct tm_session *session, tm_store *store, const struct tm_settings *settings,
                    const struct tm_lineage_name *name, const struct tm_watcher *watcher);

struct tm_replay_wish {
    int64_t until;  /* the last second */
    bool undecided; /* as if nobody had decided anything: who accepts a level on the night of its alarm has no alarm in the past */
};

/* Replays every lineage of the scope, the base branch first, storing nothing: 0, or -1. */
int tm_replay_lineages(tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope,
                       const struct tm_replay_wish *wish, tm_night_seen *seen, void *context);

/* Inside a transaction: drops all that was said and remembered of the project's runs, and judges every night anew. 0 or -1. */
int tm_rebuild_lineages(tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope,
                        const struct tm_watcher *watcher, size_t *judged);

#endif
