/* From a picture to a file: what went wrong on the way, and the last step of it. */
#ifndef TM_REPORT_CHART_DELIVER_H
#define TM_REPORT_CHART_DELIVER_H

#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

/* What is wrong with a picture or the script that it was written to, as errno has it; 0: nothing. */
int tm_fault_of(const struct tm_picture *picture, FILE *script);

/* -1, with the message. */
int tm_chart_fail(char message[TM_CHART_MESSAGE], const char *what, const char *why);

/* What an SVG gets: a title, and names. */
struct tm_delivery {
    const char *title;
    const struct tm_name *names;
    size_t n_names;
};

/* Copies a drawn file to `out`, whole and in its final form. 0, or -1 with the message. */
int tm_deliver(struct tm_gnuplot *gnuplot, const char *name, const struct tm_chart_wish *wish, const struct tm_delivery *delivery,
               FILE *out);

#endif
