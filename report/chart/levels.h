/* The levels of a series between its changes, as a chart shows them. Pure. */
#ifndef TM_REPORT_CHART_LEVELS_H
#define TM_REPORT_CHART_LEVELS_H

#include "report/chart/chart.h"

/* A value as it is compared: wall time per call without what the whole run was slower or faster. */
double tm_chart_value(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t run);

/* Was something taken off the metric's values of that run? */
bool tm_chart_is_corrected(const struct tm_report *report, int metric, size_t run);

enum { TM_LEVELS_MOST = 3 * TM_CHART_CHANGES_MOST };

struct tm_level {
    size_t first, end;        /* runs first .. end - 1, from and to one with a value */
    double low, median, high; /* 8 of 10 nights lie between low and high */
    bool accepted;
};

/* Cut where a change of the metric begins, where somebody accepted a level, where a regression was back at the level before it, and
 * where the whole run changed for good; where another metric of the plugin changed, too, if this one went along so far that the two
 * levels' bands do not touch. scratch: room for a value of each run. */
size_t tm_levels_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                    const struct tm_chart_change *changes, size_t n_changes, double *scratch,
                    struct tm_level levels[TM_LEVELS_MOST]);

#endif
