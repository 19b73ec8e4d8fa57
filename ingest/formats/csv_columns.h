/* What the columns of a CSV file mean, told from its header. */
#ifndef TM_INGEST_FORMATS_CSV_COLUMNS_H
#define TM_INGEST_FORMATS_CSV_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/columns.h"

enum tm_column_kind {
    TM_COLUMN_IGNORED,
    TM_COLUMN_PLUGIN,
    TM_COLUMN_RUN_TEXT, /* of the whole run: `slot` is a tm_run_slot */
    TM_COLUMN_COUNT,
    TM_COLUMN_REAL,
    TM_COLUMN_TEXT,
    TM_COLUMN_SKETCH,
    TM_COLUMN_METRIC, /* `slot` is its ordinal among the metrics */
};

struct tm_column {
    enum tm_column_kind kind;
    char *name;          /* as the file has it */
    const char *meaning; /* the name of what it fills: two columns of one meaning are one too many */
    size_t at;           /* COUNT, REAL, TEXT: offset in struct tm_profile */
    int slot;
    int shift; /* REAL: value = number * 10^shift * factor */
    double factor;
    bool may_fall;               /* REAL: may be negative */
    const char *unit;            /* METRIC: NULL where the name has no suffix. What was not understood: a suffix that would do */
    struct tm_reading described; /* METRIC: as its column describes it (schema/columns.h); metric NULL: it does not */
};

/* Fills in what `name` means: 0, or -1 if it is a known measurement without a known unit. Unknown names are metrics. Takes no
 * ownership. */
int tm_column_understand(struct tm_column *column, const char *name);

#endif
