/* gnuplot's terminal "dumb" draws a chart with one sign of ours for each kind of point (terminal_signs.h). */
#include "report/chart/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "report/chart/panel.h"
#include "report/chart/terminal_signs.h"

/* Characters, but for the days and seconds. */
enum {
    LEFT = 12,         /* "100.25 MiB" and the axis */
    RIGHT = 11,        /* "93.76 MiB" */
    TOP = 2,           /* flags */
    BOTTOM = 3,        /* axis, dates, a blank */
    DATE_COLUMNS = 14, /* for a date: "Nov 19, 2026" and air */
    ROWS_A_TIC = 2,
    DAY = 86400
};

struct grid {
    FILE *points; /* of the sign in hand */
    const struct tm_report *report;
    const struct tm_subject *subject;
    const struct tm_view *view;
    int columns, rows;
};

/* Days since the first slot, or slots. */
static double x_of_position(const struct grid *grid, double position)
{
    const struct tm_timeline *line = &grid->subject->timeline;
    return fmax(position - tm_timeline_slot(line, line->first), 0) / (line->by_run ? 1 : DAY);
}

static double x_of(const struct grid *grid, size_t run)
{
    return x_of_position(grid, tm_timeline_run(&grid->subject->timeline, run));
}

/* A second at least: gnuplot takes no empty range. */
static double last_x(const struct grid *grid)
{
    const struct tm_timeline *line = &grid->subject->timeline;
    return fmax(x_of_position(grid, tm_timeline_slot(line, line->last)), 1.0 / DAY);
}

/* A point, at the edge if it is beyond it. */
static void put_point(const struct grid *grid, double x, double value)
{
    const struct tm_view *view = grid->view;
    if (isfinite(value))
        fprintf(grid->points, "%.6g %.9g\n", x, fmin(fmax(value, view->low), view->high) * view->unit.scale);
}

static void put_level(const struct grid *grid, double from, double to, double value)
{
    double step = last_x(grid) / grid->columns;
    for (double x = from; x <= to; x += step)
        put_point(grid, x, value);
}

static void put_levels(const struct grid *grid, bool accepted)
{
    for (size_t i = 0; i < grid->view->n_levels; i++) {
        const struct tm_level *level = &grid->view->levels[i];
        if (level->accepted == accepted)
            put_level(grid, x_of(grid, level->first), x_of(grid, level->end - 1), level->median);
    }
}

/* A waiver is a line from its night to its end. */
static void put_ceilings(const struct grid *grid)
{
    for (size_t i = 0; i < grid->report->n_decisions; i++) {
        const struct tm_report_decision *decision = &grid->report->decisions[i];
        double until = x_of_position(grid, tm_timeline_time(&grid->subject->timeline, (double)decision->until));
        double from = decision->made_run >= 0 ? x_of(grid, (size_t)decision->made_run) : 0;
        put_level(grid, from, decision->until > 0 ? fmin(until, last_x(grid)) : last_x(grid),
                  tm_ceiling_of(grid->subject, grid->view, decision));
    }
}

static void put_limit(const struct grid *grid)
{
    double limit = tm_view_limit(grid->subject, grid->view);
    if (limit >= grid->view->low && limit <= grid->view->high)
        put_level(grid, 0, last_x(grid), limit);
}

static void put_changes(const struct grid *grid, enum tm_class class)
{
    double step = (grid->view->high - grid->view->low) / grid->rows;
    for (size_t i = 0; i < grid->subject->n_changes; i++) {
        const struct tm_chart_change *change = &grid->subject->changes[i];
        if (change->metric != grid->view->panel->lines[0] || change->class != class)
            continue;
        for (double value = grid->view->low; value <= grid->view->high; value += step)
            put_point(grid, x_of(grid, (size_t)change->run), value);
    }
}

/* Of each week the mean, or all from the smallest to the largest value, row by row. */
static void put_weeks(const struct grid *grid, enum tm_sign sign)
{
    const struct tm_report *report = grid->report;
    double low = grid->view->low, high = grid->view->high, step = (high - low) / grid->rows;
    for (size_t week = 0; week < report->n_weeks; week++) {
        const struct tm_week_value *value = tm_report_weekly(report, grid->subject->plugin, grid->view->panel->lines[0], week);
        double x = x_of_position(grid, tm_timeline_slot(&grid->subject->timeline, week));
        if (value && sign == TM_SIGN_WEEK)
            put_point(grid, x, value->mean);
        if (!value || sign != TM_SIGN_WEEKS)
            continue;
        for (double at = fmax(value->least, low); at <= fmin(value->most, high); at += step)
            put_point(grid, x, at);
    }
}

/* Every night; or those that were measured otherwise than they are compared; or those beyond the scale. */
static void put_nights(const struct grid *grid, enum tm_sign sign)
{
    int metric = grid->view->panel->lines[0];
    for (size_t run = 0; run < grid->report->n_runs; run++) {
        double value = tm_chart_value(grid->report, grid->subject->plugin, metric, run);
        bool beyond = value < grid->view->low || value > grid->view->high;
        if (sign == TM_SIGN_RAW && tm_chart_is_corrected(grid->report, metric, run))
            put_point(grid, x_of(grid, run), tm_report_value(grid->report, grid->subject->plugin, metric, run));
        else if (sign == TM_SIGN_NIGHT || (sign == TM_SIGN_BEYOND && beyond))
            put_point(grid, x_of(grid, run), value);
    }
}

static void put_beside(const struct grid *grid)
{
    const struct tm_subject *subject = grid->subject;
    const struct tm_report *beside = subject->plugin_beside ? subject->timeline.beside : NULL;
    for (size_t run = 0; beside && run < beside->n_runs; run++)
        put_point(grid, x_of_position(grid, tm_timeline_time(&subject->timeline, (double)beside->runs[run].started_at)),
                  tm_beside_value(subject, grid->view->panel->lines[0], run));
}

static void put_events(const struct grid *grid, enum tm_class class)
{
    const struct tm_report_plugin *plugin = grid->subject->plugin;
    for (size_t i = 0; i < plugin->n_events; i++) {
        const struct tm_report_event *event = &grid->report->events[plugin->first_event + i];
        if (event->class == class && event->run >= 0 && event->metric == grid->view->panel->lines[0])
            put_point(grid, x_of(grid, (size_t)event->run),
                      tm_chart_value(grid->report, plugin, event->metric, (size_t)event->run));
    }
}

/* All points that are drawn with that sign. */
static void put_sign(const struct grid *grid, enum tm_sign sign)
{
    if (sign == TM_SIGN_WEEKS || sign == TM_SIGN_WEEK)
        put_weeks(grid, sign);
    else if (sign == TM_SIGN_LEVEL || sign == TM_SIGN_ACCEPTED)
        put_levels(grid, sign == TM_SIGN_ACCEPTED);
    else if (sign == TM_SIGN_CEILING)
        put_ceilings(grid);
    else if (sign == TM_SIGN_LIMIT)
        put_limit(grid);
    else if (sign == TM_SIGN_WORSE_SINCE || sign == TM_SIGN_BETTER_SINCE)
        put_changes(grid, sign == TM_SIGN_WORSE_SINCE ? TM_REGRESSED : TM_IMPROVED);
    else if (sign == TM_SIGN_BESIDE)
        put_beside(grid);
    else if (sign == TM_SIGN_NIGHT || sign == TM_SIGN_RAW || sign == TM_SIGN_BEYOND)
        put_nights(grid, sign);
    else
        put_events(grid, sign == TM_SIGN_WORSE ? TM_REGRESSED : sign == TM_SIGN_BETTER ? TM_IMPROVED : TM_SUSPECT);
}

/* gnuplot takes no empty list of points. -1: no memory. */
static int write_plot(FILE *script, struct grid *grid)
{
    char *points[TM_SIGNS] = {NULL};
    const char *before = "plot ";
    int result = 0;
    for (int sign = 0; sign < TM_SIGNS && result == 0; sign++) {
        struct tm_builder builder;
        grid->points = tm_build(&builder);
        if (grid->points)
            put_sign(grid, (enum tm_sign)sign);
        points[sign] = tm_built(&builder);
        if (!points[sign])
            result = -1;
        if (builder.size == 0)
            continue;
        fprintf(script, "%s'-' using 1:2 with points pt '%s'", before, tm_sign((enum tm_sign)sign));
        before = ", ";
    }
    putc('\n', script);
    for (int sign = 0; sign < TM_SIGNS; sign++) {
        if (points[sign] && *points[sign])
            fprintf(script, "%se\n", points[sign]);
        free(points[sign]);
    }
    return result;
}

/* Where the next change of the metric is drawn, at the right end if there is none. */
static double next_flag(const struct grid *grid, size_t i)
{
    const struct tm_subject *subject = grid->subject;
    for (size_t next = i + 1; next < subject->n_changes; next++)
        if (subject->changes[next].metric == grid->view->panel->lines[0])
            return x_of(grid, (size_t)subject->changes[next].run);
    return last_x(grid) * (1 + (double)RIGHT / grid->columns);
}

/* "1: Nov 19" over the line, or "1", as there is room. */
static void set_flags(FILE *script, const struct grid *grid)
{
    double taken = 0, column = last_x(grid) / grid->columns;
    for (size_t i = 0; i < grid->subject->n_changes; i++) {
        const struct tm_chart_change *change = &grid->subject->changes[i];
        char date[TM_TIC_SIZE], text[TM_TIC_SIZE + 16];
        double x = x_of(grid, (size_t)change->run);
        if (change->metric != grid->view->panel->lines[0] || x < taken)
            continue;
        tm_chart_date(grid->report->runs[change->run].started_at, tm_timeline_needs_years(&grid->subject->timeline), date);
        snprintf(text, sizeof text, "%d: %s", change->number, date);
        if (x + column * (double)(strlen(text) + 1) > next_flag(grid, i))
            snprintf(text, sizeof text, "%d", change->number);
        fprintf(script, "set label \"%s\" at %.6g, graph 1 left offset 0,1\n", text, x);
        taken = x + column * (double)(strlen(text) + 1);
    }
}

/* Behind a number, and in a margin: "1 millions" reads ill, and is too wide. */
static const char *short_unit(const char *name)
{
    static const char *const counts[][2] = {{"thousands", "k"}, {"millions", "M"}, {"billions", "G"}, {"trillions", "T"}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (strcmp(name, counts[i][0]) == 0)
            return counts[i][1];
    return name;
}

/* Tics are set by us, as in images: gnuplot would choose other ones in a terminal. */
static void set_axes(FILE *script, const struct grid *grid)
{
    const struct tm_view *view = grid->view;
    struct tm_tic tics[TM_TICS_MOST];
    double scale = view->unit.scale;
    const char *unit = short_unit(view->unit.name);
    char number[TM_TIC_SIZE];
    size_t n = tm_value_tics(view->low * scale, view->high * scale, grid->rows / ROWS_A_TIC, tics);
    double margin = last_x(grid) / grid->columns; /* or the first night lies under the axis */
    fprintf(script, "set xrange [%.6g:%.6g]\nset yrange [%.9g:%.9g]\nset ytics nomirror scale 0 (", -margin, last_x(grid) + margin,
            view->low * scale, view->high * scale);
    for (size_t i = 0; i < n; i++)
        fprintf(script, "%s\"%s%s%s\" %.9g", i ? ", " : "", tics[i].text, *unit ? " " : "", unit, tics[i].at);
    fputs(")\nset xtics nomirror scale 0 (", script);
    n = tm_timeline_tics(&grid->subject->timeline, grid->columns > 2 * DATE_COLUMNS ? grid->columns / DATE_COLUMNS : 2, tics);
    for (size_t i = 0; i < n; i++)
        fprintf(script, "%s\"%s\" %.6g", i ? ", " : "", tics[i].text, x_of_position(grid, tics[i].at));
    fputs(")\n", script);
    if (view->n_levels > 0) {
        double median = view->levels[view->n_levels - 1].median * scale;
        tm_chart_number(median, 4, number);
        fprintf(script, "set label \"%s %s\" at graph 1, first %.9g left offset 1,0\n", number, unit, median);
    }
}

bool tm_draw_terminal(FILE *script, struct tm_drawing *drawing, const struct tm_chart_of *chart, const struct tm_chart_wish *wish)
{
    const struct tm_report_plugin *plugin = chart->plugin;
    struct tm_subject subject = {.report = drawing->report, .plugin = plugin, .scratch = drawing->scratch};
    struct tm_panel panels[TM_PANELS_MOST];
    struct tm_view view;
    int metric = chart->metric >= 0 ? chart->metric : tm_report_metric(drawing->report, "wall_per_call_ms");
    if (metric < 0 || tm_panels_of(drawing->report, plugin, metric, panels) == 0)
        return false;
    subject.plugin_beside = tm_plugin_beside(drawing->beside, plugin);
    subject.timeline = tm_timeline_of(drawing->report, drawing->beside, plugin, drawing->by_run);
    subject.n_changes = tm_chart_changes(drawing->report, plugin, subject.changes);
    tm_view_of(&subject, &panels[0], &view);
    int width = tm_terminal_width(wish), height = tm_terminal_height(wish);
    struct grid grid = {NULL, drawing->report, &subject, &view, width - LEFT - RIGHT, height - TOP - BOTTOM};
    fprintf(script,
            "set terminal dumb size %d,%d mono noenhanced\nset encoding utf8\nset output 'chart'\nunset key\nset border 3\n"
            "set lmargin %d\nset rmargin %d\nset tmargin %d\nset bmargin %d\n",
            width, height, LEFT, RIGHT, TOP, BOTTOM - 1);
    set_axes(script, &grid);
    set_flags(script, &grid);
    drawing->picture.failed |= write_plot(script, &grid) != 0;
    return true;
}
