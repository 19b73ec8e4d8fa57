/* A plugin's chart as a picture: its panels one below the other on one time axis, and a key of what occurs in them. */
#ifndef TM_REPORT_CHART_DRAW_H
#define TM_REPORT_CHART_DRAW_H

#include "report/chart/picture.h"

/* What the charts of a report have in common. */
struct tm_drawing {
    const struct tm_report *report;
    struct tm_picture picture;
    struct tm_chart_extent extent; /* of the picture */
    double *scratch;
    struct tm_point *points;
    bool by_run;    /* the timeline of all */
    double longest; /* between neighbouring runs: beyond that a line is broken */
};

/* What drawing needs for any chart of the report. 0, or -1: no memory; end in any case. */
int tm_drawing_begin(struct tm_drawing *drawing, const struct tm_report *report);
void tm_drawing_end(struct tm_drawing *drawing);

/* Makes drawing->picture and its extent. only: the index of a metric, -1: all. false: there is nothing to draw. */
bool tm_draw_plugin(struct tm_drawing *drawing, const struct tm_report_plugin *plugin, int only);

#endif
