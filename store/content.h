/* One run's rows on their way into the tables. Functions return 0, or -1 with the message in the handle. */
#ifndef TM_STORE_CONTENT_H
#define TM_STORE_CONTENT_H

#include <stdbool.h>

#include "schema/run.h"
#include "schema/sql.h"

/* Whose rows: a run's own, which all else reads, or those that a part of it gave. */
enum tm_rows_of { TM_OF_RUN, TM_OF_PART };

/* The statements for either. Their first parameter is the id of the run or the part. */
struct tm_content_queries {
    enum tm_query profiles, profile_find, reading_add, reading_find, spike_add, spikes_count; /* writing and comparing */
    enum tm_query clear[4];                                  /* from the leaves to the root; TM_Q_COUNT: none more */
    enum tm_query profiles_told, readings_told, spikes_told; /* reading all, in the order of plugins' names */
};
extern const struct tm_content_queries tm_content_queries[];

/* Checks the profiles and the spikes and lays the profiles into the handle's batch, each plugin once, in the order of ids. */
int tm_content_prepare(tm_store *store, int64_t project, const struct tm_run_content *content);

/* Writes the batch under the id, and the spikes behind those it has. */
int tm_content_write(tm_store *store, int64_t project, enum tm_rows_of of, int64_t id, const struct tm_run_content *content);

/* Removes all that is stored under the id but its own row. */
int tm_content_clear(tm_store *store, enum tm_rows_of of, int64_t id);

enum tm_likeness {
    TM_SAME,  /* all that is given is stored; nothing else is stored, unless only an append was asked for */
    TM_MORE,  /* appending: the batch now holds just the plugins that are not stored yet */
    TM_OTHER, /* the handle's message names the first difference */
    TM_FAILED,
};

/* Compares the batch and the spikes with what is stored under the id. */
enum tm_likeness tm_content_compare(tm_store *store, int64_t project, enum tm_rows_of of, int64_t id,
                                    const struct tm_run_content *content, bool append);

#endif
