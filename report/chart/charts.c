/* All charts of a report: shared among as many gnuplots as there are processors, each with a script and a directory of its own. A
 * chart does not depend on who draws it. Scripts are written one after the other, and each is being drawn while the next is
 * written; charts are taken to their place as they are done. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/chart/deliver.h"
#include "report/chart/draw.h"
#include "report/chart/heatmap.h"

enum {
    SECONDS = 60,         /* that gnuplot may take: only one that hangs gets there */
    CHARTS_A_SECOND = 20, /* a second more for each so many charts: it draws several times as many */
    CHARTS_LEAST = 50,    /* for a gnuplot more: it starts as long as it draws ten */
    GNUPLOTS_MOST = 16,   /* from there on, taking charts to their place is what takes the time */
};

/* What one gnuplot draws: the charts of some plugins, in their order, and perhaps the heat map after them. */
struct part {
    struct tm_gnuplot gnuplot;
    const struct tm_report_plugin **plugins; /* those that have a chart */
    size_t n, placed;
    bool heatmap, drawing;
};

struct batch {
    const struct tm_report *report;
    struct tm_drawing drawing;
    int folder;
    struct tm_chart_extent *extents; /* of all plugins; NULL: nobody asks */
    enum tm_charts_wanted wanted;
    const struct tm_report_plugin **plugins; /* of all parts, one after the other */
    struct part *parts;
    size_t n_parts;
    char *message;
    int result;
    bool unwritten; /* the folder did not take a chart */
    bool starved;
};

void tm_chart_file(const struct tm_report_plugin *plugin, char name[32])
{
    snprintf(name, 32, "p%" PRId64 ".svg", plugin->number);
}

bool tm_chart_is_quiet(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    if (plugin->class != TM_PASS && plugin->class != TM_NOT_JUDGED)
        return false;
    for (size_t i = 0; i < report->n_decisions; i++)
        if (report->decisions[i].plugin == (size_t)(plugin - report->plugins))
            return false;
    return tm_chart_changes(report, plugin, changes) == 0;
}

/* As many as may run at once, and as are worth their start. */
static size_t gnuplots_for(size_t charts)
{
    cpu_set_t set;
    size_t n = 1, worth = 1 + charts / CHARTS_LEAST, processors = 1;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        processors = (size_t)CPU_COUNT(&set);
    while (n < worth && n < processors && n < GNUPLOTS_MOST)
        n++;
    return n;
}

/* ---- scripts ---- */

/* The file of the i-th picture. */
static void name_of(const struct part *part, size_t i, char name[32])
{
    if (i < part->n)
        tm_chart_file(part->plugins[i], name);
    else
        snprintf(name, 32, "heatmap.svg");
}

static size_t pictures_of(const struct part *part)
{
    return part->n + part->heatmap;
}

/* The charts of report->plugins[from..end). Signals are looked at between charts: a script of thousands takes seconds to write. */
static int script(struct batch *batch, struct part *part, size_t from, size_t end)
{
    const struct tm_report *report = batch->report;
    struct tm_picture *picture = &batch->drawing.picture;
    int fault = 0;
    for (size_t i = from; i < end && !fault && !tm_signals_caught(); i++) {
        const struct tm_report_plugin *plugin = &report->plugins[i];
        char name[32];
        if (batch->wanted == TM_CHARTS_CHANGED && tm_chart_is_quiet(report, plugin)) {
            if (batch->extents)
                batch->extents[i].left_out = true;
            continue;
        }
        if (tm_draw_charts(&batch->drawing, &(struct tm_chart_of){plugin, -1}, 1)) {
            part->plugins[part->n] = plugin;
            name_of(part, part->n++, name);
            if (batch->extents)
                batch->extents[i] = batch->drawing.extent;
            tm_picture_write(part->gnuplot.script, picture, TM_CHART_SVG, name);
        }
        fault = tm_fault_of(picture, part->gnuplot.script);
    }
    if (!fault && part->heatmap && tm_heatmap_write(&part->gnuplot, report, picture) != 0)
        fault = picture->failed ? ENOMEM : errno;
    return fault ? tm_gnuplot_fail(&part->gnuplot, "cannot draw the charts", fault) : 0;
}

/* Each part in turn; the first is being drawn before the last is written, so it has the heat map. */
static int start_all(struct batch *batch)
{
    size_t n = batch->report->n_plugins, wanted = batch->n_parts;
    int result = 0;
    batch->n_parts = 0;
    for (size_t i = 0; i < wanted && result == 0 && !tm_signals_caught(); i++) {
        struct part *part = &batch->parts[i];
        size_t from = i * n / wanted, end = (i + 1) * n / wanted;
        part->plugins = batch->plugins + from;
        part->heatmap = i == 0;
        batch->n_parts++; /* to be ended from here on */
        result = tm_gnuplot_begin(&part->gnuplot, batch->message);
        if (result == 0)
            result = script(batch, part, from, end);
        if (result == 0)
            result = tm_gnuplot_start(&part->gnuplot, SECONDS + (int)(n / CHARTS_A_SECOND));
        part->drawing = result == 0;
    }
    return result;
}

/* ---- charts ---- */

/* Takes one picture out of gnuplot's directory. */
static int place(struct batch *batch, struct part *part, const char *name, const char *title)
{
    int file = openat(batch->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!out && file >= 0)
        close(file);
    batch->unwritten = !out;
    if (!out)
        return tm_gnuplot_fail(&part->gnuplot, "cannot write a chart", errno);
    struct tm_name corner = tm_corner_name(title);
    struct tm_delivery delivery = {title ? title : "Heat map", &corner, title ? 1 : 0};
    int result = tm_deliver(&part->gnuplot, name, &(struct tm_chart_wish){.medium = TM_CHART_SVG}, &delivery, out);
    batch->unwritten = ferror(out);
    if (fclose(out) != 0 && result == 0) {
        batch->unwritten = true;
        result = tm_gnuplot_fail(&part->gnuplot, "cannot write a chart", errno);
    }
    tm_gnuplot_remove(&part->gnuplot, name);
    return result;
}

/* Those before `end`. */
static void place_until(struct batch *batch, struct part *part, size_t end)
{
    char name[32];
    for (; part->placed < end && batch->result == 0 && !tm_signals_caught(); part->placed++) {
        name_of(part, part->placed, name);
        batch->result = place(batch, part, name, part->placed < part->n ? part->plugins[part->placed]->name : NULL);
    }
}

/* A chart is done when the next one has been begun, and the last one when its gnuplot has ended. */
static void place_done(struct batch *batch, struct part *part)
{
    size_t begun = part->placed;
    char name[32];
    for (size_t i = part->placed; i < pictures_of(part); i++) {
        name_of(part, i, name);
        if (!tm_gnuplot_has(&part->gnuplot, name))
            break;
        begun = i;
    }
    place_until(batch, part, part->drawing ? begun : pictures_of(part));
}

/* Until all have ended, or one has failed. */
static void watch(struct batch *batch)
{
    size_t drawing = batch->n_parts;
    while (drawing > 0 && batch->result == 0) {
        tm_process_pause();
        drawing = 0;
        for (size_t i = 0; i < batch->n_parts && batch->result == 0; i++) {
            struct part *part = &batch->parts[i];
            int state = part->drawing ? tm_gnuplot_look(&part->gnuplot) : 0;
            part->drawing = state == 1;
            drawing += part->drawing;
            if (state < 0)
                batch->result = -1;
            else
                place_done(batch, part);
        }
    }
}

/* The program is about to end: of what is half done nothing stays. */
static void take_back(struct batch *batch)
{
    char name[32];
    batch->result = tm_chart_fail(batch->message, "no charts", "interrupted");
    for (size_t p = 0; p < batch->n_parts; p++)
        for (size_t i = 0; i < batch->parts[p].placed; i++) {
            name_of(&batch->parts[p], i, name);
            unlinkat(batch->folder, name, 0);
        }
}

static void draw_all(struct batch *batch)
{
    if (tm_drawing_begin(&batch->drawing, batch->report, NULL) != 0) {
        batch->starved = true;
        batch->result = tm_chart_fail(batch->message, "no charts", "out of memory");
    }
    if (batch->result == 0)
        batch->result = start_all(batch);
    watch(batch);
    if (tm_signals_caught())
        take_back(batch);
    for (size_t i = 0; i < batch->n_parts; i++) {
        batch->starved = batch->starved || batch->parts[i].gnuplot.starved;
        tm_gnuplot_end(&batch->parts[i].gnuplot);
    }
    tm_drawing_end(&batch->drawing);
}

int tm_charts_of_report(const struct tm_report *report, enum tm_charts_wanted wanted, int folder, struct tm_chart_extent *extents,
                        char message[TM_CHART_MESSAGE])
{
    size_t n_parts = gnuplots_for(report->n_plugins);
    struct batch batch = {.report = report,
                          .folder = folder,
                          .extents = extents,
                          .wanted = wanted,
                          .message = message,
                          .plugins = calloc(report->n_plugins + 1, sizeof *batch.plugins), /* + 1: calloc(0) may be NULL */
                          .parts = calloc(n_parts, sizeof *batch.parts),
                          .n_parts = n_parts};
    tm_signals_hold();
    if (batch.plugins && batch.parts) {
        draw_all(&batch);
    } else {
        batch.starved = true;
        batch.result = tm_chart_fail(message, "no charts", "out of memory");
    }
    free(batch.plugins);
    free(batch.parts);
    tm_signals_release();
    if (batch.result == 0)
        return 0;
    return batch.starved ? TM_CHARTS_NO_MEMORY : batch.unwritten ? TM_CHARTS_NOT_WRITTEN : batch.result;
}
