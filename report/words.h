/* Verdicts in words. The texts are raw: they may hold names, and whoever shows them escapes them as a whole (escape.h). */
#ifndef TM_REPORT_WORDS_H
#define TM_REPORT_WORDS_H

#include <stdio.h>

#include "analyze/report.h"

/* "412.3 ms", "1.20 % of calls", "12.4 MiB". */
void tm_put_amount(FILE *out, const struct tm_report_metric *metric, double value);

/* "279.6 ms, was 186.9 ms: +49.7 %" */
void tm_put_change(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict);

/* "wall_per_call_ms 279.6 ms, was 186.9 ms: +49.7 %, since 2026-11-19, commits 0a90c4984e..92981008ce, compute": all of a verdict
 * but its class and plugin. The caller frees it; NULL: no memory. */
char *tm_verdict_words(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* "tonight 289.7, baseline 186.3, ...": every number behind it. */
char *tm_verdict_numbers(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* One sentence for somebody who does not know the words above: "pdf-parser takes 50 % longer per call since 2026-11-19". */
char *tm_verdict_sentence(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* "judged 39 of 39 plugins: 26 pass, 1 regressed, ..."; and the remarks before it, NULL if there are none: a slow run, alarms held.
 */
char *tm_tally_words(const struct tm_tally *tally);
char *tm_run_remarks(const struct tm_tally *tally);

/* What to do about a red gate; NULL: nothing. */
const char *tm_regression_advice(const struct tm_tally *tally);
const char *tm_missing_advice(const struct tm_tally *tally);

#endif
