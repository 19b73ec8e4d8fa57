/* One gnuplot process: a script in a private directory, and the files that it wrote there. */
#ifndef TM_REPORT_CHART_GNUPLOT_H
#define TM_REPORT_CHART_GNUPLOT_H

#include <stdio.h>

#include "report/chart/chart.h"
#include "report/chart/process.h"

struct tm_gnuplot {
    char program[4096], directory[4096];
    FILE *script; /* to be filled in by the caller */
    char *message;
    bool starved; /* what went wrong was want of memory */
    struct tm_process process;
};

/* Is it installed? */
bool tm_gnuplot_is_there(void);

/* Finds the program and makes the directory. 0, or -1 with what went wrong in message. End in any case. */
int tm_gnuplot_begin(struct tm_gnuplot *gnuplot, char message[TM_CHART_MESSAGE]);

/* -1, with the message: what went wrong, and errno's word on why. */
int tm_gnuplot_fail(struct tm_gnuplot *gnuplot, const char *what, int error);

/* Runs the script, at most so many seconds ($TIDEMARK_GNUPLOT_SECONDS, if set, in their place). 0, or -1. */
int tm_gnuplot_run(struct tm_gnuplot *gnuplot, int seconds);

/* The same in two steps, so that several may run at once. Start: 0, or -1. Look: 1, it is still drawing; 0, it has drawn all; -1.
 */
int tm_gnuplot_start(struct tm_gnuplot *gnuplot, int seconds);
int tm_gnuplot_look(struct tm_gnuplot *gnuplot);

/* A file of that name in the directory, to be read or written; NULL and a message. */
FILE *tm_gnuplot_open(struct tm_gnuplot *gnuplot, const char *name, const char *mode);

/* Is there a file of that name? */
bool tm_gnuplot_has(const struct tm_gnuplot *gnuplot, const char *name);

/* Removes that file; it need not be there. */
void tm_gnuplot_remove(const struct tm_gnuplot *gnuplot, const char *name);

/* Ends what is still drawing, and removes the directory with all that is in it. */
void tm_gnuplot_end(struct tm_gnuplot *gnuplot);

#endif
