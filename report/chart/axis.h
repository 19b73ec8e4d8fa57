/* Numbers and dates along the axes of a chart. Pure. */
#ifndef TM_REPORT_CHART_AXIS_H
#define TM_REPORT_CHART_AXIS_H

#include "analyze/report.h"

enum { TM_TICS_MOST = 12, TM_TIC_SIZE = 24 }; /* a chart has room for no more; bytes of a number or date */

struct tm_tic {
    double at;
    char text[TM_TIC_SIZE];
};

/* Shown is value * scale, in that unit; "" for a plain number. */
struct tm_chart_unit {
    double scale;
    const char *name;
};

/* By the size of the largest value: 0.004 ms are 4 us, 3000 KiB are 2.93 MiB. The unit of a metric of the project's own is text
 * from outside and never part of it. */
struct tm_chart_unit tm_chart_unit_for(const struct tm_report_metric *metric, double largest);

/* Round numbers from low to high, at most `most` of them: multiples of 1, 2 or 5 times a power of ten. */
size_t tm_value_tics(double low, double high, int most, struct tm_tic tics[TM_TICS_MOST]);

/* Round points in time (UTC) from first to last, at most `most` of them: hours, days, weeks, months or years apart. */
size_t tm_time_tics(int64_t first, int64_t last, int most, struct tm_tic tics[TM_TICS_MOST]);

/* "279.6": so many digits that say something. */
void tm_chart_number(double value, int digits, char text[TM_TIC_SIZE]);

/* "Nov 19", or "2026-11-19" where the year is in doubt. */
void tm_chart_date(int64_t seconds, bool with_year, char text[TM_TIC_SIZE]);

#endif
