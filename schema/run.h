/* A run with all that belongs to it. */
#ifndef TM_SCHEMA_RUN_H
#define TM_SCHEMA_RUN_H

#include "schema/tidemark.h"

struct tm_run_content {
    struct tm_run run;
    const struct tm_profile *profiles; /* each plugin once */
    size_t n_profiles;
    const struct tm_spike *spikes;
    size_t n_spikes;
};

#endif
