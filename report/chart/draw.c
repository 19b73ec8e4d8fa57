/* A plugin's chart: panels one below the other, each of its own height but on one time axis, then the dates and the key. Everything
 * is placed in pixels here and in the files for lines, marks and scale; gnuplot only paints. */
#include "report/chart/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/stats.h"
#include "report/chart/box.h"

/* Pixels. */
enum {
    TITLE = 23,         /* a line of 12 px text, with room above */
    NAMES_TITLE = 29,   /* the same where a name stands over the scale, whose highest number is as far left */
    FIRST_HEIGHT = 130, /* the first panel is what people look at */
    HEIGHT = 76,        /* the others: four tics of a scale */
    FEW_HEIGHT = 104,   /* of several plugins, where they are few */
    FEW = 4,
    FLAT_HEIGHT = 20, /* where all values are the same there is only a line */
    GAP = 9,          /* between two panels */
    AXIS = 24,        /* tics and dates */
    KEY_LINE = 18,    /* text of 12 px and air */
    KEY_SAMPLE = 22,  /* a sample of 18 and a blank */
    KEY_APART = 10,   /* between two entries */
    KEY_NAME = 7,     /* a character of a name */
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
int tm_drawing_begin(struct tm_drawing *drawing, const struct tm_report *report, const struct tm_report *beside)
{
    size_t runs = beside && beside->n_runs > report->n_runs ? beside->n_runs : report->n_runs;
    *drawing = (struct tm_drawing){.report = report, .beside = beside};
    drawing->scratch = calloc(runs + 1, sizeof *drawing->scratch);
    drawing->points = calloc(2 * (runs + report->n_weeks) + 1, sizeof *drawing->points);
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

struct tm_name tm_corner_name(const char *name)
{
    return (struct tm_name){TM_CHART_WIDTH - 4, TITLE / 2.0, TM_PEN_FAINT, TM_RIGHT, name};
}

/* What a panel shows: of one plugin the metric, else the plugin and beside it the metric. */
static void draw_title(struct tm_picture *picture, const struct tm_view *view, const struct tm_subject *subject, double y,
                       bool of_one)
{
    char title[TM_TEXT_SIZE], text[TM_TEXT_SIZE + 16];
    tm_panel_title(subject->report, view->panel, title);
    snprintf(text, sizeof text, "%s%s%s", title, *view->unit.name ? ", " : "", view->unit.name);
    if (!of_one)
        tm_picture_name(picture, &(struct tm_name){4, y, TM_PEN_TITLE, TM_LEFT, subject->plugin->name});
    tm_picture_text(picture, of_one ? TM_PEN_TITLE : TM_PEN_FAINT, of_one ? TM_LEFT : TM_RIGHT, of_one ? 4 : TM_CHART_RIGHT, y,
                    text);
}

/* Returns where the panel ends. */
static double draw_panel(struct tm_drawing *drawing, const struct tm_subject *subject, const struct tm_panel *panel,
                         struct tm_panel_box box, double top, double height, bool of_one)
{
    struct tm_view view;
    box.picture = &drawing->picture;
    box.subject = subject;
    box.view = &view;
    box.points = drawing->points;
    box.longest = drawing->longest;
    tm_view_of(subject, panel, &view);
    double title = of_one ? TITLE : NAMES_TITLE;
    box.top = top + title + (tm_panel_has_changes(&box) ? TM_CHART_FLAGS : 0);
    box.bottom = box.top + (view.flat ? FLAT_HEIGHT : height);
    draw_title(box.picture, &view, subject, top + TITLE / 2.0, of_one);
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
    {TM_INK_BESIDE, NULL}, /* the other branch's name */
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

/* How wide the words of an entry are; a name is as wide as what is shown of it may be. */
static double key_width(const char *words, const char *name)
{
    size_t size = words ? 0 : strlen(name);
    return words ? tm_text_width(words) : KEY_NAME * (double)(size < TM_NAME_SHOWN ? size : TM_NAME_SHOWN);
}

/* As many entries in a line as fit; returns where the last line lies. */
static double draw_key(struct tm_drawing *drawing, double y)
{
    struct tm_picture *picture = &drawing->picture;
    const char *branch = drawing->beside ? drawing->beside->branch : "";
    bool used[sizeof key / sizeof *key];
    double x = 4;
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        used[i] = picture->layers[key[i].ink].n > 0;
    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        double width = KEY_SAMPLE + key_width(key[i].words, branch) + KEY_APART;
        if (!used[i])
            continue;
        if (x + width > TM_CHART_WIDTH && x > 4)
            x = 4, y += KEY_LINE;
        draw_sample(picture, key[i].ink, x, y);
        if (key[i].words)
            tm_picture_text(picture, TM_PEN_FAINT, TM_LEFT, x + KEY_SAMPLE, y, key[i].words);
        else
            tm_picture_name(picture, &(struct tm_name){x + KEY_SAMPLE, y, TM_PEN_FAINT, TM_LEFT, branch});
        x += width;
    }
    return y;
}

/* A panel, and which chart it is of. */
struct placed {
    size_t chart;
    struct tm_panel panel;
};

static size_t place_panels(const struct tm_report *report, const struct tm_chart_of *charts, size_t n,
                           struct placed placed[TM_PANELS_MOST])
{
    struct tm_panel panels[TM_PANELS_MOST];
    size_t n_placed = 0;
    for (size_t i = 0; i < n; i++) {
        size_t found = tm_panels_of(report, charts[i].plugin, charts[i].metric, panels);
        for (size_t p = 0; p < found && n_placed < TM_PANELS_MOST; p++)
            placed[n_placed++] = (struct placed){i, panels[p]};
    }
    return n_placed;
}

/* How much may be drawn in a panel, so that the chart does not become too large. Each panel has its own line, and perhaps some
 * beside it. */
static struct tm_panel_box share_of(const struct tm_drawing *drawing, const struct placed *placed, size_t n)
{
    size_t lines = drawing->beside ? 2 * n : n;
    for (size_t i = 0; i < n; i++)
        for (int line = 1; line < TM_PANEL_LINES; line++)
            lines += placed[i].panel.lines[line] >= 0;
    size_t points = CHART_POINTS / lines;
    return (struct tm_panel_box){.line_points = points < LINE_POINTS ? points : LINE_POINTS, .marks = CHART_MARKS / n};
}

/* One axis for all: from the first value of any of them. */
static struct tm_timeline timeline_of(const struct tm_drawing *drawing, const struct tm_chart_of *charts, size_t n)
{
    struct tm_timeline timeline = tm_timeline_of(drawing->report, drawing->beside, charts[0].plugin, drawing->by_run);
    for (size_t i = 1; i < n; i++) {
        size_t first = tm_timeline_of(drawing->report, NULL, charts[i].plugin, drawing->by_run).first;
        timeline.first = first < timeline.first ? first : timeline.first;
    }
    return timeline;
}

const struct tm_report_plugin *tm_plugin_beside(const struct tm_report *beside, const struct tm_report_plugin *plugin)
{
    for (size_t i = 0; beside && i < beside->n_plugins; i++)
        if (strcmp(beside->plugins[i].name, plugin->name) == 0)
            return beside->plugins[i].values ? &beside->plugins[i] : NULL;
    return NULL;
}

static void choose_plugin(const struct tm_drawing *drawing, const struct tm_report_plugin *plugin, struct tm_subject *subject)
{
    subject->plugin = plugin;
    subject->plugin_beside = tm_plugin_beside(drawing->beside, plugin);
    subject->n_changes = tm_chart_changes(drawing->report, plugin, subject->changes);
}

/* Returns where the last one ends. Of one plugin the first panel is the highest, several plugins are alike. */
static double draw_panels(struct tm_drawing *drawing, const struct tm_chart_of *charts, const struct tm_timeline *timeline,
                          const struct placed *placed, size_t n, bool of_one)
{
    struct tm_subject subject = {.report = drawing->report, .scratch = drawing->scratch, .timeline = *timeline};
    struct tm_panel_box share = share_of(drawing, placed, n);
    double y = 0;
    for (size_t i = 0; i < n; i++) {
        bool high = of_one ? i == 0 : n <= FEW;
        double height = !high ? HEIGHT : of_one ? FIRST_HEIGHT : FEW_HEIGHT;
        if (subject.plugin != charts[placed[i].chart].plugin)
            choose_plugin(drawing, charts[placed[i].chart].plugin, &subject);
        y = draw_panel(drawing, &subject, &placed[i].panel, share, i == 0 ? y : y + GAP, height, of_one);
    }
    return y;
}

/* The key is drawn last, when it is known what occurs. */
bool tm_draw_charts(struct tm_drawing *drawing, const struct tm_chart_of *charts, size_t n)
{
    struct placed placed[TM_PANELS_MOST];
    size_t n_placed = place_panels(drawing->report, charts, n, placed);
    bool of_one = true;
    if (n_placed == 0)
        return false;
    for (size_t i = 1; i < n; i++)
        of_one = of_one && charts[i].plugin == charts[0].plugin;
    struct tm_timeline timeline = timeline_of(drawing, charts, n);
    struct tm_name corner = tm_corner_name(charts[0].plugin->name);
    tm_picture_clear(&drawing->picture);
    drawing->extent = (struct tm_chart_extent){.by_run = drawing->by_run,
                                               .first = timeline.first,
                                               .left = TM_CHART_LEFT + TM_CHART_INSET,
                                               .right = TM_CHART_RIGHT - TM_CHART_INSET};
    if (of_one)
        tm_picture_name(&drawing->picture, &corner);
    double y = draw_panels(drawing, charts, &timeline, placed, n_placed, of_one);
    draw_shades(&drawing->picture, &timeline, TITLE, y);
    draw_dates(&drawing->picture, &timeline, y + 3);
    y = draw_key(drawing, y + AXIS + KEY_LINE);
    drawing->picture.width = TM_CHART_WIDTH;
    drawing->picture.height = (int)ceil(y + KEY_LINE / 2.0 + 3);
    drawing->extent.width = drawing->picture.width;
    drawing->extent.height = drawing->picture.height;
    return true;
}
