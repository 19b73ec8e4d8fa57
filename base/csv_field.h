/* A field of CSV as Tidemark writes it, wherever it does. */
#ifndef TM_BASE_CSV_FIELD_H
#define TM_BASE_CSV_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Quoted as RFC 4180 has it where it must be, where it is empty (a bare empty field is NULL), and where readers would strip blanks.
 */
typedef void tm_csv_writer(FILE *out, const char *text, size_t size);
tm_csv_writer tm_csv_field;
bool tm_csv_needs_quotes(const char *text, size_t size);

#endif
