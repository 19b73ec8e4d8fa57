/* What gnuplot has drawn, checked to be whole, and taken to its place. */
#ifndef TM_REPORT_CHART_FINISH_H
#define TM_REPORT_CHART_FINISH_H

#include <stdbool.h>
#include <stdio.h>

#include "report/chart/picture.h"

enum tm_finish { TM_FINISH_WHOLE, TM_FINISH_CUT_SHORT, TM_FINISH_NO_MEMORY };

/* Copies an SVG: with a style for light and dark, a title of ours in the place of gnuplot's, the names at their places (they are
 * escaped here: no text from the data goes through gnuplot), numbers no longer than can be seen, and without the groups that it
 * leaves empty. */
enum tm_finish tm_finish_svg(FILE *in, FILE *out, const char *title, const struct tm_name *names, size_t n_names);

/* Copies a PNG as it is. */
enum tm_finish tm_finish_png(FILE *in, FILE *out);

/* Copies a PDF, but for the time at which it was made: of one store it has the same bytes whenever it is drawn. */
enum tm_finish tm_finish_pdf(FILE *in, FILE *out);

/* After the last line of getline(), which ends without an end of the file and without an error where it finds no memory. */
enum tm_finish tm_finish_of_lines(FILE *in, bool whole);

#endif
