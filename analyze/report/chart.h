/* Charts, drawn by gnuplot: one process for all of them. The only part of the reports that starts a process or touches files. */
#ifndef TM_ANALYZE_REPORT_CHART_H
#define TM_ANALYZE_REPORT_CHART_H

#include "analyze/report/report.h"

enum { TM_CHART_MESSAGE = 512 };

enum tm_chart_medium { TM_CHART_SVG, TM_CHART_PNG, TM_CHART_TERMINAL };

struct tm_chart_wish {
    enum tm_chart_medium medium;
    int width, height; /* pixels or characters; 0: as is usual */
    bool colour;       /* of a terminal */
    int metric;        /* that one alone; -1: small multiples of all that are known */
};

/* One plugin's chart, written to `out`. 0, or -1 with what went wrong in message. */
int tm_chart_plugin(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_chart_wish *wish,
                    FILE *out, char message[TM_CHART_MESSAGE]);

/* All of them as SVG into the directory, which exists: "p" and the plugin's id, and heatmap.svg. Names of files hold numbers only.
 * 0, or -1 with what went wrong in message; then none may be relied on. */
int tm_charts_of_report(const struct tm_report *report, const char *directory, char message[TM_CHART_MESSAGE]);

/* "p12.svg" */
void tm_chart_file(const struct tm_report_plugin *plugin, char name[32]);

#endif
