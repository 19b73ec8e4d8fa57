/* A file as a side of a comparison: what ingest would store is stored in memory, and read from there like any other run. */
#ifndef TM_CLI_SIDE_FILE_H
#define TM_CLI_SIDE_FILE_H

#include "cli/command.h"

struct tm_side_runs {
    struct tm_side_run {
        int64_t id, project_id, host_id, started_at;
        char *key, *branch, *commit, *project; /* owned; project NULL: the command's */
    } * list;
    size_t n;
};

/* The stored run of that key, appended: 1; 0: there is none; -1 with the store's message. */
int tm_side_find_run(tm_store *store, const char *project, const char *key, struct tm_side_runs *runs);
void tm_side_runs_free(struct tm_side_runs *runs);

/* Reads the file into a store of its own, *store, to be closed in any case: 0, or TM_EXIT_TROUBLE after a message. */
int tm_side_read_file(struct tm_context *context, const char *path, tm_store **store, struct tm_side_runs *runs);

#endif
