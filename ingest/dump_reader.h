/* Reading a dump (report/export/dump.h), a fact after the other. */
#ifndef TM_INGEST_DUMP_READER_H
#define TM_INGEST_DUMP_READER_H

#include "ingest/diag.h"
#include "schema/facts.h"

typedef struct tm_dump_reader tm_dump_reader;

/* "-" is standard input; gzip is read as what it holds. NULL: no memory. What else is wrong, the first tm_dump_next says. */
tm_dump_reader *tm_dump_open(const char *file);

/* The next fact, whose texts are valid until the next call, and where it begins. 1; 0 at the end, which has been read; -1: the diag
 * says what was found. */
int tm_dump_next(tm_dump_reader *reader, struct tm_fact *fact, struct tm_place *place);

const struct tm_diag *tm_dump_diag(const tm_dump_reader *reader);
void tm_dump_close(tm_dump_reader *reader); /* NULL is harmless */

#endif
