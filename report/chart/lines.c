/* The lines of a panel, from the ground up: grid, levels, values, waivers; and at the right end of each what it is. */
#include <math.h>

#include "report/chart/box.h"

/* Pixels. */
enum {
    TIC_LEAST = 19,    /* between two tics of a scale: a line of text and some air */
    GAP_LEAST = 4,     /* that a break in a line must have to be seen */
    DOT_LEAST = 3,     /* that a night must have for a dot of its own */
    WAIVER_LEAST = 14, /* long enough for three dashes: a waiver of tonight is seen, too */
    LINE_HEIGHT = 13,  /* of a label */
    LINE_OFF = 1,      /* that a line may pass a night by: as much as it is wide, so that nobody sees it */
};

/* No scale where all values are the same: its one value stands at the end of the line. */
static void draw_scale(const struct tm_panel_box *box)
{
    const struct tm_view *view = box->view;
    struct tm_tic tics[TM_TICS_MOST];
    double scale = view->unit.scale;
    size_t n =
        view->flat ? 0 : tm_value_tics(view->low * scale, view->high * scale, (int)((box->bottom - box->top) / TIC_LEAST), tics);
    for (size_t i = 0; i < n; i++) {
        double y = tm_panel_y(box, tics[i].at / scale);
        tm_picture_line(box->picture, TM_INK_GRID, TM_CHART_LEFT, y, TM_CHART_RIGHT, y);
        tm_picture_text(box->picture, TM_PEN_FAINT, TM_RIGHT, TM_CHART_LEFT - 6, y, tics[i].text);
    }
}

/* The band of most nights, and the median in it. */
static void draw_levels(const struct tm_panel_box *box)
{
    double half = tm_chart_half_night(&box->subject->timeline);
    for (size_t i = 0; i < box->view->n_levels; i++) {
        const struct tm_level *level = &box->view->levels[i];
        double from = tm_chart_x(&box->subject->timeline, level->first) - half,
               to = tm_chart_x(&box->subject->timeline, level->end - 1) + half, y = tm_panel_y(box, level->median);
        if (level->high > level->low)
            tm_picture_area(box->picture, TM_INK_BAND, from, tm_panel_y(box, level->high), to, tm_panel_y(box, level->low));
        tm_picture_line(box->picture, level->accepted ? TM_INK_ACCEPTED : TM_INK_LEVEL, from, y, to, y);
    }
}

/* Fills box->points with the values of a metric, as a line that is broken where nights are missing for long. A line with a dot for
 * each night has all of them. */
static size_t trace_values(const struct tm_panel_box *box, int metric, bool dots)
{
    const struct tm_report *report = box->subject->report;
    const struct tm_timeline *line = &box->subject->timeline;
    struct tm_point *points = box->points;
    size_t n = 0, before = SIZE_MAX;
    for (size_t run = 0; run < report->n_runs; run++) {
        double value = tm_chart_value(report, box->subject->plugin, metric, run);
        if (!isfinite(value))
            continue;
        double x = tm_chart_x(line, run);
        if (before != SIZE_MAX && tm_timeline_run(line, run) - tm_timeline_run(line, before) > box->longest &&
            x - points[n - 1].x > GAP_LEAST)
            points[n++] = (struct tm_point){(float)x, NAN};
        points[n++] = (struct tm_point){(float)x, (float)tm_panel_y(box, value)};
        before = run;
    }
    return tm_thin(points, dots ? n : tm_straighten(points, n, LINE_OFF), box->line_points);
}

/* Over a break, lightly: the line goes on, and nothing is known between. */
static void draw_bridge(const struct tm_panel_box *box, const struct tm_point *from, const struct tm_point *to)
{
    tm_picture_line(box->picture, TM_INK_BRIDGE, (double)from->x, (double)from->y, (double)to->x, (double)to->y);
}

/* A night between two breaks is no line: it gets a bit of one. */
static void draw_trace(const struct tm_panel_box *box, enum tm_ink ink, size_t n)
{
    struct tm_point *points = box->points;
    for (size_t i = 0, end; i < n; i = end + 1) {
        for (end = i; end < n && !isnan(points[end].y); end++)
            ;
        if (end == i)
            continue;
        tm_picture_path(box->picture, ink, points + i, end - i);
        if ((ink == TM_INK_VALUE || ink == TM_INK_VALUES) && end + 1 < n && !isnan(points[end + 1].y))
            draw_bridge(box, &points[end - 1], &points[end + 1]);
        if (end == i + 1)
            tm_picture_point(box->picture, ink, (double)points[i].x + (ink == TM_INK_VALUE ? 0.02 : 1.5), (double)points[i].y);
    }
}

/* Weeks of older runs: from the smallest to the largest value an area, and their means a line; both are broken where weeks are
 * missing. */
static void draw_weeks(const struct tm_panel_box *box)
{
    const struct tm_report *report = box->subject->report;
    int metric = box->view->panel->lines[0];
    size_t n = 0, before = SIZE_MAX;
    for (size_t week = 0; week < report->n_weeks; week++) {
        const struct tm_week_value *value = tm_report_weekly(report, box->subject->plugin, metric, week);
        if (!value)
            continue;
        double x = tm_chart_x_at(&box->subject->timeline, tm_report_week_at(report, week));
        bool first = before == SIZE_MAX || report->weeks[week].begins_at != report->weeks[before].ends_at;
        if (first && n > 0)
            box->points[n++] = (struct tm_point){(float)x, NAN};
        tm_picture_edge(box->picture, TM_INK_WEEKS, x, tm_panel_y(box, value->most), tm_panel_y(box, value->least), first);
        box->points[n++] = (struct tm_point){(float)x, (float)tm_panel_y(box, value->mean)};
        before = week;
    }
    draw_trace(box, TM_INK_WEEK, n);
}

/* A dot for each night where there is room for dots; percentiles beside the metric's own line, if
 * the panel has them. */
static void draw_values(const struct tm_panel_box *box)
{
    bool dots = tm_chart_night(&box->subject->timeline) > DOT_LEAST;
    int metric = box->view->panel->lines[0];
    draw_trace(box, dots ? TM_INK_VALUE : TM_INK_VALUES, trace_values(box, metric, dots));
    for (int i = 1; i < TM_PANEL_LINES; i++)
        if (box->view->panel->lines[i] >= 0)
            draw_trace(box, i == 1 ? TM_INK_P95 : TM_INK_P50, trace_values(box, box->view->panel->lines[i], false));
}

/* The other branch's runs lie at their times; they may be rare, and their line is never broken. */
static void draw_beside(const struct tm_panel_box *box)
{
    const struct tm_subject *subject = box->subject;
    const struct tm_report *beside = subject->plugin_beside ? subject->timeline.beside : NULL;
    size_t n = 0;
    for (size_t run = 0; beside && run < beside->n_runs; run++) {
        double value = tm_beside_value(subject, box->view->panel->lines[0], run);
        double x = tm_chart_x_at(&subject->timeline, (double)beside->runs[run].started_at);
        if (isfinite(value))
            box->points[n++] = (struct tm_point){(float)x, (float)tm_panel_y(box, value)};
    }
    draw_trace(box, TM_INK_BESIDE, tm_thin(box->points, tm_straighten(box->points, n, LINE_OFF), box->line_points));
}

/* From the night on which it was decided to its end, with a foot where it begins. */
static void draw_waivers(const struct tm_panel_box *box)
{
    const struct tm_report *report = box->subject->report;
    for (size_t i = 0; i < report->n_decisions; i++) {
        const struct tm_report_decision *decision = &report->decisions[i];
        double ceiling = tm_ceiling_of(box->subject, box->view, decision), y = tm_panel_y(box, ceiling);
        if (!isfinite(ceiling))
            continue;
        double from = decision->made_run >= 0 ? tm_chart_x(&box->subject->timeline, (size_t)decision->made_run)
                                              : tm_chart_x_at(&box->subject->timeline, (double)decision->made_at);
        double last = (double)report->runs[report->n_runs - 1].started_at;
        double to = decision->until > 0 && (double)decision->until < last
                        ? tm_chart_x_at(&box->subject->timeline, (double)decision->until)
                        : TM_CHART_RIGHT;
        from = fmin(from, to - WAIVER_LEAST);
        tm_picture_line(box->picture, TM_INK_CEILING, from, y, to, y);
        tm_picture_line(box->picture, TM_INK_CEILING, from, y - 3, from, y + 3);
    }
}

/* One that is far from all values is left out: it would press them into a line. */
static void draw_limit(const struct tm_panel_box *box)
{
    double limit = tm_view_limit(box->subject, box->view), y = tm_panel_y(box, limit);
    if (isfinite(limit) && limit >= box->view->low && limit <= box->view->high)
        tm_picture_line(box->picture, TM_INK_LIMIT, TM_CHART_LEFT, y, TM_CHART_RIGHT, y);
}

struct end_label {
    double y;
    enum tm_pen pen;
    char text[TM_TEXT_SIZE];
};

/* Moves labels apart: downwards first, then up from the panel's lower edge. */
static void put_labels(const struct tm_panel_box *box, struct end_label *labels, int n)
{
    for (int i = 1; i < n; i++) /* by their height */
        for (int j = i; j > 0 && labels[j].y < labels[j - 1].y; j--) {
            struct end_label label = labels[j];
            labels[j] = labels[j - 1], labels[j - 1] = label;
        }
    for (int i = 1; i < n; i++)
        labels[i].y = fmax(labels[i].y, labels[i - 1].y + LINE_HEIGHT);
    for (int i = n - 1; i >= 0; i--)
        labels[i].y = fmin(labels[i].y, box->bottom + 4 - LINE_HEIGHT * (n - 1 - i));
    for (int i = 0; i < n; i++)
        tm_picture_text(box->picture, labels[i].pen, TM_LEFT, TM_CHART_RIGHT + 5, labels[i].y, labels[i].text);
}

static double last_value_beside(const struct tm_subject *subject, int metric)
{
    double value = NAN;
    for (size_t run = subject->plugin_beside ? subject->timeline.beside->n_runs : 0; run-- > 0 && !isfinite(value);)
        value = tm_beside_value(subject, metric, run);
    return value;
}

static double last_value(const struct tm_subject *subject, int metric)
{
    double value = NAN;
    for (size_t run = subject->report->n_runs; run-- > 0 && !isfinite(value);)
        value = tm_chart_value(subject->report, subject->plugin, metric, run);
    return value;
}

/* At the right end of each line, what it is and where it stands. */
static void draw_end_labels(const struct tm_panel_box *box)
{
    static const char *const names[TM_PANEL_LINES] = {"", "p95 ", "p50 "};
    const struct tm_view *view = box->view;
    struct end_label labels[TM_PANEL_LINES + 1];
    double beside = last_value_beside(box->subject, view->panel->lines[0]);
    int n = 0;
    for (int i = 0; i < TM_PANEL_LINES; i++) {
        int metric = view->panel->lines[i];
        double value = i == 0 && view->n_levels > 0 ? view->levels[view->n_levels - 1].median : last_value(box->subject, metric);
        char number[TM_TIC_SIZE];
        if (metric < 0 || !isfinite(value))
            continue;
        tm_chart_number(value * view->unit.scale, i == 0 ? 4 : 3, number);
        labels[n] = (struct end_label){tm_panel_y(box, value), i == 0 ? TM_PEN_TITLE : TM_PEN_FAINT, ""};
        snprintf(labels[n++].text, TM_TEXT_SIZE, "%s%s", names[i], number);
    }
    if (isfinite(beside)) {
        labels[n] = (struct end_label){tm_panel_y(box, beside), TM_PEN_BESIDE, ""};
        tm_chart_number(beside * view->unit.scale, 4, labels[n++].text);
    }
    put_labels(box, labels, n);
}

void tm_panel_lines(const struct tm_panel_box *box)
{
    draw_scale(box);
    draw_levels(box);
    draw_weeks(box);
    draw_values(box);
    draw_beside(box);
    draw_waivers(box);
    draw_limit(box);
    draw_end_labels(box);
}
