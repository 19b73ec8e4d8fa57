/* Verdicts in words. The texts are raw: they may hold names, and whoever shows them escapes them as a whole (base/escape.h).
 *
 * Every text that is returned is freed by the caller; NULL: no memory. No form may leave it out then: it reports the failure. */
#ifndef TM_REPORT_WORDS_H
#define TM_REPORT_WORDS_H

#include <stdio.h>

#include "analyze/report.h"
#include "base/escape.h"

/* A plugin that rose more than twice as much as the run did is told on its own, not as a part of the run's rise: half of all
 * plugins lie above their median by nature, few of them twice as high. */
#define TM_OWN_RISE 2.0

#define TM_SLOW_RUN  "the run was slow for all plugins, which fails with --strict"
#define TM_EMPTY_RUN "the run is empty: no plugin was called"

/* ---- parts ---- */

/* "279.6 ms, was 186.9 ms: +49.7 %" */
void tm_put_change(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict);

/* A run by its day, with its key in brackets where that is another; `at`: when it started, 0: not known. */
void tm_put_dated_run(FILE *out, const char *key, int64_t at);

/* " (at the earliest 2026-11-17, at the latest 2026-11-19)"; nothing where the date is sure. */
void tm_put_interval(FILE *out, const struct tm_report_interval *interval);

/* "0a90c4984e..92981008ce", after `before`; nothing where one of them is not known. */
void tm_put_commits(FILE *out, const char *before, struct tm_commits commits);

/* "over its limit of 250 ms", after `before`; nothing where there is none, or it is kept. */
void tm_put_allowed(FILE *out, const char *before, const struct tm_report *report, const struct tm_report_verdict *verdict);

/* The commits to search for the cause of a verdict. */
struct tm_commits tm_verdict_commits(const struct tm_report_verdict *verdict);

/* "last seen in 2026-05-01 on 2026-05-01, 203 runs ago", of a missing plugin whose last run is known. */
void tm_put_last_seen(FILE *out, const struct tm_report_verdict *verdict);
void tm_put_how_long_ago(FILE *out, const struct tm_report_verdict *verdict); /* " on 2026-05-01, 203 runs ago" */

/* "PASS", "FAIL", "NOT JUDGED" */
void tm_put_outcome(FILE *out, const struct tm_report *report);

/* ---- texts ---- */

/* "wall_per_call_ms 279.6 ms, was 186.9 ms: +49.7 %, since 2026-11-19, commits 0a90c4984e..92981008ce, compute": all of a verdict
 * but its class and plugin. */
char *tm_verdict_words(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* "wall_per_call_ms: tonight 289.7, baseline 186.3, ...": every number behind it. */
char *tm_verdict_numbers(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* "a rise of 12.0 % (18 ms, to 168 ms) that stays would be told by its 4th night, one of 25.0 % (38 ms, to 188 ms) by its 2nd":
 * what the gate would see of the metric; "" where that was not asked for, or is not known. */
char *tm_verdict_reach(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* One sentence for somebody who does not know the words above: "pdf-parser takes 50 % longer per call since 2026-11-19". */
char *tm_verdict_sentence(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* Does the run fail, of itself, for having been slow for all? */
bool tm_fails_as_slow(const struct tm_report *report);

/* Is it about times, which a host can slow, as opposed to memory, sizes and counts? */
bool tm_is_of_times(const struct tm_report *report, const struct tm_report_verdict *v);

/* "judged 39 of 39 plugins: 26 pass, 1 regressed, ..." */
char *tm_tally_words(const struct tm_tally *tally);

/* " (too few runs to compare with)", why plugins were not judged; each reason with its number where there are several. */
void tm_put_reasons(FILE *out, const struct tm_tally *tally);

/* "not judged new, newer and 5 more: too few runs to compare with": a line for each reason, one more for those that were judged by
 * some of their metrics. Nothing where all are too young to be judged. */
struct tm_unjudged_words {
    const char *whole, *in_part; /* how a line begins */
    tm_escape *put_name, *put_reason;
};
void tm_put_unjudged(FILE *out, const struct tm_report *report, const struct tm_unjudged_words *words);

/* What is to be known before the tally, a line each: what was taken off which metric as the whole run's. Empty: nothing;
 * NULL: no memory. */
char *tm_run_remarks(const struct tm_report *report);

/* What to do about a red gate; constant texts, NULL: nothing. */
const char *tm_regression_advice(const struct tm_report *report);
const char *tm_missing_advice(const struct tm_report *report);

/* ---- making and writing texts ---- */

/* Writes a text that somebody has just made, and frees it. 0, or -1: it is NULL. */
int tm_put_owned(FILE *out, tm_escape *put, char *text);

#endif
