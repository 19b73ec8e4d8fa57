/* From a verdict to the texts of a finding: the facts, the cause, and each part's words. Internal to the findings. */
#ifndef TM_REPORT_FINDINGS_DIAGNOSIS_H
#define TM_REPORT_FINDINGS_DIAGNOSIS_H

#include "report/findings/findings.h"
#include "report/findings/symptoms.h"

/* ---- evidence.c: a verdict and all that was found out about it ---- */

struct tm_facts {
    const struct tm_report *report;
    const struct tm_report_verdict *verdict;
    struct tm_symptoms symptoms; /* of a plugin's metric */
    struct tm_crowd crowd;       /* of the whole run */
    double severity;             /* what it costs, as the share of the run's total of that: time, CPU time, calls, memory; NAN */
};

/* 0, or -1: no memory. */
int tm_facts_of(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_facts *f);

/* Looked up: how a figure moved. */
const struct tm_shift *tm_shift(const struct tm_facts *f, enum tm_aspect aspect);
bool tm_is_up(const struct tm_facts *f, enum tm_aspect aspect);
bool tm_is_not_up(const struct tm_facts *f, enum tm_aspect aspect); /* and is known */
double tm_rise(const struct tm_facts *f, enum tm_aspect aspect);    /* as a share; NAN: not known */
bool tm_is_wall(const struct tm_facts *f);                          /* the verdict's metric is a wall time */
bool tm_is_time(const struct tm_facts *f);                          /* that, or CPU time */
bool tm_is_suspect(const struct tm_facts *f);                       /* a single bad run */

/* The part of the added wall time that CPU time accounts for; NAN: not known. */
double tm_cpu_part(const struct tm_facts *f);

/* What its calls of the run made those of other plugins wait for the event loop, ms; NAN: not known, or nothing. */
double tm_held_others(const struct tm_facts *f);

/* Is the wall time of all its calls known, before and now? */
bool tm_knows_total(const struct tm_facts *f);

/* "262.5 ms"; "262.5 ms, was 174 ms"; the same in brackets, with a blank before them. */
void tm_put_figure(FILE *out, const struct tm_facts *f, enum tm_aspect aspect, double value);
void tm_put_figure_beside(FILE *out, const struct tm_facts *f, enum tm_aspect aspect, double value, double beside);
void tm_put_pair(FILE *out, const struct tm_facts *f, enum tm_aspect aspect);
void tm_put_change_in_brackets(FILE *out, const struct tm_facts *f, enum tm_aspect aspect);

/* "its total time went from 12 s to 39.4 s a run" */
void tm_put_total(FILE *out, const struct tm_facts *f);

/* "the middle half of the last 15 runs spans 14 % of their median, 5 % before" */
void tm_put_scatter(FILE *out, const struct tm_facts *f);

/* ---- diagnosis.c: the cause ---- */

/* One or two sentences, with the numbers they rest on; raw text, that may hold names. */
typedef void tm_explanation(FILE *out, const struct tm_facts *f);

struct tm_cause {
    const char *name; /* for programs */
    bool (*fits)(const struct tm_facts *f);
    tm_explanation *explain;
    enum tm_aspect improve; /* what should get better; TM_ASPECTS: the verdict's own metric */
    const char *action,
        *look; /* "Profile one call" (with either version), "compare where the time goes"; NULL: next_step.c knows */
};

/* The first of the rules that fits: the last one, "unknown", always does. */
const struct tm_cause *tm_cause_of(const struct tm_facts *f);

/* ---- the parts of a finding ---- */

/* Writes a part; nothing where there is nothing to write. Raw text, that may hold names. */
typedef void tm_finding_part(FILE *out, const struct tm_facts *f, const struct tm_cause *cause);

tm_finding_part tm_put_where;     /* where.c: metric, class, runs and commits in one line */
tm_finding_part tm_put_evidence;  /* evidence.c: the numbers that it rests on, two sentences */
tm_finding_part tm_put_diagnosis; /* diagnosis.c: the cause in words, and up to two remarks on what else is true */
tm_finding_part tm_put_next_step; /* next_step.c: what to do, in the imperative */
tm_finding_part tm_put_command;   /* next_step.c: a command that goes with that, or nothing. What it holds is quoted for a shell; a
                                     name that a terminal would not show as it is, is replaced: PLUGIN. */
tm_finding_part tm_put_goal;      /* evidence.c: what should get better, from where to where; nothing of what is not there */

/* The metric of the goal; NULL: none. */
const char *tm_improves(const struct tm_facts *f, const struct tm_cause *cause);

/* ---- diagnosis_words.c ---- */

tm_explanation tm_explain_over_limit; /* limit.c */
tm_explanation tm_explain_missing, tm_explain_whole_run, tm_explain_shared, tm_explain_calls_more, tm_explain_fails_slowly,
    tm_explain_fails_fast, tm_explain_leaks, tm_explain_spikes, tm_explain_happens, tm_explain_some_calls, tm_explain_scatters,
    tm_explain_climbs, tm_explain_loops, tm_explain_computes, tm_explain_waits, tm_explain_blocks, tm_explain_slower,
    tm_explain_unknown;

/* ---- remarks.c ---- */

/* The first `most` remarks that are true, a sentence each with a blank before it. */
void tm_put_remarks(FILE *out, const struct tm_facts *f, const struct tm_cause *cause, int most);

/* ---- missing_data.c ---- */

/* Fills in findings->gaps: what was missing in the data and would have told more, the worst first. 0, or -1: no memory. */
int tm_find_gaps(const struct tm_report *report, struct tm_findings *findings);

#endif
