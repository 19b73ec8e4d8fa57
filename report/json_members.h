/* Members of JSON documents. `before` is all that stands between two values: comma, blanks and the key. */
#ifndef TM_REPORT_JSON_MEMBERS_H
#define TM_REPORT_JSON_MEMBERS_H

#include <stdio.h>

#include "analyze/report.h"

/* One member each. */
void tm_json_text(FILE *out, const char *before, const char *text); /* NULL: null */
void tm_json_number(FILE *out, const char *before, double value);   /* NAN: null */
void tm_json_count(FILE *out, const char *before, int64_t count);
void tm_json_flag(FILE *out, const char *before, bool flag);

/* A text that somebody has just made, and an array with a text for each of its lines (none: an empty array). Both free it. 0, or
 * -1: it is NULL, for there was no memory to make it. */
int tm_json_owned(FILE *out, const char *before, char *text);
int tm_json_lines(FILE *out, const char *before, char *text);

/* The line "run" of a document. */
void tm_json_run(FILE *out, const struct tm_report *report);

#endif
