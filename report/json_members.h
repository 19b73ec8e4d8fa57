/* Members of JSON documents. `before` is all that stands between two values: comma, blanks and the key. */
#ifndef TM_REPORT_JSON_MEMBERS_H
#define TM_REPORT_JSON_MEMBERS_H

#include "report/report.h"

void tm_json_text(FILE *out, const char *before, const char *text); /* NULL: null */
void tm_json_number(FILE *out, const char *before, double value);   /* NAN: null */
void tm_json_count(FILE *out, const char *before, int64_t count);
void tm_json_flag(FILE *out, const char *before, bool flag);
void tm_json_lines(FILE *out, const char *before, char *lines); /* an array with a text per line; takes the lines apart */
void tm_json_run(FILE *out, const struct tm_report *report);    /* the line "run" of a document */
void tm_json_since(FILE *out, const struct tm_report_verdict *verdict);
void tm_json_standing(FILE *out, const char *before, const struct tm_report_verdict *verdict);

#endif
