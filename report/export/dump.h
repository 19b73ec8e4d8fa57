/* A store as text: a line of JSON for each fact, in an order of names and time, so that two dumps differ in what the stores do. The
 * reader is ingest/dump_reader.h; docs/dump.md describes the lines. */
#ifndef TM_REPORT_EXPORT_DUMP_H
#define TM_REPORT_EXPORT_DUMP_H

#include <stdio.h>

#include "schema/facts.h"

void tm_dump_begin(FILE *out);
void tm_dump_fact(FILE *out, const struct tm_fact *fact);

/* The last line, by which a dump that was cut off is known. */
void tm_dump_end(FILE *out);

#endif
