/* A run with all that belongs to it. */
#ifndef TM_SCHEMA_RUN_H
#define TM_SCHEMA_RUN_H

#include <stdbool.h>

#include "schema/tidemark.h"

struct tm_run_content {
    struct tm_run run;                 /* key NULL: the default key, see schema/key.h */
    bool assumed_start;                /* nobody said run.started_at: it counts for a new run, a stored one keeps its own */
    const struct tm_profile *profiles; /* each plugin once */
    size_t n_profiles;
    const struct tm_spike *spikes;
    size_t n_spikes;
};

#endif
