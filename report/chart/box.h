/* Where things lie in a plugin's chart, in pixels, and one of its panels while it is drawn. Internal to the drawing of a chart. */
#ifndef TM_REPORT_CHART_BOX_H
#define TM_REPORT_CHART_BOX_H

#include "report/chart/draw.h"
#include "report/chart/panel.h"

enum {
    TM_CHART_WIDTH = 760, /* fits beside the page's margins */
    TM_CHART_LEFT = 52,   /* where the time axis begins: "1000" and its tic */
    TM_CHART_RIGHT = 692, /* and ends: "p95 1000" has room behind it */
    TM_CHART_INSET = 5,   /* between its ends and the first and last run: half a dot and its line stay inside */
    TM_CHART_FLAGS = 17,  /* over a panel, for the numbers and dates of changes */
};

struct tm_panel_box {
    struct tm_picture *picture;
    const struct tm_subject *subject;
    const struct tm_view *view;
    struct tm_point *points; /* room for a line */
    double longest;          /* as of the subject */
    double top, bottom;      /* of the scale */
    size_t line_points;      /* a line may have */
    size_t marks;            /* that a panel may have of a kind */
};

/* ---- scale.c ---- */

/* Where a position, a point in time (seconds), or a run lies on the axis; what lies beyond its ends is put there. */
double tm_chart_x_of(const struct tm_timeline *timeline, double position);
double tm_chart_x_at(const struct tm_timeline *timeline, double time);
double tm_chart_x(const struct tm_timeline *timeline, size_t run);

/* How wide a run is, where all are alike. */
double tm_chart_night(const struct tm_timeline *timeline);

/* Half of the width of a run. */
double tm_chart_half_night(const struct tm_timeline *timeline);

/* Where a value lies in a panel; what lies beyond its scale is put at its edge. */
double tm_panel_y(const struct tm_panel_box *box, double value);

/* ---- lines.c, marks.c: each draws its part of the panel into box->picture ---- */

/* Scale, levels, values, waivers, and what stands at the right end of each line. */
void tm_panel_lines(const struct tm_panel_box *box);

/* Flagged nights, nights that were slow for all, nights beyond the scale. */
void tm_panel_marks(const struct tm_panel_box *box);

/* Upright lines where a level begins, with numbers and dates over them. */
void tm_panel_changes(const struct tm_panel_box *box);

/* Is there one? Then the panel needs room for its flags. */
bool tm_panel_has_changes(const struct tm_panel_box *box);

#endif
