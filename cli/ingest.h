/* Ingest as a step of other commands. */
#ifndef TM_CLI_INGEST_H
#define TM_CLI_INGEST_H

#include "cli/command.h"
#include "cli/touched.h"
#include "ingest/diag.h"

struct tm_ingested {
    uint64_t stored, already, profiles;
    char key[TM_NAME_MAX + 1];     /* of the newest run */
    char project[TM_NAME_MAX + 1]; /* of the first one */
    bool several_projects;         /* others are of others */
    char part[TM_NAME_MAX + 1];    /* the last one, where what was stored are parts of runs, and counted as such; else "" */
    int64_t newest_at;
    struct tm_touched lineages; /* that the runs are of; to be freed with tm_touched_free */
};

/* The options about inputs that ingest and gate share, beside those with an own meaning in each. */
#define TM_INPUT_OPTIONS                                                                                                           \
    {"better", "SIDE",                                                                                                             \
     "with FILE: lower or higher: the better direction of metrics of which the input does not say it; METRIC=SIDE of one; may be " \
     "repeated"},                                                                                                                  \
        {"plugin", "NAME", "with FILE: the plugin that a file without plugins is about (default: the file's name)"},               \
        {"label", "NAME", "with FILE: the label (OpenMetrics) or attribute (traces) that names the plugin"},                       \
    {                                                                                                                              \
        "ignore", "COLUMN", "with FILE: skip a column of CSV; may be repeated"                                                     \
    }

/* Inside a transaction: stores the files that the command line names, by the options it gives. 0, or TM_EXIT_TROUBLE after
 * messages; then the transaction must be rolled back. */
int tm_ingest_words(struct tm_context *context, struct tm_ingested *ingested);

/* Says so. Only after the commit: what is said is stored. */
void tm_ingest_print(const struct tm_ingested *ingested);

/* Prints what was wrong with an input, on standard error: 0, or TM_EXIT_TROUBLE where memory was short and some of it is lost. */
int tm_print_diag(const struct tm_diag *diag);

#endif
