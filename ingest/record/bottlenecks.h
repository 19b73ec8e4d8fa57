/* Who is an outlier among the plugins of a recording: lines as `tidemark bottlenecks` prints them for a stored run.
 *
 * Of the averages per call v_1..v_n:
 *
 *     z          (v_i - mean) / stdev (n - 1)                    as everybody knows it; cannot exceed (n - 1) / sqrt(n)
 *     robust z   (ln v_i - median) / (1.4826 MAD) of logarithms  several slow plugins do not hide each other; n >= 3
 *     rank       percent of the others that are faster; half of those that are as fast count
 *
 * An outlier has z > 2 or a robust z > 3. */
#ifndef TM_INGEST_RECORD_BOTTLENECKS_H
#define TM_INGEST_RECORD_BOTTLENECKS_H

#include <stdbool.h>

#include "ingest/record/tidemark_record.h"

/* The plugins that were called and `wanted` has a word for, the slowest first: outliers as [BOTTLENECK], with `all` the others as
 * [PLUGIN]. -1: no memory. */
int tm_bottlenecks_put(FILE *out, const struct tm_rec_snapshot *snapshot, bool all,
                       bool (*wanted)(void *context, const char *plugin), void *context);

#endif
