/* Weeks in which runs were rolled up: reading one, writing one, and adding runs. Functions return 0, or -1 with the message in the
 * handle; those that write, inside a transaction. */
#ifndef TM_STORE_WEEKS_H
#define TM_STORE_WEEKS_H

#include "store/store.h"
#include "store/week_sums.h"

/* Which week. */
struct tm_week_place {
    int64_t project, host;
    const char *branch;
    int64_t begins_at;
};

/* *id 0: there is no such week. */
int tm_week_find(tm_store *store, const struct tm_week_place *place, int64_t *id);

/* Reads a stored week into `sums`, which is empty. */
int tm_week_read(tm_store *store, int64_t id, struct tm_week_sums *sums);

/* Adds a run with its repeats. */
int tm_week_roll(tm_store *store, int64_t run, struct tm_week_sums *sums);

/* Writes the week: id 0 adds one, else its rows give way. Sorts the sums. */
int tm_week_write(tm_store *store, const struct tm_week_place *place, int64_t id, struct tm_week_sums *sums);

/* Puts a fault into words. Always -1. */
int tm_week_fail(tm_store *store, enum tm_week_fault fault, const char *plugin);

#endif
