/* One plugin's figures as they are shown, and what they were made from. */
#ifndef TM_RECORD_ENTRY_H
#define TM_RECORD_ENTRY_H

#include "record/state.h"

/* What an entry was made from, to be given back where it cannot be written. */
struct tm_source {
    tm_rec_plugin *plugin;
    int64_t sums[TM_SUMS], extremes[TM_EXTREMES];
    int64_t owner_delta, owner_peak;
    struct tm_sketch latency;
    unsigned char *blob;
    size_t blob_size;
    char *version;
    struct tm_errors *errors; /* NULL: none */
    struct tm_reading readings[5];
};

/* The memory that an entry needs, before anything is taken for it. -1: there is none. blob: with the latency sketch. */
int tm_source_make(struct tm_source *source, const struct tm_totals *totals, bool blob);
void tm_source_free(struct tm_source *source); /* all zero is harmless */

/* Cannot fail. source->errors and the owner's figures have been read by then. */
void tm_entry_fill(struct tm_rec_entry *entry, struct tm_source *source); /* the entry points into its source */

#endif
