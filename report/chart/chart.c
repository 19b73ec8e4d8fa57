/* From a report to one image: a script for gnuplot is written, gnuplot runs, and what it has drawn is checked and taken to
 * its place. Drawing itself is elsewhere; all that can go wrong comes together here, as one message. */
#include "report/chart/chart.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "report/chart/deliver.h"
#include "report/chart/draw.h"
#include "report/chart/terminal.h"

enum { SECONDS = 60 }; /* that gnuplot may take: only one that hangs gets there */

/* Found by drawing: the height depends on what occurs in the chart, and drawing without gnuplot is cheap. */
int tm_chart_size(const struct tm_report *report, const struct tm_report_plugin *plugin, struct tm_chart_extent *extent)
{
    struct tm_drawing drawing;
    int result =
        tm_drawing_begin(&drawing, report, NULL) != 0 ? -1 : tm_draw_charts(&drawing, &(struct tm_chart_of){plugin, -1}, 1);
    *extent = drawing.extent;
    if (drawing.picture.failed)
        result = -1;
    tm_drawing_end(&drawing);
    return result;
}

/* Letters, digits and marks that mean nothing in a script: it goes through gnuplot. */
static void write_name(struct tm_picture *picture, const struct tm_name *name)
{
    char text[TM_TEXT_SIZE];
    snprintf(text, sizeof text, "%s", name->text);
    for (char *c = text; *c; c++)
        if (!isascii((unsigned char)*c) || !(isalnum((unsigned char)*c) || strchr(" ._-/:", *c)))
            *c = '_';
    tm_picture_text(picture, name->pen, name->align, name->x, name->y, text);
}

/* Writes the script of a picture. 0, or -1 with the message: no memory, or nothing to draw. */
static int script_one(struct tm_gnuplot *gnuplot, struct tm_drawing *drawing, const struct tm_chart_of *charts, size_t n,
                      const struct tm_chart_wish *wish)
{
    struct tm_picture *picture = &drawing->picture;
    bool terminal = wish->medium == TM_CHART_TERMINAL;
    bool drawn = terminal ? tm_draw_terminal(gnuplot->script, drawing, charts, wish) : tm_draw_charts(drawing, charts, n);
    for (size_t i = 0; drawn && wish->medium != TM_CHART_SVG && i < picture->n_names; i++)
        write_name(picture, &picture->names[i]);
    if (drawn && !terminal)
        tm_picture_write(gnuplot->script, picture, wish->medium, "chart");
    int fault = tm_fault_of(picture, gnuplot->script);
    if (fault)
        return tm_gnuplot_fail(gnuplot, "cannot draw the chart", fault);
    return drawn ? 0 : tm_chart_fail(gnuplot->message, "there is no chart", "no values are known");
}

/* Of several plugins the title is how many. */
static void title_of(const struct tm_chart_of *charts, size_t n, char title[TM_TEXT_SIZE], struct tm_delivery *delivery)
{
    size_t plugins = 1;
    for (size_t i = 1; i < n; i++)
        plugins += charts[i].plugin != charts[i - 1].plugin;
    snprintf(title, TM_TEXT_SIZE, "%zu plugins", plugins);
    delivery->title = plugins > 1 ? title : charts[0].plugin->name;
}

int tm_chart_draw(const struct tm_report *report, const struct tm_chart_of *charts, size_t n, const struct tm_chart_wish *wish,
                  FILE *out, char message[TM_CHART_MESSAGE])
{
    struct tm_gnuplot gnuplot;
    struct tm_drawing drawing;
    struct tm_delivery delivery;
    char title[TM_TEXT_SIZE];
    bool begun = tm_drawing_begin(&drawing, report, wish->beside) == 0;
    int result = tm_gnuplot_begin(&gnuplot, message);
    if (result == 0)
        result =
            begun ? script_one(&gnuplot, &drawing, charts, n, wish) : tm_gnuplot_fail(&gnuplot, "cannot draw the chart", ENOMEM);
    if (result == 0)
        result = tm_gnuplot_run(&gnuplot, SECONDS);
    title_of(charts, n, title, &delivery);
    delivery.names = drawing.picture.names;
    delivery.n_names = drawing.picture.n_names;
    if (result == 0)
        result = tm_deliver(&gnuplot, "chart", wish, &delivery, out);
    tm_gnuplot_end(&gnuplot);
    tm_drawing_end(&drawing);
    return result;
}
