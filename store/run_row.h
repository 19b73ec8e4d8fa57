/* A run's own row: what is said of the run as a whole. Functions return 0, or -1 with the message in the handle. */
#ifndef TM_STORE_RUN_ROW_H
#define TM_STORE_RUN_ROW_H

#include <stdbool.h>

#include "schema/run.h"

/* What is not given takes its default: branch main, this machine. */
static inline const char *tm_run_branch(const struct tm_run *run)
{
    return run->branch ? run->branch : "main";
}

static inline const char *tm_run_host(const struct tm_run *run)
{
    return run->host ? run->host : tm_host();
}

struct tm_stored_run {
    int64_t id; /* 0: there is none */
    bool same;  /* as far as the run's own row goes; else the handle's message names the difference */
};

/* Is a run of that key stored? It is noted, so that its rows cannot come a second time in this transaction. */
int tm_run_find(tm_store *store, int64_t project, const struct tm_run_content *content, struct tm_stored_run *stored);

/* Adds the row, and notes it; what is not given takes its default. Or changes it; what is not given keeps its stored value. */
int tm_run_write(tm_store *store, int64_t project, const struct tm_run *run, int64_t *id);
int tm_run_rewrite(tm_store *store, int64_t project, const struct tm_run_content *content, int64_t id);

/* Tells the lineages that have judged this run, or later ones, to judge again. A repeat counts as its first run. */
int tm_run_touch(tm_store *store, int64_t project, int64_t run);

#endif
