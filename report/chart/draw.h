/* A plugin's chart as a picture: its panels one below the other on one time axis, and a key of what occurs in them. */
#ifndef TM_REPORT_CHART_DRAW_H
#define TM_REPORT_CHART_DRAW_H

#include "report/chart/picture.h"

/* What the charts of a report have in common. */
struct tm_drawing {
    const struct tm_report *report, *beside; /* beside: another branch's; NULL: none */
    struct tm_picture picture;
    struct tm_chart_extent extent; /* of the picture */
    double *scratch;
    struct tm_point *points;
    bool by_run;    /* the timeline of all */
    double longest; /* between neighbouring runs: beyond that a line is broken */
};

/* What drawing needs for any chart of the report. 0, or -1: no memory; end in any case. */
int tm_drawing_begin(struct tm_drawing *drawing, const struct tm_report *report, const struct tm_report *beside);
void tm_drawing_end(struct tm_drawing *drawing);

/* Makes drawing->picture and its extent: of the panels that have values, the first TM_PANELS_MOST. false: there is nothing to
 * draw. */
bool tm_draw_charts(struct tm_drawing *drawing, const struct tm_chart_of *charts, size_t n);

/* Where the name of a picture of one plugin stands: in its upper right corner, over everything else. */
struct tm_name tm_corner_name(const char *name);

#endif
