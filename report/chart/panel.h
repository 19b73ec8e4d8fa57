/* What one panel of a plugin's chart shows, and the scale it shows it on. Pure. */
#ifndef TM_REPORT_CHART_PANEL_H
#define TM_REPORT_CHART_PANEL_H

#include "report/chart/axis.h"
#include "report/chart/levels.h"
#include "report/chart/timeline.h"

struct tm_panel {
    int lines[TM_PANEL_LINES]; /* metrics: the one of the panel, then its 95th and 50th percentile; -1: none */
    int custom;                /* "custom 1"; 0: a metric that everybody knows */
};

/* The panels that have something to show, in their order. only: a metric's index, -1: all. */
size_t tm_panels_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int only,
                    struct tm_panel panels[TM_PANELS_MOST]);

/* Does a line of the panel show that metric? */
bool tm_panel_shows(const struct tm_panel *panel, int metric);

/* "wall time per call", "custom 1" */
void tm_panel_title(const struct tm_report *report, const struct tm_panel *panel, char title[48]);

/* A plugin's chart while it is made: what all panels have in common, and memory for one. */
struct tm_subject {
    const struct tm_report *report;
    const struct tm_report_plugin *plugin, *plugin_beside; /* beside: on timeline.beside's branch; NULL: it has none */
    struct tm_timeline timeline;
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    size_t n_changes;
    double *scratch; /* a number for each run, of either branch */
};

/* The value of a run of the other branch; NAN: none, or before what is shown begins. The plugin must be there. */
double tm_beside_value(const struct tm_subject *subject, int metric, size_t run);

/* Everything about a panel that is not drawing. */
struct tm_view {
    const struct tm_panel *panel;
    struct tm_chart_unit unit;
    struct tm_level levels[TM_LEVELS_MOST];
    size_t n_levels;
    double low, high; /* the scale's ends, in the metric's own unit; a few values may lie beyond */
    bool flat;        /* all values are the same */
};

/* Levels and scale of a panel that has values. */
void tm_view_of(const struct tm_subject *subject, const struct tm_panel *panel, struct tm_view *view);

/* The limit of its values; NAN: there is none. */
double tm_view_limit(const struct tm_subject *subject, const struct tm_view *view);

/* What a waiver tolerates in its panel; NAN: it is no waiver of that metric, or there is no level it could be above. */
double tm_ceiling_of(const struct tm_subject *subject, const struct tm_view *view, const struct tm_report_decision *decision);

#endif
