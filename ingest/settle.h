/* What a run is called, when and where it was: of what options and file say. */
#ifndef TM_INGEST_SETTLE_H
#define TM_INGEST_SETTLE_H

#include "ingest/gather.h"

/* The run of those facts: options win over the file, and the file over what is assumed; *assumed: nobody says when it was. Texts
 * live as long as the sink's chunk. False: options and file do not go together, which has been told, or there was no memory. */
bool tm_settle_run(struct tm_gather *gather, const struct tm_gather_facts *facts, struct tm_run *run, bool *assumed);

/* The run's name by --run for that file: '{stem}' in it is the file's name without folder and extension. NULL: no --run, or no
 * memory, which has been noted. */
const char *tm_settle_key(struct tm_sink *sink, const char *file);

/* The same of --part. */
const char *tm_settle_part(struct tm_sink *sink, const char *file);

/* When a run of that file was, `told` being what the file says (-1: nothing): of the option, the file, or the file's own time if
 * that is asked for; else *started_at is left as assumed. False: it cannot be known, which has been told. */
bool tm_settle_start(struct tm_sink *sink, const char *file, int64_t told, int64_t *started_at, bool *assumed);

/* A file's name without folder and extension; of what is only compressed it has two. */
void tm_settle_stem(const char *file, const char **stem, size_t *size);

/* Does --run name a run for each file, or --part a part? */
bool tm_settle_each_file(const struct tm_ingest_options *options);

#endif
