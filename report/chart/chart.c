/* From a report to one plugin's image: a script for gnuplot is written, gnuplot runs, and what it has drawn is checked and taken to
 * its place. Drawing itself is elsewhere; all that can go wrong comes together here, as one message. */
#include "report/chart/chart.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "report/chart/box.h"
#include "report/chart/deliver.h"
#include "report/chart/draw.h"
#include "report/chart/terminal.h"

enum { SECONDS = 60 }; /* that gnuplot may take: only one that hangs gets there */

/* Found by drawing: the height depends on what occurs in the chart, and drawing without gnuplot is cheap. */
int tm_chart_size(const struct tm_report *report, const struct tm_report_plugin *plugin, struct tm_chart_extent *extent)
{
    struct tm_drawing drawing;
    int result = tm_drawing_begin(&drawing, report) != 0 ? -1 : tm_draw_plugin(&drawing, plugin, -1);
    *extent = drawing.extent;
    if (drawing.picture.failed)
        result = -1;
    tm_drawing_end(&drawing);
    return result;
}

/* Letters, digits and marks that mean nothing in a script: it goes through gnuplot. */
static void put_name(struct tm_picture *picture, const char *name)
{
    char text[TM_TEXT_SIZE];
    snprintf(text, sizeof text, "%s", name);
    for (char *c = text; *c; c++)
        if (!isascii((unsigned char)*c) || !(isalnum((unsigned char)*c) || strchr(" ._-/:", *c)))
            *c = '_';
    tm_picture_text(picture, TM_PEN_FAINT, TM_RIGHT, TM_CHART_WIDTH - 4, 12, text);
}

/* Writes the script of one chart. 0, or -1 with the message: no memory, or nothing to draw. */
static int script_one(struct tm_gnuplot *gnuplot, const struct tm_report *report, const struct tm_report_plugin *plugin,
                      const struct tm_chart_wish *wish)
{
    struct tm_drawing drawing;
    bool terminal = wish->medium == TM_CHART_TERMINAL, begun = tm_drawing_begin(&drawing, report) == 0;
    bool drawn = begun && (terminal ? tm_draw_terminal(gnuplot->script, &drawing, plugin, wish)
                                    : tm_draw_plugin(&drawing, plugin, wish->metric));
    if (drawn && wish->medium == TM_CHART_PNG)
        put_name(&drawing.picture, plugin->name);
    if (drawn && !terminal)
        tm_picture_write(gnuplot->script, &drawing.picture, wish->medium, "chart");
    int fault = begun ? tm_fault_of(&drawing.picture, gnuplot->script) : ENOMEM;
    tm_drawing_end(&drawing);
    if (fault)
        return tm_gnuplot_fail(gnuplot, "cannot draw the chart", fault);
    return drawn ? 0 : tm_chart_fail(gnuplot->message, "there is no chart", "no values are known");
}

int tm_chart_plugin(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_chart_wish *wish,
                    FILE *out, char message[TM_CHART_MESSAGE])
{
    struct tm_gnuplot gnuplot;
    int result = tm_gnuplot_begin(&gnuplot, message);
    if (result == 0)
        result = script_one(&gnuplot, report, plugin, wish);
    if (result == 0)
        result = tm_gnuplot_run(&gnuplot, SECONDS);
    if (result == 0)
        result = tm_deliver(&gnuplot, "chart", wish, plugin->name, out);
    tm_gnuplot_end(&gnuplot);
    return result;
}
