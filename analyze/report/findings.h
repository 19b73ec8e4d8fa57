/* What to do first: the worst of a run, ranked, with a diagnosis and one next step each; and what is missing in the data. */
#ifndef TM_ANALYZE_REPORT_FINDINGS_H
#define TM_ANALYZE_REPORT_FINDINGS_H

#include "analyze/report/report.h"

enum { TM_FINDINGS_MOST = 7, TM_GAPS_MOST = 4 };

struct tm_finding {
    const struct tm_report_verdict *verdict; /* the one that leads */
    char *title;                             /* one sentence, with the plugin's name */
    char *evidence, *diagnosis, *next_step;  /* raw text, may hold names */
    const char *improve;                     /* the metric that should get better */
};

struct tm_findings {
    struct tm_finding list[TM_FINDINGS_MOST];
    size_t n, left_out; /* more of them than are shown */
    char *gaps[TM_GAPS_MOST];
    size_t n_gaps;
};

/* Needs a report with the histories of the plugins in question. 0, or -1: no memory. Free in any case. */
int tm_findings_find(const struct tm_report *report, struct tm_findings *findings);
void tm_findings_free(struct tm_findings *findings);

void tm_findings_text(FILE *out, const struct tm_report *report, const struct tm_findings *findings);
void tm_findings_markdown(FILE *out, const struct tm_report *report, const struct tm_findings *findings);
void tm_findings_json(FILE *out, const struct tm_report *report, const struct tm_findings *findings);

#endif
