/* What the forms of the gate have in common: whom they tell of, and how they put it. */
#ifndef TM_REPORT_VERDICT_FIELDS_H
#define TM_REPORT_VERDICT_FIELDS_H

#include "base/escape.h"
#include "report/report.h"

#define TM_EMPTY_RUN "the run is empty: no plugin was called"

/* In the run, or spoken of tonight; not only known from its history. */
bool tm_plugin_is_shown(const struct tm_report_plugin *plugin);

/* "*" for the whole run. */
const char *tm_verdict_subject(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* Is it worth a line where nobody asked for every number? */
bool tm_verdict_is_news(const struct tm_report_verdict *verdict);

/* Does it turn the gate red? */
bool tm_verdict_fails(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* By how much the level lies above the baseline, as a share of it; NAN: that cannot be said. */
double tm_verdict_change(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* "PASS", "FAIL", "NOT JUDGED" */
void tm_put_outcome(FILE *out, const struct tm_report *report);

/* Writes a text that somebody has just made, and frees it. NULL, no memory, is said in its place. */
void tm_put_owned(FILE *out, tm_escape *put, char *text);

#endif
