/* How people read an amount, wherever they read it: four digits that count, in the unit in which there is at least one. */
#ifndef TM_REPORT_AMOUNT_H
#define TM_REPORT_AMOUNT_H

#include <stdio.h>

#include "analyze/report.h"

/* "412.3 ms", "137.7 s", "5.022 ns", "1.20 % of calls", "164.2 KiB", "2556682 ops/sec". The metric's name stands before it, or a
 * line above: a unit that is the name once more is left out. */
void tm_put_amount(FILE *out, const struct tm_report_metric *metric, double value);

/* The same beside another amount: both get the unit of the larger one, and digits of one fineness; but one of which less than a
 * hundredth would be left goes by itself. NAN: beside none. */
void tm_put_amount_beside(FILE *out, const struct tm_report_metric *metric, double value, double beside);

/* "5.94 s", with three digits: a total is a sum, and no better known than its parts. */
void tm_put_total_time(FILE *out, double ms);

/* A unit of the metric's family: shown is value * factor, where the value, in the metric's own unit, is at least `from`. */
struct tm_amount_step {
    double from, factor;
    const char *unit;
};

enum { TM_AMOUNT_STEPS = 6, TM_AMOUNT_SIZE = 48 /* bytes of a number */ };

/* The units, rising, and how many; 1 where the metric has no family: its own unit, "" where that is its name. */
size_t tm_amount_steps(const struct tm_report_metric *metric, struct tm_amount_step steps[TM_AMOUNT_STEPS]);

/* Number and unit apart, for a form that has its own way to write either. */
const char *tm_amount_number(const struct tm_report_metric *metric, double value, double beside, char number[TM_AMOUNT_SIZE]);

#endif
