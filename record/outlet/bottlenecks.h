/* The loader's report: who is an outlier among the plugins of a recording, as `tidemark bottlenecks` says it of a stored run. */
#ifndef TM_RECORD_OUTLET_BOTTLENECKS_H
#define TM_RECORD_OUTLET_BOTTLENECKS_H

#include <stdbool.h>

#include "record/tidemark_record.h"

/* Lines as report/bottlenecks.h describes them, at a z of 2, of the plugins that were called and that `wanted` says 1 of; 0: leave
 * it out, -1: it cannot be told. 0, or -1: no memory, or `wanted` said so. */
int tm_snapshot_put_bottlenecks(FILE *out, const struct tm_rec_snapshot *snapshot, bool all,
                                int (*wanted)(void *context, const char *plugin), void *context);

#endif
