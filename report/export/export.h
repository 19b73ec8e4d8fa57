/* What was measured, in forms that other programs read: one file and one row in tm_export_forms[] each. A form gets run after run
 * and keeps none, so that a history of any length takes the memory of its largest run. */
#ifndef TM_REPORT_EXPORT_EXPORT_H
#define TM_REPORT_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "schema/run.h"

/* One export, as its form sees it. */
struct tm_export {
    FILE *out;
    /* All metrics that readings may be of, in an order that holds for the whole export. A reading's name is one of these pointers,
     * and the readings of a profile are in their order. A name comes again where projects have it with another unit or direction.
     */
    const struct tm_reading *metrics;
    size_t n_metrics;
    int pass;             /* which of the form's passes it is, from 0 */
    char *lineage;        /* of the form: the one it has written last; freed after the export */
    bool begun;           /* of the form: the pass has written something; false where a pass begins */
    int64_t newest_start; /* of the runs that have been written */
};

/* How runs come. */
enum tm_export_order {
    TM_EXPORT_BY_TIME,    /* each project's, its repeats behind the run that they confirm */
    TM_EXPORT_BY_LINEAGE, /* those of one branch and host together; no repeats */
    TM_EXPORT_NEWEST,     /* the newest of each branch and host, or the one that was named; no repeats */
};

/* begin and end may be NULL: nothing stands there. Each returns 0, or -1: no memory, and what was written is not to be used. Errors
 * of `out` are the caller's to look for. */
struct tm_export_form {
    const char *name;
    enum tm_export_order order;
    int (*passes)(void); /* how often all runs come, each time in the same order; NULL: once */
    int (*begin)(struct tm_export *export);
    int (*run)(struct tm_export *export, const struct tm_run_content *content);
    int (*end)(struct tm_export *export);
};

extern const struct tm_export_form *const tm_export_forms[]; /* ends with NULL */

/* The form of that name; NULL: there is none. */
const struct tm_export_form *tm_export_form_named(const char *name);

extern const struct tm_export_form tm_export_csv, tm_export_ndjson, tm_export_data_js, tm_export_openmetrics, tm_export_otlp;

#endif
