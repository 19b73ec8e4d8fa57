/* The signs of a chart of characters, and what a terminal shows for them. */
#ifndef TM_REPORT_CHART_TERMINAL_SIGNS_H
#define TM_REPORT_CHART_TERMINAL_SIGNS_H

#include <stdio.h>

#include "report/chart/chart.h"
#include "report/chart/finish.h"

/* In the order in which they are set: a later one covers an earlier one. */
enum tm_sign {
    TM_SIGN_WEEKS,
    TM_SIGN_WEEK,
    TM_SIGN_LEVEL,
    TM_SIGN_ACCEPTED,
    TM_SIGN_CEILING,
    TM_SIGN_LIMIT,
    TM_SIGN_WORSE_SINCE,
    TM_SIGN_BETTER_SINCE,
    TM_SIGN_BESIDE,
    TM_SIGN_NIGHT,
    TM_SIGN_RAW,
    TM_SIGN_BEYOND,
    TM_SIGN_SUSPECT,
    TM_SIGN_BETTER,
    TM_SIGN_WORSE,
    TM_SIGNS
};

/* As gnuplot gets it. */
const char *tm_sign(enum tm_sign sign);

/* Characters, from what is wished. */
int tm_terminal_width(const struct tm_chart_wish *wish);
int tm_terminal_height(const struct tm_chart_wish *wish);

/* Copies what gnuplot has drawn, without blanks at the ends of lines, and writes the key of its signs below. Cut short
 * is one that is empty. */
enum tm_finish tm_finish_terminal(FILE *in, FILE *out, const struct tm_chart_wish *wish);

#endif
