/* A chart of characters: one metric of a plugin, wall time per call where none is named. gnuplot sets signs of ours
 * (terminal_signs.h), which are then coloured, or put into ASCII. */
#ifndef TM_REPORT_CHART_TERMINAL_H
#define TM_REPORT_CHART_TERMINAL_H

#include <stdio.h>

#include "report/chart/draw.h"

/* Writes the script for the file "chart". false: there is nothing to draw. */
bool tm_draw_terminal(FILE *script, struct tm_drawing *drawing, const struct tm_chart_of *chart, const struct tm_chart_wish *wish);

#endif
