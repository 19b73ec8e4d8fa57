/* Who is an outlier among all plugins of one run, in lines for people:
 *
 *     [BOTTLENECK] name | avg 979.7ms | z=2.76 | mem=150112.0KB | robust z=1.29 | rank 100% | share of cpu 13% | step=12.3ms |
 *     errors 8 of 16 (HttpError: 503) | failing
 *
 * one line each; what is not known is left out. z, robust z and rank are those of population.h, of the wall time per call. `share
 * of cpu` is of the CPU time of all these plugins; `step` is the longest step, from a millisecond on. The signal at the end is the
 * first that holds, of a call:
 *
 *     failing           errors > 10 % of the calls
 *     no CPU recorded   CPU time is not known
 *     several threads   CPU > 120 % of wall
 *     blocking          min(occupied, wall) - CPU > 50 % of wall, and the longest step is known: most of the time it keeps its
 *                       thread without computing. At most the wall time, for occupied counts helper threads, too
 *     waiting           CPU < 35 % of wall: it has given its thread back, or nothing is known of that
 *     compute           else */
#ifndef TM_REPORT_BOTTLENECKS_H
#define TM_REPORT_BOTTLENECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A plugin that was called. NAN: not known; calls are. Who has no wall time is counted, and not compared. */
struct tm_bottleneck {
    const char *name;
    double calls, errors;
    double wall_ms, cpu_ms, occupied_ms; /* of a call */
    double step_ms;                      /* the longest without giving the thread back */
    double peak_kb;
    const char *error; /* the most common one; NULL: not known */
};

/* Outliers have z > `z` or robust z > `z` + 1. They are written as [BOTTLENECK], with `all` the others as [PLUGIN], the slowest
 * first; then notes on what the figures cannot tell. Sorts the rows. 0, or -1: no memory. */
int tm_put_bottlenecks(FILE *out, struct tm_bottleneck *rows, size_t given, double z, bool all);

#endif
