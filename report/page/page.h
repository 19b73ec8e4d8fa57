/* The report as one HTML page: everything inline but the charts, which lie in a folder beside it. */
#ifndef TM_REPORT_PAGE_PAGE_H
#define TM_REPORT_PAGE_PAGE_H

#include <stdio.h>

#include "report/chart/chart.h"
#include "report/findings/findings.h"
#include "report/links.h"

/* What a page shows beside the report itself. */
struct tm_page_wish {
    const char *charts;                    /* the address of their folder, without a slash at its end */
    const char *no_charts;                 /* why there are none; NULL: there are */
    const struct tm_chart_extent *extents; /* of the plugins' charts, as they were drawn; NULL: found by drawing once more */
    struct tm_links links;
};

/* Writes the whole page. 0, or -1: no memory, and what was written is not to be used. Errors of `out` are the caller's to look for.
 */
int tm_page_write(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const struct tm_page_wish *wish);

#endif
