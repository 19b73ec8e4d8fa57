/* Which run a command speaks of, and bringing the judge up to it. */
#ifndef TM_CLI_PICK_H
#define TM_CLI_PICK_H

#include "cli/settings.h"

struct tm_picked_run {
    int64_t id, project_id, host_id, started_at;
    char *key, *branch, *commit; /* owned; commit "": unknown */
};

/* The run of that key, NULL the newest one, of the project, branch and host that the command line names: 0, or TM_EXIT_TROUBLE
 * after a message. */
int tm_pick_run(const struct tm_arguments *arguments, tm_store *store, const char *key, struct tm_picked_run *run);
void tm_picked_run_free(struct tm_picked_run *run);

/* Inside a transaction: judges what was not judged yet of the run's lineage, and stores it. *judged counts the nights. */
int tm_judge_lineage(tm_store *store, const struct tm_settings *settings, const struct tm_picked_run *run, size_t *judged);

#endif
