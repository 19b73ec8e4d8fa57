/* A row per call: summed up per plugin while streaming, so that memory depends on the number of plugins only. */
#ifndef TM_INGEST_CALLS_H
#define TM_INGEST_CALLS_H

#include "ingest/chunk.h"
#include "ingest/symbols.h"

/* The metrics of an input: names and units of its further columns. */
struct tm_metrics {
    struct tm_reading *names; /* value unused */
    size_t count;
    size_t last; /* the one that was asked for last */
};

/* The plugins called in the run in hand, in the order of their first call. All zero: none. */
struct tm_calls {
    struct tm_symbol **called;
    size_t count, room;
};

/* Adds one call: wall, CPU, errors and memory of `call`, and the metrics' values (NAN: none). -1: no memory. */
int tm_calls_add(struct tm_calls *calls, struct tm_symbol *plugin, const struct tm_profile *call, const double *values,
                 size_t n_values);

/* Adds a profile per plugin to the chunk and forgets the calls: totals, percentiles, sketch; of a metric the mean over its calls.
 */
int tm_calls_finish(struct tm_calls *calls, struct tm_chunk *chunk, const struct tm_metrics *metrics);

/* Frees the totals, which hang at the symbols: to be called before these are freed. */
void tm_calls_free(struct tm_calls *calls, struct tm_symbols *symbols);

/* Gives the profile those of `values` that are there as readings. */
int tm_give_readings(struct tm_chunk *chunk, struct tm_profile *profile, const struct tm_metrics *metrics, const double *values);

#endif
