/* What stands out in a panel: nights that were flagged, slow for all or beyond the scale, and where a level begins. Of what would
 * cover itself, one mark is drawn. */
#include <math.h>

#include "report/chart/box.h"

/* Pixels. */
enum {
    MARK_APART = 3,  /* nearer marks look like one */
    FLAG_SHIFT = 12, /* how far a flag may stand from its line and still belong to it */
};

/* Marks of a kind that would cover one another are drawn once; of very many only so many that there is one everywhere. */
static void draw_mark(const struct tm_panel_box *box, enum tm_ink ink, double x, double y, size_t of_how_many)
{
    const struct tm_layer *layer = &box->picture->layers[ink];
    bool many = of_how_many > box->marks;
    double apart = many ? (TM_CHART_RIGHT - TM_CHART_LEFT) / (double)box->marks : MARK_APART;
    for (size_t i = layer->n; i-- > 0 && fabs((double)layer->strokes[i].x - x) < apart;) {
        double above = fabs((double)layer->strokes[i].y - y);
        if (above < apart || (many && above <= box->bottom - box->top))
            return;
    }
    tm_picture_point(box->picture, ink, x, y);
}

static bool is_beyond(const struct tm_panel_box *box, double value)
{
    return value > box->view->high || value < box->view->low;
}

/* The farthest of what lies beyond the scale is told as a number. */
static void draw_beyond(const struct tm_panel_box *box)
{
    const struct tm_report *report = box->subject->report;
    int metric = box->view->panel->lines[0];
    double farthest = NAN, x = 0, middle = (box->view->low + box->view->high) / 2;
    char text[TM_TIC_SIZE];
    size_t n = 0;
    for (size_t run = 0; run < report->n_runs; run++)
        n += is_beyond(box, tm_chart_value(report, box->subject->plugin, metric, run));
    for (size_t run = 0; run < report->n_runs; run++) {
        double value = tm_chart_value(report, box->subject->plugin, metric, run);
        if (!is_beyond(box, value))
            continue;
        draw_mark(box, TM_INK_BEYOND, tm_chart_x(&box->subject->timeline, run), tm_panel_y(box, value), n);
        if (!(fabs(value - middle) <= fabs(farthest - middle)))
            farthest = value, x = tm_chart_x(&box->subject->timeline, run);
    }
    if (isnan(farthest))
        return;
    tm_chart_number(farthest * box->view->unit.scale, 4, text);
    bool right = x + tm_text_width(text) + 12 > TM_CHART_RIGHT;
    tm_picture_text(box->picture, TM_PEN_VALUE, right ? TM_RIGHT : TM_LEFT, x + (right ? -8 : 8), tm_panel_y(box, farthest), text);
}

/* Of nights that were slow or fast for all plugins: what was measured, beside what is compared. */
static void draw_raw(const struct tm_panel_box *box)
{
    const struct tm_report *report = box->subject->report;
    int metric = box->view->panel->lines[0];
    size_t n = 0;
    for (size_t run = 0; run < report->n_runs; run++)
        n += tm_chart_is_corrected(report, metric, run);
    for (size_t run = 0; run < report->n_runs; run++) {
        double raw = tm_report_value(report, box->subject->plugin, metric, run);
        if (!isfinite(raw) || !tm_chart_is_corrected(report, metric, run))
            continue;
        draw_mark(box, TM_INK_RAW, tm_chart_x(&box->subject->timeline, run), tm_panel_y(box, raw), n);
        if (is_beyond(box, raw))
            draw_mark(box, TM_INK_BEYOND, tm_chart_x(&box->subject->timeline, run), tm_panel_y(box, raw), n);
    }
}

static bool is_shown(const struct tm_panel_box *box, const struct tm_report_event *event, enum tm_class class)
{
    return event->class == class && event->run >= 0 && tm_panel_shows(box->view->panel, event->metric);
}

/* The nights that the judge flagged with that class. */
static void draw_events(const struct tm_panel_box *box, enum tm_class class, enum tm_ink ink)
{
    const struct tm_report *report = box->subject->report;
    const struct tm_report_plugin *plugin = box->subject->plugin;
    const struct tm_report_event *events = report->events + plugin->first_event;
    size_t n = 0;
    for (size_t i = 0; i < plugin->n_events; i++)
        n += is_shown(box, &events[i], class);
    for (size_t i = 0; i < plugin->n_events; i++) {
        if (!is_shown(box, &events[i], class))
            continue;
        double value = tm_chart_value(report, plugin, events[i].metric, (size_t)events[i].run);
        if (isfinite(value))
            draw_mark(box, ink, tm_chart_x(&box->subject->timeline, (size_t)events[i].run), tm_panel_y(box, value), n);
    }
}

void tm_panel_marks(const struct tm_panel_box *box)
{
    draw_raw(box);
    draw_beyond(box);
    draw_events(box, TM_SUSPECT, TM_INK_SUSPECT);
    draw_events(box, TM_IMPROVED, TM_INK_BETTER);
    draw_events(box, TM_REGRESSED, TM_INK_WORSE);
}

static bool is_change_of(const struct tm_panel_box *box, size_t i)
{
    return tm_panel_shows(box->view->panel, box->subject->changes[i].metric);
}

/* "2: Nov 19", or "2" where there is no room, between `taken` and the next flag. Returns where it ends. */
static double draw_flag(const struct tm_panel_box *box, const struct tm_chart_change *change, double taken, double next_x)
{
    const struct tm_report *report = box->subject->report;
    bool with_year = tm_timeline_needs_years(&box->subject->timeline);
    enum tm_pen pen = change->class == TM_REGRESSED ? TM_PEN_WORSE : TM_PEN_BETTER;
    double x = tm_chart_x(&box->subject->timeline, (size_t)change->run) - 3, y = box->top - TM_CHART_FLAGS / 2.0 - 1;
    char date[TM_TIC_SIZE], text[TM_TEXT_SIZE];
    tm_chart_date(report->runs[change->run].started_at, with_year, date);
    snprintf(text, sizeof text, "%d: %s", change->number, date);
    if (x + tm_text_width(text) > TM_CHART_WIDTH && x - tm_text_width(text) > taken) {
        tm_picture_text(box->picture, pen, TM_RIGHT, x, y, text);
        return TM_CHART_WIDTH;
    }
    if (x < taken || x + tm_text_width(text) > fmin(next_x - 6, TM_CHART_WIDTH))
        snprintf(text, sizeof text, "%d", change->number);
    if (x + FLAG_SHIFT < taken)
        return taken;
    x = fmax(x, taken);
    tm_picture_text(box->picture, pen, TM_LEFT, x, y, text);
    return x + tm_text_width(text) + 3;
}

void tm_panel_changes(const struct tm_panel_box *box)
{
    const struct tm_subject *subject = box->subject;
    double taken = TM_CHART_LEFT, half = tm_chart_half_night(&subject->timeline);
    for (size_t i = 0, next; i < subject->n_changes; i = next) {
        const struct tm_chart_change *change = &subject->changes[i];
        next = i + 1;
        if (!is_change_of(box, i))
            continue;
        /* the next one drawn in this panel that begins with another run */
        while (next < subject->n_changes && (!is_change_of(box, next) || subject->changes[next].number == change->number))
            next++;
        double x = tm_chart_x(&subject->timeline, (size_t)change->run) - half;
        double next_x = next < subject->n_changes ? tm_chart_x(&subject->timeline, (size_t)subject->changes[next].run) : INFINITY;
        tm_picture_line(box->picture, change->class == TM_REGRESSED ? TM_INK_WORSE_SINCE : TM_INK_BETTER_SINCE, x, box->top - 3, x,
                        box->bottom);
        taken = draw_flag(box, change, taken, next_x);
    }
}

bool tm_panel_has_changes(const struct tm_panel_box *box)
{
    for (size_t i = 0; i < box->subject->n_changes; i++)
        if (is_change_of(box, i))
            return true;
    return false;
}
