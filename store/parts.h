/* A run that several processes have measured: each stores its part, and the run's rows are made of them all. Functions return 0, or
 * -1 with the message in the handle. */
#ifndef TM_STORE_PARTS_H
#define TM_STORE_PARTS_H

#include "schema/run.h"
#include "store/store.h"

/* As tm_put_run, of content whose run has a part and a key. */
int tm_put_part(tm_store *store, int64_t project, const struct tm_run_content *content, enum tm_put_mode mode,
                enum tm_outcome *outcome);

/* Was the run stored in parts? 1, 0 or -1. */
int tm_in_parts(tm_store *store, int64_t run);

/* Removes the run's parts; its own rows stay. */
int tm_parts_clear(tm_store *store, int64_t run);

#endif
