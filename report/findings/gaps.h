/* What was missing in the data, and would have told more. Internal to the findings. */
#ifndef TM_REPORT_FINDINGS_GAPS_H
#define TM_REPORT_FINDINGS_GAPS_H

#include "report/findings/findings.h"

/* Fills in findings->gaps, the worst first. 0, or -1: no memory. */
int tm_gaps_find(const struct tm_report *report, struct tm_findings *findings);

#endif
