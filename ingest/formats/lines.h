/* The lines of a text, one after the other, with their numbers. */
#ifndef TM_INGEST_FORMATS_LINES_H
#define TM_INGEST_FORMATS_LINES_H

#include "ingest/diag.h"
#include "ingest/source.h"

enum { TM_LINE_MAX = 1 << 20 }; /* bytes: what is longer is no line that a program prints of a measurement */

/* All zero before the first input. */
struct tm_lines {
    struct tm_source *source;
    struct tm_diag *diag;
    char *buffer;
    size_t room, filled, at;
    bool ended, failed;
    uint64_t line; /* number of the line in hand */
};

void tm_lines_begin(struct tm_lines *lines, struct tm_source *source, struct tm_diag *diag);

/* The next line, terminated, without its end (which may be CR LF), good until the next call; NULL: there is none, or a fault has
 * been told (lines->failed). It may hold NUL bytes: *size counts. */
char *tm_lines_next(struct tm_lines *lines, size_t *size);

void tm_lines_free(struct tm_lines *lines);

/* A word of a line, between blanks and tabs: its beginning, or NULL; *at is moved behind it, and *size its length. */
const char *tm_word(const char **at, size_t *size);

#endif
