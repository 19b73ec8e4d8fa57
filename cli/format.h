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

enum { TM_NUMBER_SIZE = 40 };

/* The shortest decimal that reads back as the same double; "inf", "-inf". */
const char *tm_exact_number(double value, char text[TM_NUMBER_SIZE]);

/* Writes text for people: control characters and broken UTF-8 become \xNN. Returns the characters written. */
size_t tm_write_safe(FILE *out, const char *text, size_t size);

#endif
