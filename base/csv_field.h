/* A field of CSV as Tidemark writes it, wherever it does. */
#ifndef TM_BASE_CSV_FIELD_H
#define TM_BASE_CSV_FIELD_H

#include <stddef.h>
#include <stdio.h>

/* Quoted as RFC 4180 has it where it must be, where it is empty (a bare empty field is NULL), and where readers would strip blanks.
 */
void tm_csv_field(FILE *out, const char *text, size_t size);

#endif
