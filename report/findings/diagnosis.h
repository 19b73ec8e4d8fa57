/* What the data say about the cause of a verdict, and what to do next. Internal to the findings. */
#ifndef TM_REPORT_FINDINGS_DIAGNOSIS_H
#define TM_REPORT_FINDINGS_DIAGNOSIS_H

#include <stdio.h>

#include "report/findings/case.h"

typedef void tm_say(FILE *out, const struct tm_case *c);

struct tm_cause {
    const char *name; /* for programs */
    bool (*fits)(const struct tm_case *c);
    tm_say *say;               /* one or two sentences, with the numbers they rest on */
    enum tm_aspect improve;    /* what should get better; TM_ASPECTS: the verdict's own metric */
    const char *action, *look; /* "Profile one call" (with either version), "compare where the time goes"; NULL: advice.c knows */
};

/* The first of the rules that fits: the last one, "unknown", always does. */
const struct tm_cause *tm_cause_of(const struct tm_case *c);

/* Parts of what is said of a finding; raw text, that may hold names. */
typedef void tm_tell(FILE *out, const struct tm_case *c, const struct tm_cause *cause);

tm_tell tm_put_where;     /* evidence_words.c: metric, class, runs and commits in one line */
tm_tell tm_put_evidence;  /* evidence_words.c: the numbers that it rests on, two sentences */
tm_tell tm_put_diagnosis; /* the cause in words, and up to two remarks on what else is true */
tm_tell tm_put_advice;    /* advice.c: what to do, in the imperative */
tm_tell tm_put_command;   /* advice.c: a command that goes with that, or nothing. What it holds is quoted for a shell, and a name
                             that a terminal would not show as it is, is replaced: PLUGIN. */
tm_tell tm_put_goal;      /* evidence_words.c: what should get better, from where to where; nothing of what is not there */

const char *tm_improves(const struct tm_case *c, const struct tm_cause *cause); /* the metric of the goal; NULL: none */

/* remarks.c */
void tm_put_remarks(FILE *out, const struct tm_case *c, const struct tm_cause *cause, int most);

/* severity.c: what it costs, as the share of the run's total of that: time, CPU time, calls or memory. NAN: not known. */
double tm_severity(const struct tm_case *c);
double tm_extra_ms(const struct tm_case *c); /* in the run; 0: no time, NAN: not known */
double tm_calls_tonight(const struct tm_case *c);

/* sayings.c */
tm_say tm_say_missing, tm_say_whole_run, tm_say_calls_more, tm_say_fails_slowly, tm_say_fails_fast, tm_say_leaks, tm_say_spikes,
    tm_say_happens, tm_say_some_calls, tm_say_scatters, tm_say_climbs, tm_say_loops, tm_say_computes, tm_say_waits, tm_say_blocks,
    tm_say_slower, tm_say_unknown;

#endif
