/* The loader's report: who is an outlier among the plugins of a recording, as `tidemark bottlenecks` says it of a stored run. */
#ifndef TM_RECORD_OUTLET_BOTTLENECKS_H
#define TM_RECORD_OUTLET_BOTTLENECKS_H

#include <stdbool.h>

#include "record/tidemark_record.h"

/* The plugins that were called and `wanted` has a word for: lines as report/bottlenecks.h describes them, at a z of 2.
 * 0, or -1: no memory. */
int tm_snapshot_put_bottlenecks(FILE *out, const struct tm_rec_snapshot *snapshot, bool all,
                                bool (*wanted)(void *context, const char *plugin), void *context);

#endif
