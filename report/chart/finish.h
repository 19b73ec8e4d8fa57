/* What gnuplot has drawn, checked to be whole, and taken to its place. */
#ifndef TM_REPORT_CHART_FINISH_H
#define TM_REPORT_CHART_FINISH_H

#include <stdbool.h>
#include <stdio.h>

/* Copies an SVG: with a style for light and dark, a title of ours in the place of gnuplot's, numbers no longer than can be seen,
 * and without the groups that it leaves empty. false: it is not whole. */
bool tm_finish_svg(FILE *in, FILE *out, const char *title);

/* Copies a PNG as it is. */
bool tm_finish_png(FILE *in, FILE *out);

#endif
