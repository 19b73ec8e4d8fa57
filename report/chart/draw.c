/* A plugin's chart: panels one below the other, each of its own height but on one time axis, then the dates and the key. Everything
 * is placed in pixels here and in the files for lines, marks and scale; gnuplot only paints. */
#include "report/chart/draw.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/stats.h"
#include "report/chart/box.h"

/* Pixels. */
enum {
    TITLE = 23,         /* a line of 12 px text, with room above */
    FIRST_HEIGHT = 130, /* the first panel is what people look at */
    HEIGHT = 76,        /* the others: four tics of a scale */
    FLAT_HEIGHT = 20,   /* where all values are the same there is only a line */
    GAP = 9,            /* between two panels */
    AXIS = 24,          /* tics and dates */
    KEY_LINE = 18,      /* text of 12 px and air */
    KEY_SAMPLE = 22,    /* a sample of 18 and a blank */
    KEY_APART = 10,     /* between two entries */
};

/* How much is drawn, so that an image stays below some 60 KB however long the history: a page may hold thousands of them. */
enum {
    GAP_RUNS = 4,        /* times what is usual between two runs: a free Friday to Monday breaks no line */
    TIME_TICS = 7,       /* dates side by side */
    CHART_POINTS = 2800, /* of all lines together, and at most: */
    LINE_POINTS = 600,   /* one for each pixel of the axis, nearly */
    CHART_MARKS = 160,   /* of a kind */
};

/* Memory for the longest line there can be, used for every chart of the report. */
int tm_drawing_begin(struct tm_drawing *drawing, const struct tm_report *report)
{
    *drawing = (struct tm_drawing){.report = report};
    drawing->scratch = calloc(report->n_runs + 1, sizeof *drawing->scratch);
    drawing->points = calloc(2 * (report->n_runs + report->n_weeks) + 1, sizeof *drawing->points);
    if (!drawing->scratch || !drawing->points)
        return -1;
    size_t n = report->n_runs - 1;
    for (size_t i = 0; i < n; i++)
        drawing->scratch[i] = (double)(report->runs[i + 1].started_at - report->runs[i].started_at);
    drawing->longest = n > 0 ? GAP_RUNS * fmax(tm_median(drawing->scratch, n), 1) : INFINITY;
    drawing->by_run = tm_timeline_is_by_run(report, drawing->scratch, n);
    if (drawing->by_run)
        drawing->longest = GAP_RUNS;
    return 0;
}

void tm_drawing_end(struct tm_drawing *drawing)
{
    tm_picture_free(&drawing->picture);
    free(drawing->scratch);
    free(drawing->points);
}

/* Runs that were slow or fast as a whole, through all panels; neighbours are one area. */
static void draw_shades(struct tm_picture *picture, const struct tm_timeline *timeline, double top, double bottom)
{
    const struct tm_report *report = timeline->report;
    double half = tm_chart_half_night(timeline), start = -1, end = -1;
    for (size_t run = 0; run < report->n_runs; run++) {
        double x = tm_chart_x(timeline, run);
        if (isnan(report->runs[run].factor) || tm_slot_of_run(report, run) < timeline->first)
            continue;
        if (start >= 0 && x - half > end + 1) {
            tm_picture_area(picture, TM_INK_SHADE, start, top, end, bottom);
            start = -1;
        }
        start = start < 0 ? x - half : start;
        end = x + half;
    }
    if (start >= 0)
        tm_picture_area(picture, TM_INK_SHADE, start, top, end, bottom);
}

/* Returns where the panel ends. */
static double draw_panel(struct tm_drawing *drawing, const struct tm_subject *subject, const struct tm_panel *panel,
                         struct tm_panel_box box, double top, double height)
{
    struct tm_view view;
    char title[TM_TEXT_SIZE], text[TM_TEXT_SIZE + 16];
    box.picture = &drawing->picture;
    box.subject = subject;
    box.view = &view;
    box.points = drawing->points;
    box.longest = drawing->longest;
    tm_view_of(subject, panel, &view);
    box.top = top + TITLE + (tm_panel_has_changes(&box) ? TM_CHART_FLAGS : 0);
    box.bottom = box.top + (view.flat ? FLAT_HEIGHT : height);
    tm_panel_title(subject->report, panel, title);
    snprintf(text, sizeof text, "%s%s%s", title, *view.unit.name ? ", " : "", view.unit.name);
    tm_picture_text(box.picture, TM_PEN_TITLE, TM_LEFT, 4, top + TITLE / 2.0, text);
    drawing->extent.panels[drawing->extent.n_panels++] =
        (struct tm_chart_panel){{panel->lines[0], panel->lines[1], panel->lines[2]},
                                box.top,
                                box.bottom,
                                view.low,
                                view.high,
                                view.unit.scale,
                                view.unit.name};
    tm_panel_lines(&box);
    tm_panel_changes(&box);
    tm_panel_marks(&box);
    return box.bottom;
}

/* The axis below all panels. */
static void draw_dates(struct tm_picture *picture, const struct tm_timeline *timeline, double y)
{
    struct tm_tic tics[TM_TICS_MOST];
    size_t n = tm_timeline_tics(timeline, TIME_TICS, tics);
    tm_picture_line(picture, TM_INK_AXIS, TM_CHART_LEFT, y, TM_CHART_RIGHT, y);
    for (size_t i = 0; i < n; i++) {
        double x = tm_chart_x_of(timeline, tics[i].at);
        tm_picture_line(picture, TM_INK_AXIS, x, y, x, y + 4);
        tm_picture_text(picture, TM_PEN_FAINT, TM_CENTER, x, y + 14, tics[i].text);
    }
}

/* What occurs in the picture, and only that. */
static const struct {
    enum tm_ink ink;
    const char *words;
} key[] = {
    {TM_INK_VALUE, "night"},
    {TM_INK_VALUES, "nights"},
    {TM_INK_BRIDGE, "no value"},
    {TM_INK_WEEK, "week's mean"},
    {TM_INK_WEEKS, "week's nights"},
    {TM_INK_LEVEL, "level (median)"},
    {TM_INK_BAND, "8 of 10 nights"},
    {TM_INK_ACCEPTED, "accepted level"},
    {TM_INK_CEILING, "waived up to"},
    {TM_INK_LIMIT, "limit"},
    {TM_INK_WORSE_SINCE, "worse since"},
    {TM_INK_BETTER_SINCE, "better since"},
    {TM_INK_WORSE, "regressed"},
    {TM_INK_BETTER, "improved"},
    {TM_INK_SUSPECT, "suspect"},
    {TM_INK_SHADE, "slow or fast run"},
    {TM_INK_RAW, "as measured (line: corrected)"},
    {TM_INK_BEYOND, "beyond the scale"},
};

/* An entry of the key in its ink: an area, a mark, or a piece of line. */
static void draw_sample(struct tm_picture *picture, enum tm_ink ink, double x, double y)
{
    if (tm_ink_is_area(ink))
        tm_picture_area(picture, ink, x, y - 5, x + 18, y + 5);
    else if (tm_ink_is_mark(ink))
        tm_picture_point(picture, ink, x + 9, y);
    else if (ink == TM_INK_VALUE)
        tm_picture_path(picture, ink,
                        (struct tm_point[]){{(float)x, (float)y + 2}, {(float)x + 9, (float)y - 2}, {(float)x + 18, (float)y}}, 3);
    else
        tm_picture_line(picture, ink, x, y, x + 18, y);
}

/* As many entries in a line as fit; returns where the last line lies. */
static double draw_key(struct tm_picture *picture, double y)
{
    bool used[sizeof key / sizeof *key];
    double x = 4;
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        used[i] = picture->layers[key[i].ink].n > 0;
    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        double width = KEY_SAMPLE + tm_text_width(key[i].words) + KEY_APART;
        if (!used[i])
            continue;
        if (x + width > TM_CHART_WIDTH && x > 4)
            x = 4, y += KEY_LINE;
        draw_sample(picture, key[i].ink, x, y);
        tm_picture_text(picture, TM_PEN_FAINT, TM_LEFT, x + KEY_SAMPLE, y, key[i].words);
        x += width;
    }
    return y;
}

/* How much may be drawn in a panel, so that the chart does not become too large. Each panel has its own line, and perhaps some
 * beside it. */
static struct tm_panel_box share_of(const struct tm_panel *panels, size_t n)
{
    size_t lines = n;
    for (size_t i = 0; i < n; i++)
        for (int line = 1; line < TM_PANEL_LINES; line++)
            lines += panels[i].lines[line] >= 0;
    size_t points = CHART_POINTS / lines;
    return (struct tm_panel_box){.line_points = points < LINE_POINTS ? points : LINE_POINTS, .marks = CHART_MARKS / n};
}

/* false: the plugin has no values, so there is no chart. The key is drawn last, when it is known
 * what occurs. */
bool tm_draw_plugin(struct tm_drawing *drawing, const struct tm_report_plugin *plugin, int only)
{
    struct tm_panel panels[TM_PANELS_MOST];
    struct tm_subject subject = {.report = drawing->report, .plugin = plugin, .scratch = drawing->scratch};
    size_t n = tm_panels_of(drawing->report, plugin, only, panels);
    double y = 0;
    if (n == 0)
        return false;
    subject.timeline = tm_timeline_of(drawing->report, plugin, drawing->by_run);
    subject.n_changes = tm_chart_changes(drawing->report, plugin, subject.changes);
    tm_picture_clear(&drawing->picture);
    drawing->extent = (struct tm_chart_extent){.by_run = drawing->by_run,
                                               .first = subject.timeline.first,
                                               .left = TM_CHART_LEFT + TM_CHART_INSET,
                                               .right = TM_CHART_RIGHT - TM_CHART_INSET};
    for (size_t i = 0; i < n; i++)
        y = draw_panel(drawing, &subject, &panels[i], share_of(panels, n), i == 0 ? y : y + GAP, i == 0 ? FIRST_HEIGHT : HEIGHT);
    draw_shades(&drawing->picture, &subject.timeline, TITLE, y);
    draw_dates(&drawing->picture, &subject.timeline, y + 3);
    y = draw_key(&drawing->picture, y + AXIS + KEY_LINE);
    drawing->picture.width = TM_CHART_WIDTH;
    drawing->picture.height = (int)ceil(y + KEY_LINE / 2.0 + 3);
    drawing->extent.width = drawing->picture.width;
    drawing->extent.height = drawing->picture.height;
    return true;
}
