/* Beside a finding, what it is about as a picture: the last runs, the level and the band of most runs before and after, and where
 * the change began. Coordinates are whole numbers, of which a screen has no more. */
#include <math.h>
#include <stdlib.h>

#include "base/escape.h"
#include "report/chart/levels.h"
#include "report/page/sections.h"
#include "report/words.h"

enum {
    RUNS = 60, /* as many as can be told apart, and enough of the level before */
    WIDTH = 340,
    HEIGHT = 120,
    LEFT = 6,
    RIGHT = 334,
    TOP = 8,
    BOTTOM = 96,
    DATES = 114, /* the line of their text */
};

struct window {
    const struct tm_report *report;
    const struct tm_report_plugin *plugin;
    int metric;
    size_t first; /* run; the last is the report's own */
    double low, high;
};

static double x_of(const struct window *w, double run)
{
    double part = (run - (double)w->first) / fmax(1, (double)(w->report->n_runs - 1 - w->first));
    return LEFT + fmin(fmax(part, 0), 1) * (RIGHT - LEFT);
}

static double y_of(const struct window *w, double value)
{
    return BOTTOM - (value - w->low) / (w->high - w->low) * (BOTTOM - TOP);
}

/* As sparklines: what is quiet looks quiet. false: there is no value. */
static bool set_scale(struct window *w)
{
    w->low = INFINITY, w->high = -INFINITY;
    for (size_t run = w->first; run < w->report->n_runs; run++) {
        double value = tm_chart_value(w->report, w->plugin, w->metric, run);
        if (isfinite(value))
            w->low = fmin(w->low, value), w->high = fmax(w->high, value);
    }
    double middle = (w->low + w->high) / 2, half = fmax((w->high - w->low) / 2, 0.1 * fabs(middle));
    half = half > 0 ? half : 1;
    w->low = middle - half, w->high = middle + half;
    return isfinite(middle);
}

static void put_levels(FILE *out, const struct window *w, const struct tm_level *levels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (levels[i].end <= w->first)
            continue;
        double from = x_of(w, (double)levels[i].first - 0.5), to = x_of(w, (double)levels[i].end - 0.5);
        double top = fmax(y_of(w, levels[i].high), TOP - 4), bottom = fmin(y_of(w, levels[i].low), BOTTOM + 4);
        fprintf(out, "<path class=band d=\"M%.0f %.0fH%.0fV%.0fH%.0fz\"/>", from, top, fmax(to, from + 1), fmax(bottom, top + 1),
                from);
        if (levels[i].median >= w->low && levels[i].median <= w->high)
            fprintf(out, "<path class=level d=\"M%.0f %.0fH%.0f\"/>", from, y_of(w, levels[i].median), to);
    }
}

static void put_values(FILE *out, const struct window *w)
{
    const char *command = "M";
    fputs("<path class=line d=\"", out);
    for (size_t run = w->first; run < w->report->n_runs; run++) {
        double value = tm_chart_value(w->report, w->plugin, w->metric, run);
        if (!isfinite(value))
            continue;
        fprintf(out, "%s%.0f %.0f", command, x_of(w, (double)run), y_of(w, value));
        command = "L";
    }
    fputs("\"/>", out);
    double last = tm_chart_value(w->report, w->plugin, w->metric, w->report->n_runs - 1);
    if (isfinite(last))
        fprintf(out, "<circle cx=%d cy=%.0f r=4 />", RIGHT, y_of(w, last));
}

/* The first and last date, and in their place the change's own where there is no room for both. */
static void put_dates(FILE *out, const struct window *w, const struct tm_report_verdict *v)
{
    const struct tm_report_run *runs = w->report->runs;
    char day[TM_PAGE_DAY_SIZE];
    enum { ROOM = 90 /* of a date */ };
    double x = v->since_run > (int)w->first ? x_of(w, v->since_run - 0.5) : RIGHT + ROOM;
    if (x <= RIGHT) {
        fprintf(out, "<path class=since d=\"M%.0f %dV%d\"/><text x=%.0f y=%d text-anchor=%s>%s</text>", x, TOP - 6, BOTTOM + 6,
                fmin(x, RIGHT), DATES,
                x > WIDTH - ROOM / 2.0 ? "end"
                : x < ROOM / 2.0       ? "start"
                                       : "middle",
                tm_page_day(runs[v->since_run].started_at, day));
    }
    if (x > 1.6 * ROOM)
        fprintf(out, "<text x=%d y=%d>%s</text>", LEFT, DATES, tm_page_day(runs[w->first].started_at, day));
    if (x < RIGHT - 1.5 * ROOM || x > RIGHT)
        fprintf(out, "<text x=%d y=%d text-anchor=end>%s</text>", RIGHT, DATES,
                tm_page_day(runs[w->report->n_runs - 1].started_at, day));
}

static void put_picture(const struct tm_page *page, const struct window *w, const struct tm_report_verdict *v, double *scratch)
{
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    struct tm_level levels[TM_LEVELS_MOST];
    size_t n_changes = tm_chart_changes(page->report, w->plugin, changes);
    size_t n = tm_levels_of(page->report, w->plugin, w->metric, changes, n_changes, scratch, levels);
    fprintf(page->out, "<svg class=evidence viewBox=\"0 0 %d %d\" role=img aria-label=\"The last %zu runs of ", WIDTH, HEIGHT,
            page->report->n_runs - w->first);
    tm_put_xml(page->out, w->plugin->name);
    fputs(": ", page->out);
    tm_put_xml(page->out, tm_report_metric_title(&page->report->metrics[w->metric]));
    fputs("\">", page->out);
    put_levels(page->out, w, levels, n);
    put_values(page->out, w);
    put_dates(page->out, w, v);
    fputs("</svg>\n", page->out);
}

/* A plugin that is missing as such is shown by the first metric that it had. */
static int metric_to_show(const struct tm_report *report, const struct tm_report_verdict *v, struct window *w)
{
    for (int m = v->metric >= 0 ? v->metric : 0; m < (int)report->n_metrics; m++) {
        w->metric = m;
        if (set_scale(w))
            return m;
        if (v->metric >= 0)
            break;
    }
    return -1;
}

void tm_page_evidence(const struct tm_page *page, const struct tm_report_verdict *v)
{
    const struct tm_report *report = page->report;
    if (v->plugin == TM_WHOLE_RUN || report->n_runs < 2)
        return;
    struct window w = {report, &report->plugins[v->plugin], 0, report->n_runs > RUNS ? report->n_runs - RUNS : 0, 0, 0};
    double *scratch = calloc(report->n_runs, sizeof *scratch);
    *page->failed |= !scratch;
    if (scratch && metric_to_show(report, v, &w) >= 0)
        put_picture(page, &w, v, scratch);
    free(scratch);
}
