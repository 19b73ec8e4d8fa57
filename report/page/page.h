/* The report as one HTML page: everything inline but the charts, which lie in a folder beside it. */
#ifndef TM_REPORT_PAGE_PAGE_H
#define TM_REPORT_PAGE_PAGE_H

#include <stdio.h>

#include "report/chart/chart.h"
#include "report/findings/findings.h"

/* Writes the whole page. charts: the address of their folder, without a slash at its end. no_charts: why there are none, NULL if
 * there are. extents: of the plugins' charts, as they were drawn; NULL: they are found by drawing once more. 0, or -1: no memory,
 * and what was written is not to be used. Errors of `out` are the caller's to look for. */
int tm_page_write(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const char *charts,
                  const struct tm_chart_extent *extents, const char *no_charts);

#endif
