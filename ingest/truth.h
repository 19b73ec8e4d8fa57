/* A list of known changes, written by people as CSV: which plugin, from which run on, and what it was. docs/tidemark.1 (evaluate)
 * describes the columns. What the names stand for in a store is for the caller to find. */
#ifndef TM_INGEST_TRUTH_H
#define TM_INGEST_TRUTH_H

#include "base/arena.h"
#include "ingest/diag.h"

enum tm_truth_kind { TM_TRUTH_STEP, TM_TRUTH_DRIFT, TM_TRUTH_GRAY };

enum tm_truth_by { TM_TRUTH_BY_RUN, TM_TRUTH_BY_COMMIT, TM_TRUTH_BY_POSITION, TM_TRUTH_BYS }; /* of `first` and `last` */

/* A field, and where it stands in the file. */
struct tm_truth_text {
    const char *text; /* "": empty, or there is no such column */
    struct tm_place place;
};

struct tm_truth_row {
    enum tm_truth_kind kind;
    enum tm_truth_by by;
    struct tm_truth_text plugin, metric, first, last;
    int64_t first_position, last_position; /* by position; last_position -1: not said */
};

struct tm_truth {
    struct tm_truth_row *rows;
    size_t n_rows;
    struct tm_arena texts;
};

/* Reads the rows that are about the project, or about none by name. 0, or -1: diag says what is wrong. Free in any case. `file`
 * ("-": standard input) must outlive the truth. */
int tm_truth_read(struct tm_truth *truth, const char *file, const char *project, struct tm_diag *diag);
void tm_truth_free(struct tm_truth *truth);

#endif
