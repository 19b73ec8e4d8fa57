/* Where things lie in a panel: from where to where its scale reaches, and at which pixel a value or a night is drawn. All that
 * draws in a panel stands on this file, and this one on none of them. */
#include <math.h>

#include "analyze/stats.h"
#include "report/chart/box.h"

/* In units of what is mostly seen: what lies farther away would make a flat line of all else, and is drawn at the edge instead. */
static const double FAR = 2.5;
/* Of the height, above and below: air for a line; and for marks and a number where something is drawn at the edge. */
static const double MARGIN = 0.06, LARGER_MARGIN = 0.15;
/* The scale begins at 0 where the lowest value is below that part of the highest: zero is then near enough to be worth the room. */
static const double NEAR_ZERO = 0.4;
/* A quiet series shall look quiet: the scale spans at least that part of low + high, a fifth of the level, or that share of calls.
 */
static const double QUIET = 0.1, QUIET_ERRORS = 0.01;

struct range {
    double low, high;
};

static void include(struct range *range, double value)
{
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

/* All but the lowest and the highest fortieth. */
static void include_most(const struct tm_subject *subject, int metric, struct range *range, struct range *whole)
{
    size_t n = 0;
    for (size_t run = 0; run < subject->report->n_runs; run++) {
        double value = tm_chart_value(subject->report, subject->plugin, metric, run);
        include(whole, value);
        if (isfinite(value))
            subject->scratch[n++] = value;
    }
    include(range, tm_select(subject->scratch, n, n / 40));
    include(range, tm_select(subject->scratch, n, n - 1 - n / 40));
}

/* The same of the other branch. */
static void include_most_beside(const struct tm_subject *subject, int metric, struct range *range, struct range *whole)
{
    size_t n = 0, runs = subject->plugin_beside ? subject->timeline.beside->n_runs : 0;
    for (size_t run = 0; run < runs; run++) {
        double value = tm_beside_value(subject, metric, run);
        include(whole, value);
        if (isfinite(value))
            subject->scratch[n++] = value;
    }
    include(range, n > 0 ? tm_select(subject->scratch, n, n / 40) : NAN);
    include(range, n > 0 ? tm_select(subject->scratch, n, n - 1 - n / 40) : NAN);
}

/* Returns whether the value is too far away. */
static bool include_near(const struct range *mostly, double far, double value, struct range *range)
{
    bool near = value >= mostly->low - far && value <= mostly->high + far;
    if (near)
        include(range, value);
    return !near && isfinite(value);
}

/* Weeks count by their means; their extremes are shown where they are near. */
static void include_weeks(const struct tm_subject *subject, int metric, struct range *mostly, struct range *whole)
{
    for (size_t week = 0; week < subject->report->n_weeks; week++) {
        const struct tm_week_value *value = tm_report_weekly(subject->report, subject->plugin, metric, week);
        if (!value)
            continue;
        include(mostly, value->mean);
        include(whole, value->least);
        include(whole, value->most);
    }
}

static void include_near_weeks(const struct tm_subject *subject, int metric, const struct range *mostly, double far,
                               struct range *shown)
{
    for (size_t week = 0; week < subject->report->n_weeks; week++) {
        const struct tm_week_value *value = tm_report_weekly(subject->report, subject->plugin, metric, week);
        if (value)
            include_near(mostly, far, value->least, shown), include_near(mostly, far, value->most, shown);
    }
}

/* Most values and all levels set the scale; values near them are included, far ones are drawn at its edge. */
static void set_scale(const struct tm_subject *subject, struct tm_view *view)
{
    const struct tm_report *report = subject->report;
    const struct tm_report_metric *metric = &report->metrics[view->panel->lines[0]];
    struct range mostly = {INFINITY, -INFINITY}, whole = mostly;
    for (int i = 0; i < TM_PANEL_LINES; i++)
        if (view->panel->lines[i] >= 0)
            include_most(subject, view->panel->lines[i], &mostly, &whole);
    include_most_beside(subject, view->panel->lines[0], &mostly, &whole);
    include_weeks(subject, view->panel->lines[0], &mostly, &whole);
    for (size_t i = 0; i < view->n_levels; i++)
        include(&mostly, view->levels[i].median);
    for (size_t i = 0; i < report->n_decisions; i++)
        include(&mostly, tm_ceiling_of(subject, view, &report->decisions[i]));
    view->flat = !(whole.high > whole.low);
    double least = metric->kind == TM_METRIC_ERRORS ? QUIET_ERRORS : QUIET * fabs(mostly.low + mostly.high);
    least = least > 0 ? least : 1; /* all is zero */
    double far = FAR * fmax(mostly.high - mostly.low, least);
    struct range shown = mostly;
    bool beyond = false;
    for (size_t run = 0; run < report->n_runs; run++) {
        for (int i = 0; i < TM_PANEL_LINES; i++)
            beyond |= include_near(&mostly, far, tm_chart_value(report, subject->plugin, view->panel->lines[i], run), &shown);
        beyond |= include_near(&mostly, far, tm_report_value(report, subject->plugin, view->panel->lines[0], run), &shown);
    }
    for (size_t run = 0; subject->plugin_beside && run < subject->timeline.beside->n_runs; run++)
        include_near(&mostly, far, tm_beside_value(subject, view->panel->lines[0], run), &shown);
    include_near_weeks(subject, view->panel->lines[0], &mostly, far, &shown);
    include_near(&mostly, far, tm_view_limit(subject, view), &shown);
    double missing = fmax(least - (shown.high - shown.low), 0);
    shown = (struct range){shown.low - missing / 2, shown.high + missing / 2};
    double margin = (beyond ? LARGER_MARGIN : MARGIN) * (shown.high - shown.low);
    bool from_zero = whole.low >= 0 && (shown.low - margin < NEAR_ZERO * shown.high || metric->kind == TM_METRIC_ERRORS);
    view->low = from_zero ? 0 : shown.low - margin;
    view->high = shown.high + margin;
}

/* Levels before the scale, which must hold them all. */
void tm_view_of(const struct tm_subject *subject, const struct tm_panel *panel, struct tm_view *view)
{
    const struct tm_report *report = subject->report;
    view->panel = panel;
    view->n_levels = tm_levels_of(report, subject->plugin, panel->lines[0], subject->changes, subject->n_changes, subject->scratch,
                                  view->levels);
    set_scale(subject, view);
    double largest = view->flat ? fabs(view->levels[0].median) : fmax(fabs(view->low), fabs(view->high));
    view->unit = tm_chart_unit_for(&report->metrics[panel->lines[0]], largest);
}

/* ---- pixels ---- */

double tm_chart_x_of(const struct tm_timeline *timeline, double position)
{
    return TM_CHART_LEFT + TM_CHART_INSET +
           tm_timeline_part(timeline, position) * (TM_CHART_RIGHT - TM_CHART_LEFT - 2 * TM_CHART_INSET);
}

double tm_chart_x_at(const struct tm_timeline *timeline, double time)
{
    return tm_chart_x_of(timeline, tm_timeline_time(timeline, time));
}

double tm_chart_x(const struct tm_timeline *timeline, size_t run)
{
    return tm_chart_x_of(timeline, tm_timeline_run(timeline, run));
}

double tm_panel_y(const struct tm_panel_box *box, double value)
{
    double part = (value - box->view->low) / (box->view->high - box->view->low);
    return box->bottom - fmin(fmax(part, 0), 1) * (box->bottom - box->top);
}

/* Weeks take a part of the axis. */
double tm_chart_night(const struct tm_timeline *timeline)
{
    size_t weeks = timeline->report->n_weeks, first = timeline->first > weeks ? timeline->first : weeks;
    double from = tm_chart_x_of(timeline, tm_timeline_slot(timeline, first));
    return (TM_CHART_RIGHT - (timeline->last > first ? from - TM_CHART_INSET : TM_CHART_LEFT)) /
           (double)(timeline->last - first + 1);
}

/* Half of what a run is wide. */
double tm_chart_half_night(const struct tm_timeline *timeline)
{
    return fmin(fmax(tm_chart_night(timeline) / 2, 0.8), TM_CHART_INSET);
}
