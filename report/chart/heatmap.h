/* The picture of all plugins and nights, as a file. What lies where in it is in chart.h (struct tm_heatmap). */
#ifndef TM_REPORT_CHART_HEATMAP_H
#define TM_REPORT_CHART_HEATMAP_H

#include "report/chart/gnuplot.h"
#include "report/chart/picture.h"

/* Writes the files of its cells and adds heatmap.svg to the script, in place of what the picture held. 0, or -1: picture->failed
 * (no memory), or errno says why. */
int tm_heatmap_write(struct tm_gnuplot *gnuplot, const struct tm_report *report, struct tm_picture *picture);

#endif
