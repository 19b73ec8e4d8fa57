/* A verdict and all that was found out about it: what the diagnosis, its words and its advice look at. Internal to the findings. */
#ifndef TM_REPORT_FINDINGS_CASE_H
#define TM_REPORT_FINDINGS_CASE_H

#include <stdio.h>

#include "report/findings/symptoms.h"

struct tm_case {
    const struct tm_report *report;
    const struct tm_report_verdict *verdict;
    struct tm_symptoms symptoms; /* of a plugin's metric */
    struct tm_crowd crowd;       /* of the whole run */
    double severity;             /* what it costs, as the share of the run's total of that; NAN: not known */
};

/* 0, or -1: no memory. */
int tm_case_of(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_case *c);

const struct tm_shift *tm_shift(const struct tm_case *c, enum tm_aspect aspect);
bool tm_is_up(const struct tm_case *c, enum tm_aspect aspect);
bool tm_is_not_up(const struct tm_case *c, enum tm_aspect aspect);      /* and is known */
double tm_rise(const struct tm_case *c, enum tm_aspect aspect);         /* as a share; NAN: not known */
const struct tm_report_metric *tm_case_metric(const struct tm_case *c); /* NULL: the plugin as such */
bool tm_is_wall(const struct tm_case *c);                               /* the verdict's metric is a wall time */
bool tm_is_time(const struct tm_case *c);                               /* that, or CPU time */
bool tm_is_suspect(const struct tm_case *c);

/* The part of the added wall time that CPU time accounts for; NAN: not known. */
double tm_cpu_part(const struct tm_case *c);

/* Wall time of all its calls is known before and now? */
bool tm_knows_total(const struct tm_case *c);

/* "262.5 ms"; "262.5 ms, was 174 ms"; the same in brackets, with a blank before them */
void tm_put_figure(FILE *out, const struct tm_case *c, enum tm_aspect aspect, double value);
void tm_put_pair(FILE *out, const struct tm_case *c, enum tm_aspect aspect);
void tm_put_pair_in_brackets(FILE *out, const struct tm_case *c, enum tm_aspect aspect);

/* "its total time went from 12 s to 39.4 s a run" */
void tm_put_total(FILE *out, const struct tm_case *c);

/* "the middle half of the last 15 runs spans 14 % of their median, 5 % before" */
void tm_put_scatter(FILE *out, const struct tm_case *c);

#endif
