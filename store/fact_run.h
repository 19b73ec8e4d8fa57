/* A stored run's rows as a fact has them. */
#ifndef TM_STORE_FACT_RUN_H
#define TM_STORE_FACT_RUN_H

#include "base/arena.h"
#include "store/content.h"
#include "store/store.h"

/* Room for the rows of a run, used again for the next. All zero is empty. */
struct tm_fact_run {
    struct tm_arena texts;
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct tm_spike *spikes;
    size_t n_spikes, spikes_room;
    struct tm_reading *readings; /* one plugin's behind the other's */
    size_t n_readings, readings_room;
};

/* Reads profiles, readings and spikes under the id into content, which borrows from `into` until it is read into again. 0, or -1
 * with the message in the handle. */
int tm_fact_run_read(tm_store *store, enum tm_rows_of of, int64_t id, struct tm_fact_run *into, struct tm_run_content *content);

void tm_fact_run_free(struct tm_fact_run *run);

#endif
