/* From a report to files of images: a script for gnuplot is written, gnuplot runs, and what it has drawn is checked and taken to
 * its place. Drawing itself is elsewhere; all that can go wrong comes together here, as one message. */
#include "report/chart/chart.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/chart/draw.h"
#include "report/chart/finish.h"
#include "report/chart/gnuplot.h"
#include "report/chart/heatmap.h"
#include "report/chart/process.h"
#include "report/chart/terminal.h"

enum {
    SECONDS = 60,         /* that gnuplot may take: only one that hangs gets there */
    CHARTS_A_SECOND = 20, /* a second more for each so many charts: it draws several times as many */
};

void tm_chart_file(const struct tm_report_plugin *plugin, char name[32])
{
    snprintf(name, 32, "p%" PRId64 ".svg", plugin->id);
}

/* Found by drawing: the height depends on what occurs in the chart, and drawing without gnuplot is cheap. */
int tm_chart_size(const struct tm_report *report, const struct tm_report_plugin *plugin, int *width, int *height)
{
    struct tm_drawing drawing;
    int result = tm_drawing_begin(&drawing, report) != 0 ? -1 : tm_draw_plugin(&drawing, plugin, -1);
    *width = drawing.picture.width;
    *height = drawing.picture.height;
    if (drawing.picture.failed)
        result = -1;
    tm_drawing_end(&drawing);
    return result;
}

/* What is wrong with a picture or its script, as errno has it; 0: nothing. */
static int fault_of(const struct tm_drawing *drawing, FILE *script)
{
    return drawing->picture.failed ? ENOMEM : ferror(script) ? errno : 0;
}

/* -1, with the message. */
static int fail_with(char message[TM_CHART_MESSAGE], const char *what, const char *why)
{
    snprintf(message, TM_CHART_MESSAGE, "%s: %s", what, why);
    return -1;
}

/* ---- one chart ---- */

/* Writes the script of one chart. 0, or -1 with the message: no memory, or nothing to draw. */
static int script_one(struct tm_gnuplot *gnuplot, const struct tm_report *report, const struct tm_report_plugin *plugin,
                      const struct tm_chart_wish *wish)
{
    struct tm_drawing drawing;
    bool terminal = wish->medium == TM_CHART_TERMINAL, begun = tm_drawing_begin(&drawing, report) == 0;
    bool drawn = begun && (terminal ? tm_draw_terminal(gnuplot->script, &drawing, plugin, wish)
                                    : tm_draw_plugin(&drawing, plugin, wish->metric));
    if (drawn && !terminal)
        tm_picture_write(gnuplot->script, &drawing.picture, wish->medium, "chart");
    int fault = begun ? fault_of(&drawing, gnuplot->script) : ENOMEM;
    tm_drawing_end(&drawing);
    if (fault)
        return tm_gnuplot_fail(gnuplot, "cannot draw the chart", fault);
    return drawn ? 0 : fail_with(gnuplot->message, "there is no chart", "no values are known");
}

/* Copies a drawn file, whole and in its final form. */
static int deliver(struct tm_gnuplot *gnuplot, const char *name, const struct tm_chart_wish *wish, const char *title, FILE *out)
{
    FILE *in = tm_gnuplot_open(gnuplot, name, "re");
    if (!in)
        return -1;
    enum tm_finish finish = wish->medium == TM_CHART_SVG   ? tm_finish_svg(in, out, title)
                            : wish->medium == TM_CHART_PNG ? tm_finish_png(in, out)
                                                           : tm_finish_terminal(in, out, wish);
    fclose(in);
    if (finish == TM_FINISH_NO_MEMORY)
        return tm_gnuplot_fail(gnuplot, "cannot write the chart", ENOMEM);
    if (finish == TM_FINISH_CUT_SHORT)
        return fail_with(gnuplot->message, "gnuplot has not drawn all charts", "one is cut short");
    return ferror(out) ? tm_gnuplot_fail(gnuplot, "cannot write the chart", errno) : 0;
}

int tm_chart_plugin(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_chart_wish *wish,
                    FILE *out, char message[TM_CHART_MESSAGE])
{
    struct tm_gnuplot gnuplot;
    int result = tm_gnuplot_begin(&gnuplot, message);
    if (result == 0)
        result = script_one(&gnuplot, report, plugin, wish);
    if (result == 0)
        result = tm_gnuplot_run(&gnuplot, SECONDS, NULL, NULL);
    if (result == 0)
        result = deliver(&gnuplot, "chart", wish, "Chart", out);
    tm_gnuplot_end(&gnuplot);
    return result;
}

/* ---- all charts of a report ---- */

/* Charts are drawn in the order of `plugins`, and after them the heat map; each is taken to its place as soon as it is done. */
struct batch {
    struct tm_gnuplot gnuplot;
    struct tm_drawing drawing;
    const struct tm_report *report;
    int folder;
    const struct tm_report_plugin **plugins; /* those that have a chart */
    struct tm_chart_extent *extents;         /* of all plugins; NULL: nobody asks */
    size_t n, placed;
    int result;
    bool unwritten; /* the folder did not take a chart */
};

/* The file of the i-th picture. */
static void name_of(const struct batch *batch, size_t i, char name[32])
{
    if (i < batch->n)
        tm_chart_file(batch->plugins[i], name);
    else
        snprintf(name, 32, "heatmap.svg");
}

/* Signals are looked at between charts: a script of thousands takes seconds to write. */
static int script_all(struct batch *batch)
{
    int fault = 0;
    for (size_t i = 0; i < batch->report->n_plugins && !fault && !tm_signals_caught(); i++) {
        char name[32];
        if (tm_draw_plugin(&batch->drawing, &batch->report->plugins[i], -1)) {
            batch->plugins[batch->n] = &batch->report->plugins[i];
            name_of(batch, batch->n++, name);
            if (batch->extents)
                batch->extents[i] = (struct tm_chart_extent){batch->drawing.picture.width, batch->drawing.picture.height};
            tm_picture_write(batch->gnuplot.script, &batch->drawing.picture, TM_CHART_SVG, name);
        }
        fault = fault_of(&batch->drawing, batch->gnuplot.script);
    }
    if (!fault && tm_heatmap_write(&batch->gnuplot, batch->report, &batch->drawing.picture) != 0)
        fault = batch->drawing.picture.failed ? ENOMEM : errno;
    return fault ? tm_gnuplot_fail(&batch->gnuplot, "cannot draw the charts", fault) : 0;
}

/* Takes one picture out of gnuplot's directory. */
static int place(struct batch *batch, const char *name, const char *title)
{
    int file = openat(batch->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!out && file >= 0)
        close(file);
    batch->unwritten = !out;
    if (!out)
        return tm_gnuplot_fail(&batch->gnuplot, "cannot write a chart", errno);
    int result = deliver(&batch->gnuplot, name, &(struct tm_chart_wish){.medium = TM_CHART_SVG}, title, out);
    batch->unwritten = ferror(out);
    if (fclose(out) != 0 && result == 0) {
        batch->unwritten = true;
        result = tm_gnuplot_fail(&batch->gnuplot, "cannot write a chart", errno);
    }
    tm_gnuplot_remove(&batch->gnuplot, name);
    return result;
}

/* Those before `end`. */
static void place_until(struct batch *batch, size_t end)
{
    char name[32], title[32];
    for (; batch->placed < end && batch->result == 0 && !tm_signals_caught(); batch->placed++) {
        name_of(batch, batch->placed, name);
        if (batch->placed < batch->n)
            snprintf(title, sizeof title, "Chart %" PRId64, batch->plugins[batch->placed]->id);
        batch->result = place(batch, name, batch->placed < batch->n ? title : "Heat map");
    }
}

/* A chart is done when the next one has been begun. */
static void place_done(void *context)
{
    struct batch *batch = context;
    size_t begun = batch->placed;
    char name[32];
    for (size_t i = batch->placed; i <= batch->n; i++) {
        name_of(batch, i, name);
        if (!tm_gnuplot_has(&batch->gnuplot, name))
            break;
        begun = i;
    }
    place_until(batch, begun);
}

/* Charts are taken to their place while gnuplot draws further ones, and the last ones when it has ended. */
static void draw_all(struct batch *batch)
{
    batch->plugins = calloc(batch->report->n_plugins + 1, sizeof *batch->plugins);
    if (!batch->plugins || tm_drawing_begin(&batch->drawing, batch->report) != 0)
        batch->result = tm_gnuplot_fail(&batch->gnuplot, "no charts", ENOMEM);
    if (batch->result == 0)
        batch->result = script_all(batch);
    if (batch->result == 0 && tm_gnuplot_run(&batch->gnuplot, SECONDS + (int)(batch->n / CHARTS_A_SECOND), place_done, batch) != 0)
        batch->result = -1;
    place_until(batch, batch->n + 1);
    if (tm_signals_caught()) { /* the program is about to end: of what is half done nothing stays */
        char name[32];
        batch->result = fail_with(batch->gnuplot.message, "no charts", "interrupted");
        for (size_t i = 0; batch->plugins && i < batch->placed; i++) {
            name_of(batch, i, name);
            unlinkat(batch->folder, name, 0);
        }
    }
    tm_drawing_end(&batch->drawing);
    free(batch->plugins);
}

int tm_charts_of_report(const struct tm_report *report, int folder, struct tm_chart_extent *extents, char message[TM_CHART_MESSAGE])
{
    struct batch batch = {.report = report, .folder = folder, .extents = extents};
    batch.result = tm_gnuplot_begin(&batch.gnuplot, message);
    if (batch.result == 0)
        draw_all(&batch);
    bool starved = batch.gnuplot.starved;
    tm_gnuplot_end(&batch.gnuplot);
    if (batch.result == 0)
        return 0;
    return starved ? TM_CHARTS_NO_MEMORY : batch.unwritten ? TM_CHARTS_NOT_WRITTEN : batch.result;
}
