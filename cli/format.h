/* One writer per output form: a new form is one file and one row in formats[]. */
#ifndef TM_CLI_FORMAT_H
#define TM_CLI_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/command.h"

/* Rows to be written, wherever they come from: a store's, or made here. */
struct tm_listing {
    void *of;
    int (*next)(void *of); /* as tm_rows_next */
    int (*width)(const void *of);
    const char *(*name)(const void *of, int column);
    struct tm_value (*value)(const void *of, int column);
};

struct tm_listing tm_listing_of(tm_rows *rows);

struct tm_format {
    const char *name;
    /* Writes all rows: 0, or -1 when reading them failed. */
    int (*write)(FILE *out, const struct tm_listing *rows);
};

#define TM_FORMAT_OPTION                                                                                                           \
    {                                                                                                                              \
        "format", "FORM", "table, csv, json or markdown (default: table on a terminal, else csv)"                                  \
    }

extern const struct tm_format tm_format_table, tm_format_csv, tm_format_json, tm_format_markdown;

/* NULL: there is none of that name. */
const struct tm_format *tm_format_named(const char *name);

/* Prints all rows on standard output in the form that --format asks for, closes them, and returns an exit code. rows NULL: the
 * store says why. */
int tm_print_rows(struct tm_context *context, tm_rows *rows);

/* Is it the table, for people: asked for, or the default on a terminal? */
bool tm_format_is_table(const struct tm_arguments *arguments);

#endif
