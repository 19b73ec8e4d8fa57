/* What gnuplot has drawn is only taken when it is whole, and only in its final form. */
#include "report/chart/deliver.h"

#include <errno.h>

#include "report/chart/finish.h"
#include "report/chart/terminal_signs.h"

int tm_fault_of(const struct tm_picture *picture, FILE *script)
{
    return picture->failed ? ENOMEM : ferror(script) ? errno : 0;
}

int tm_chart_fail(char message[TM_CHART_MESSAGE], const char *what, const char *why)
{
    snprintf(message, TM_CHART_MESSAGE, "%s: %s", what, why);
    return -1;
}

static enum tm_finish finish_as(FILE *in, FILE *out, const struct tm_chart_wish *wish, const struct tm_delivery *delivery)
{
    switch (wish->medium) {
    case TM_CHART_PNG:
        return tm_finish_png(in, out);
    case TM_CHART_PDF:
        return tm_finish_pdf(in, out);
    case TM_CHART_TERMINAL:
        return tm_finish_terminal(in, out, wish);
    case TM_CHART_SVG:
    default:
        return tm_finish_svg(in, out, delivery->title, delivery->names, delivery->n_names);
    }
}

int tm_deliver(struct tm_gnuplot *gnuplot, const char *name, const struct tm_chart_wish *wish, const struct tm_delivery *delivery,
               FILE *out)
{
    FILE *in = tm_gnuplot_open(gnuplot, name, "re");
    if (!in)
        return -1;
    enum tm_finish finish = finish_as(in, out, wish, delivery);
    fclose(in);
    if (finish == TM_FINISH_NO_MEMORY)
        return tm_gnuplot_fail(gnuplot, "cannot write the chart", ENOMEM);
    if (finish == TM_FINISH_CUT_SHORT)
        return tm_chart_fail(gnuplot->message, "gnuplot has not drawn all charts", "one is cut short");
    return ferror(out) ? tm_gnuplot_fail(gnuplot, "cannot write the chart", errno) : 0;
}
