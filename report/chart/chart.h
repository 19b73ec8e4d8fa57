/* Charts, drawn by gnuplot: a process for each processor, and no more. The only part of the reports that starts a process or
 * touches files.
 *
 * No text from the data goes through gnuplot, but what is letters and digits of a name in a PNG or PDF: nights are drawn at
 * their dates, changes of level carry numbers, metrics of the project's own are "custom 1" and so on. What these stand for is asked
 * here, and said beside the chart. Names go into an SVG when gnuplot has ended.
 *
 * While gnuplot runs, SIGINT, SIGTERM, SIGHUP and SIGQUIT are held until its private directory is gone. One thread at a time. */
#ifndef TM_REPORT_CHART_CHART_H
#define TM_REPORT_CHART_CHART_H

#include <stdio.h>

#include "analyze/report.h"

enum {
    TM_CHART_MESSAGE = 512,       /* bytes */
    TM_CHART_CHANGES_MOST = 40,   /* one every 16 pixels of the axis: more would be a wall */
    TM_CHART_CUSTOM_MOST = 4,     /* panels */
    TM_HEATMAP_NIGHTS_MOST = 730, /* two years: a pixel each */
};

enum { TM_CHARTS_NO_MEMORY = -2, TM_CHARTS_NOT_WRITTEN = -3 };

enum tm_chart_medium { TM_CHART_SVG, TM_CHART_PNG, TM_CHART_PDF, TM_CHART_TERMINAL };

struct tm_chart_wish {
    enum tm_chart_medium medium;
    int width, height;              /* of a terminal, in characters; 0: as is usual. An image has the size that it needs */
    bool colour;                    /* of a terminal */
    bool ascii;                     /* a terminal knows no more */
    const struct tm_report *beside; /* of the same metrics, on another branch: its values are a second line; NULL: none */
};

enum { TM_PANELS_MOST = 16, TM_PANEL_LINES = 3 }; /* more panels than anybody reads; a metric and two percentiles */

/* What a picture shows, from top to bottom: a plugin's panels. */
struct tm_chart_of {
    const struct tm_report_plugin *plugin;
    int metric; /* that one alone; -1: all that are known */
};

/* A picture of up to TM_PANELS_MOST panels on one time axis, written to `out`; a terminal has room for one, of one metric. 0, or
 * -1 with what went wrong in message. */
int tm_chart_draw(const struct tm_report *report, const struct tm_chart_of *charts, size_t n, const struct tm_chart_wish *wish,
                  FILE *out, char message[TM_CHART_MESSAGE]);

/* Where a panel lies in the picture, in pixels, and which values (of the metric's own unit) are at its edges. */
struct tm_chart_panel {
    int lines[TM_PANEL_LINES]; /* metrics; -1: none */
    double top, bottom, low, high;
    double scale; /* values are shown times that, in the unit; "": plain numbers */
    const char *unit;
};

/* Of a plugin's image, in pixels; 0: the plugin has no value to draw, and no chart. */
struct tm_chart_extent {
    int width, height;
    bool left_out; /* it could be drawn, and was not wanted */
    bool by_run;   /* runs lie side by side between left and right, else at their times */
    size_t first;  /* slot: weeks, then runs */
    int left, right;
    struct tm_chart_panel panels[TM_PANELS_MOST];
    size_t n_panels;
};

/* A plugin on the other branch; NULL: it has no values there, or there is no such branch. */
const struct tm_report_plugin *tm_plugin_beside(const struct tm_report *beside, const struct tm_report_plugin *plugin);

enum tm_charts_wanted {
    TM_CHARTS_ALL,
    TM_CHARTS_CHANGED, /* of plugins that are not quiet */
};

/* Nothing happened in the nights that are shown: no change of level, no decision, and tonight nothing but a pass, or too little to
 * judge. */
bool tm_chart_is_quiet(const struct tm_report *report, const struct tm_report_plugin *plugin);

/* Those that are wanted, as SVG, into the folder, which is open: "p" and the plugin's id for each that has a chart, and
 * heatmap.svg. Names of files hold numbers only. The same bytes, however many processors there are. extents: of each plugin's
 * chart, to be filled in; all 0 before; NULL: nobody asks. 0, or -1 with what went wrong in message, or one of TM_CHARTS_* where
 * that is no fault of gnuplot's; then none may be relied on. Where a signal is to end the program, it does so here, and the folder
 * is empty; unless the caller holds signals too. */
int tm_charts_of_report(const struct tm_report *report, enum tm_charts_wanted wanted, int folder, struct tm_chart_extent *extents,
                        char message[TM_CHART_MESSAGE]);

/* The name of a plugin's chart: "p12.svg" */
void tm_chart_file(const struct tm_report_plugin *plugin, char name[32]);

/* The same of one plugin, found by drawing: 1; 0: there is no chart; -1: no memory. */
int tm_chart_size(const struct tm_report *report, const struct tm_report_plugin *plugin, struct tm_chart_extent *extent);

/* A change of level as it is numbered in the plugin's chart. */
struct tm_chart_change {
    int number;          /* from 1, in the order of time; changes that begin with the same run share one */
    int metric, run;     /* what changed, and the index of the first run of the new level */
    enum tm_class class; /* regressed or improved */
    double before, after;
    const char *kind; /* step, drift; NULL: not known */
    struct tm_commits commits;
    const struct tm_report_interval *interval; /* in which it began */
};

/* Fills in the newest changes and returns how many there are. */
size_t tm_chart_changes(const struct tm_report *report, const struct tm_report_plugin *plugin,
                        struct tm_chart_change changes[TM_CHART_CHANGES_MOST]);

/* The metrics called "custom 1", "custom 2", ... in the plugin's chart, and how many there are. */
size_t tm_chart_custom(const struct tm_report *report, const struct tm_report_plugin *plugin, int metrics[TM_CHART_CUSTOM_MOST]);

/* The picture of all plugins and nights: cell (row, column) of night first_run + column lies at left + column * cell_width and top
 * + row * cell_height, in pixels from the picture's upper left corner. */
struct tm_heatmap {
    int width, height, left, top;
    double cell_width;
    int cell_height;
    size_t n_rows, n_columns, first_run;
};

/* Where everything lies in the picture of this report. */
struct tm_heatmap tm_heatmap_of(const struct tm_report *report);

/* Which plugin is in which row: ranked ones first, then the others by name. Room for report->n_plugins. */
void tm_heatmap_rows(const struct tm_report *report, const struct tm_report_plugin **rows);

#endif
