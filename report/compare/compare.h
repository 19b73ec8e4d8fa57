/* The forms that a comparison can take: a file each. Numbers and names only; what was compared is decided in analyze/. */
#ifndef TM_REPORT_COMPARE_COMPARE_H
#define TM_REPORT_COMPARE_COMPARE_H

#include "report/forms/forms.h"

tm_comparison_writer tm_comparison_text;     /* what changed, the worst first, and what it all comes to */
tm_comparison_writer tm_comparison_text_all; /* the same with every row */
tm_comparison_writer tm_comparison_csv;      /* a row for each plugin and metric */
tm_comparison_writer tm_comparison_json;     /* all of it as one document */
tm_comparison_writer tm_comparison_comment;  /* Markdown for people: a merge request, a step's summary */
tm_comparison_writer tm_comparison_junit;
tm_comparison_writer tm_comparison_github;
tm_comparison_writer tm_comparison_openmetrics;

/* ---- words.c: what the forms share. Texts are raw: whoever shows them escapes them as a whole ---- */

/* "147.7 ms" */
void tm_compare_put_amount(FILE *out, const struct tm_comparison *c, const struct tm_compared *row, double value);

/* That of a side, in the unit that suits both. */
void tm_compare_put_value(FILE *out, const struct tm_comparison *c, const struct tm_compared *row, int side);

/* "+41.3 %", "0.00 % to 1.20 % of calls" where there is no share. */
void tm_compare_put_change(FILE *out, const struct tm_comparison *c, const struct tm_compared *row);
/* "+31 % to +52 %"; nothing where there is none. */
void tm_compare_put_interval(FILE *out, const struct tm_comparison *c, const struct tm_compared *row);
/* "p 0.0003, history of 28 runs", "n 5 and 5"; of what cannot be told, why. */
void tm_compare_put_evidence(FILE *out, const struct tm_compared *row);
/* "147.7 ms, then 208.6 ms: +41.3 % (+32.2 % to +51.0 %), p 0.0001, history of 24 runs": all of a row but its plugin and class. */
void tm_compare_put_sentence(FILE *out, const struct tm_comparison *c, const struct tm_compared *row);
/* Digits behind the point of a share that is shown in percent: two or more that count. */
int tm_compare_digits(double share);
/* "2 worse, 1 better, 0 changed, 20 same, 3 too little data" */
void tm_compare_put_tally(FILE *out, const struct tm_comparison *c);
/* "run night-29 on main", "branch:main~10: 10 runs, night-20 to night-29, on main, measured 12 times" */
void tm_compare_put_side(FILE *out, const struct tm_compared_side *side);

/* "FAIL: 2 of them worse by more than 10 %", and its like: what the exit code rests on; nothing where nothing may fail. */
void tm_compare_put_outcome(FILE *out, const struct tm_comparison *c);

/* Would it have been told as a change if nothing else had been compared? p is at most 0.05, and q too large. */
bool tm_compare_is_unsure(const struct tm_compared *row);

/* Is the plugin on one side alone? TM_COMPARE_A, TM_COMPARE_B, or -1. */
int tm_compare_only_on(const struct tm_compare_plugin *plugin);

/* The median of `sees` over the rows that could not be told; NAN: none has one. *result: 0, or -1 without memory. */
double tm_compare_typical_reach(const struct tm_comparison *c, int *result);

#endif
