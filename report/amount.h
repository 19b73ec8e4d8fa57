/* How people read an amount: four digits that count, in the unit that keeps them short. */
#ifndef TM_REPORT_AMOUNT_H
#define TM_REPORT_AMOUNT_H

#include <stdio.h>

#include "analyze/report.h"

/* "412.3 ms", "5.022 ns", "1.20 % of calls", "12.4 MiB", "2556682 ops/sec". The metric's name stands before it, or a line above: a
 * unit that is the name once more is left out. */
void tm_put_amount(FILE *out, const struct tm_report_metric *metric, double value);

/* "0.604 s", with three digits: totals are in seconds, but for what is less than a thousandth of one. */
void tm_put_total_time(FILE *out, double ms);

#endif
