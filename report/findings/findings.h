/* What to do first: the worst of a run, ranked, with a diagnosis and one next step each; and what is missing in the data. */
#ifndef TM_REPORT_FINDINGS_FINDINGS_H
#define TM_REPORT_FINDINGS_FINDINGS_H

#include <stdio.h>

#include "analyze/report.h"

enum { TM_FINDINGS_MOST = 7, TM_GAPS_MOST = 4 }; /* what somebody reads before the day begins */

struct tm_finding {
    const struct tm_report_verdict *verdict; /* the one that leads */
    double share;                            /* of the run's total of what it costs: time, CPU time, calls, memory; NAN */
    const char *cause;                       /* one word or two, for programs: "waiting" */
    /* raw texts, may hold names; freed by tm_findings_free */
    char *title; /* one sentence, with the plugin's name */
    char *where; /* metric, class, runs and commits */
    char *evidence, *diagnosis, *next_step;
    char *command;       /* that goes with the next step, safe in a shell; NULL: none */
    char *goal;          /* what should get better, from where to where; NULL: the plugin is not there */
    const char *improve; /* the metric of that; NULL */
};

struct tm_findings {
    struct tm_finding list[TM_FINDINGS_MOST];
    size_t n, left_out; /* more of them than are shown */
    char *gaps[TM_GAPS_MOST];
    size_t n_gaps;
};

/* Needs a report with the histories of all plugins; without them it says less. 0, or -1: no memory. Free in any case. */
int tm_findings_find(const struct tm_report *report, struct tm_findings *findings);
void tm_findings_free(struct tm_findings *findings);

/* What to say where there are none, a constant text: "nothing to look into". */
const char *tm_nothing_found(const struct tm_report *report);

/* The forms. 0, or -1: no memory, and what was written is not to be used. width: of the lines, in characters. */
int tm_findings_text(FILE *out, const struct tm_report *report, const struct tm_findings *findings, size_t width);
int tm_findings_markdown(FILE *out, const struct tm_report *report, const struct tm_findings *findings);
int tm_findings_json(FILE *out, const struct tm_report *report, const struct tm_findings *findings);

#endif
