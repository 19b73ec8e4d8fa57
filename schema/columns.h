/* Columns of CSV and members of JSON lines that are no field of a profile (schema/fields.h): what they are called is said here
 * alone, for those who read them and those who write them. */
#ifndef TM_SCHEMA_COLUMNS_H
#define TM_SCHEMA_COLUMNS_H

#include "schema/tidemark.h"

/* Facts of the whole run; every row of it repeats them. */
enum tm_run_slot {
    TM_RUN_PROJECT,
    TM_RUN_KEY,
    TM_RUN_STARTED_AT,
    TM_RUN_BRANCH,
    TM_RUN_COMMIT,
    TM_RUN_HOST,
    TM_RUN_VERSION,
    TM_RUN_TOOL,
    TM_RUN_REPEAT_OF,
    TM_RUN_SLOTS
};

/* "project", "run", "started_at", ... */
const char *tm_run_slot_name(enum tm_run_slot slot);

/* The run's text for a slot, NULL: it has none. Not of started_at, which is no text. */
const char *tm_run_slot_text(enum tm_run_slot slot, const struct tm_run *run);

/* The latency sketch, as hexadecimal digits. */
#define TM_SKETCH_COLUMN "latency_sketch"

/* A metric whose column says its unit and direction, whatever it is called:
 *
 *     metric[better=higher unit=MB/s] throughput
 *
 * better is lower, higher or both (nobody knows); either part may be missing, and is not said then. In the unit a backslash stands
 * before ']', before a backslash and before " better=". All behind "] " is the name. */
#define TM_BETTER_BOTH "both"

/* Such a column's name, to be freed; NULL: no memory. Direction and unit NULL: not said. */
char *tm_metric_column(const char *name, const char *unit, const char *better);

/* Takes one apart, changing the text, into which metric and unit then point; better is a constant. 1; 0: it is none; -1: it begins
 * like one, and goes on otherwise. */
int tm_metric_column_read(char *text, struct tm_reading *metric);

#endif
