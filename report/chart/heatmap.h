#ifndef TM_REPORT_CHART_HEATMAP_H
#define TM_REPORT_CHART_HEATMAP_H

#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

/* Adds heatmap.svg to the script. 0, or -1. */
int tm_heatmap_write(struct tm_gnuplot *gnuplot, const struct tm_report *report, struct tm_picture *picture);

#endif
