/* The one place that speaks to libcsv: strict CSV from a source, field by field, with positions.
 *
 * What libcsv leaves to its callers is settled here: a byte order mark is skipped, lines are counted (also inside quotes), fields
 * and lines are bounded, NUL bytes and lone carriage returns are errors, and after an error nothing more is reported. */
#ifndef TM_INGEST_FORMATS_CSV_SPLIT_H
#define TM_INGEST_FORMATS_CSV_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "ingest/diag.h"
#include "ingest/source.h"

enum { TM_FIELD_MAX = 1 << 20 }; /* bytes: a thousand times the longest name */

struct tm_csv_handler {
    void *context;
    void (*field)(void *context, const char *text, size_t size); /* valid during the call; not terminated */
    void (*row)(void *context);
};

struct tm_csv;

/* Reads the source to its end. Returns 0, or -1 when it had to stop early: the reason has been added to diag. *current is the
 * reader while the handler is called. */
int tm_csv_read(struct tm_source *source, const struct tm_csv_handler *handler, struct tm_diag *diag, struct tm_csv **current);

/* Where field `index` (from 0) of the row being handled begins. */
struct tm_place tm_csv_place(const struct tm_csv *csv, size_t index);

#endif
