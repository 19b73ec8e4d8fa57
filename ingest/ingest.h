/* Reading measurements: files in, runs out, one after the other. */
#ifndef TM_INGEST_INGEST_H
#define TM_INGEST_INGEST_H

#include <stdbool.h>

#include "ingest/diag.h"
#include "schema/run.h"

/* A single value that a run's figure was made of, where a file has more than one: of the metric, or (NULL) of the wall time per
 * call in ns. Called in the reader's thread. 0, or -1: no memory. */
typedef int tm_single_seen(void *context, const char *plugin, const char *metric, double value);

struct tm_ingest_options {
    const char *const *files; /* "-" is standard input */
    size_t n_files;
    struct tm_run run; /* what options say of the run; NULL where they say nothing. In key and part '{stem}' is the file's name */
    const char *default_branch;  /* the same of the branch; NULL: the store's */
    const char *default_project; /* of runs whose project neither run.project nor the input says; NULL: the store's */
    bool has_start;     /* run.started_at is from an option; else it is what to assume where no column says, a clock's word */
    bool at_mtime;      /* a file without a time is of the file's own */
    bool per_call;      /* a row is a call, not a profile */
    const char *format; /* how to read all inputs; NULL: as each begins */
    const struct tm_better {
        const char *metric, *side; /* metric NULL: all of which the input does not say it */
    } * better;
    size_t n_better;
    const char *plugin;         /* the one that a file without plugins is about; NULL: named after the file */
    const char *label;          /* the label of OpenMetrics that names the plugin */
    const char *const *ignored; /* columns to pass over */
    size_t n_ignored;
    tm_single_seen *single; /* NULL: nobody asks */
    void *single_context;   /* may be looked at when the reader is closed */
};

typedef struct tm_reader tm_reader;

/* What options say of the metric's direction, `told` being what the input says: "lower", "higher", or NULL. */
const char *tm_ingest_better(const struct tm_ingest_options *options, const char *metric, const char *told);

/* Starts reading, in a thread of its own. NULL: no memory, or no thread. The options must outlive the reader. */
tm_reader *tm_reader_open(const struct tm_ingest_options *options);

/* The next whole run, valid until the next call. 1, 0 at the end, -1 if the input has errors (all of it has been read then). */
int tm_reader_next(tm_reader *reader, struct tm_run_content *content, struct tm_place *place);

/* What was wrong, and notices: complete after the end. */
const struct tm_diag *tm_reader_diag(const tm_reader *reader);
uint64_t tm_reader_bytes(const tm_reader *reader); /* read so far */
void tm_reader_close(tm_reader *reader);           /* also in mid-input; NULL is harmless */

#endif
