/* A file as a side of a comparison: what ingest would store is stored in memory, and read from there like any other run. */
#ifndef TM_CLI_SIDE_FILE_H
#define TM_CLI_SIDE_FILE_H

#include "base/arena.h"
#include "cli/command.h"

struct tm_side_runs {
    struct tm_side_run {
        int64_t id, project_id, host_id, started_at;
        char *key, *branch, *commit, *project; /* owned; project NULL: the command's */
        bool unnamed;                          /* key is of its rows: the file says none */
    } * list;
    size_t n;
};

/* The stored run of that key, appended: 1; 0: there is none; -1 with the store's message. */
int tm_side_find_run(tm_store *store, const char *project, const char *key, struct tm_side_runs *runs);
void tm_side_runs_free(struct tm_side_runs *runs);

/* The single values that the file's figures were made of. Texts are in the arena. */
struct tm_side_singles {
    struct tm_side_single {
        const char *plugin, *metric; /* metric NULL: wall time per call, in ns */
        double value;
    } * list;
    size_t n;
    struct tm_arena texts;
};

void tm_side_singles_free(struct tm_side_singles *singles);

/* Reads the file into a store of its own, *store, to be closed in any case: 0, or TM_EXIT_TROUBLE after a message. Runs and singles
 * are to be freed in any case. */
int tm_side_read_file(struct tm_context *context, const char *path, tm_store **store, struct tm_side_runs *runs,
                      struct tm_side_singles *singles);

#endif
