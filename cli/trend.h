/* The parts of trend: what is drawn, and what is said beside it. All return 0, or TM_EXIT_TROUBLE after a message. */
#ifndef TM_CLI_TREND_H
#define TM_CLI_TREND_H

#include "cli/plugin_names.h"
#include "gate/report_reader.h"
#include "report/chart/chart.h"

/* A plugin that was asked for. */
struct tm_trend_plugin {
    const char *name;
    bool by_glob; /* where it has nothing to show, nobody has missed it */
};

struct tm_trend {
    struct tm_context *context;
    struct tm_plugin_names names;
    struct tm_trend_plugin *plugins; /* in the order of the command line */
    size_t n_plugins;
    struct tm_chart_wish wish;
    struct tm_report_reader reader, beside; /* beside: of the branch to compare with */
    struct tm_judged_run run_beside;
    struct tm_chart_of *charts;
    size_t n_charts;
};

/* ---- trend_charts.c ---- */

/* Finds the project and its plugins that the words name or, as globs, fit. */
int tm_trend_find_plugins(struct tm_trend *trend);

/* The charts of what was read of them. */
int tm_trend_list_charts(struct tm_trend *trend);

/* ---- trend_words.c ---- */

/* What a chart shows: the plugin, its metric (-1: all), its runs, and those of the other branch, NULL: none. */
int tm_trend_title(const struct tm_report *report, const struct tm_report *beside, const struct tm_chart_of *chart);

/* What its numbers stand for. */
int tm_trend_key(const struct tm_report *report, const struct tm_chart_of *chart);

/* That a plugin which was asked for has no values of a metric. */
int tm_trend_without(const struct tm_report *report, const struct tm_chart_of *chart);

#endif
