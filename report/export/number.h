/* Numbers as decimals from which the reader gets the same double. */
#ifndef TM_REPORT_EXPORT_NUMBER_H
#define TM_REPORT_EXPORT_NUMBER_H

#include <stdio.h>

#include "schema/fields.h"

/* A profile's measurement in the unit of its name (wall_ms, peak_mem_kb), such that ingest stores the same double again: times are
 * kept in ns, and a double in ms would be another number for many of them. */
void tm_put_field_number(FILE *out, const struct tm_field *field, double value);

/* Any finite number. */
void tm_put_exact(FILE *out, double value);

/* Bytes as hexadecimal digits. */
void tm_put_bytes(FILE *out, const void *bytes, size_t size);

#endif
