/* One writer per output form: a new form is one file and one row in formats[]. */
#ifndef TM_CLI_FORMAT_H
#define TM_CLI_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "store/store.h"

struct tm_format {
    const char *name;
    /* Writes all rows: 0, or -1 when reading them failed. */
    int (*write)(FILE *out, tm_rows *rows);
};

extern const struct tm_format tm_format_table, tm_format_csv, tm_format_json, tm_format_markdown;

#endif
