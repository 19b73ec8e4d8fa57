/* One run's rows on their way into the tables. Functions return 0, or -1 with the message in the handle. */
#ifndef TM_STORE_CONTENT_H
#define TM_STORE_CONTENT_H

#include <stdbool.h>

#include "schema/run.h"

/* Checks the profiles and the spikes and lays the profiles into the handle's batch, each plugin once, in the order of ids. */
int tm_content_prepare(tm_store *store, int64_t project, const struct tm_run_content *content);

/* Writes the batch under run_id, and the spikes behind those it has. */
int tm_content_write(tm_store *store, int64_t project, int64_t run_id, const struct tm_run_content *content);

/* Removes all that is stored of a run but its own row. */
int tm_content_clear(tm_store *store, int64_t run_id);

enum tm_likeness {
    TM_SAME,  /* all that is given is stored; nothing else is stored, unless only an append was asked for */
    TM_MORE,  /* appending: the batch now holds just the plugins that are not stored yet */
    TM_OTHER, /* the handle's message names the first difference */
    TM_FAILED,
};

/* Compares the batch and the spikes with what is stored of run_id. */
enum tm_likeness tm_content_compare(tm_store *store, int64_t project, int64_t run_id, const struct tm_run_content *content,
                                    bool append);

#endif
