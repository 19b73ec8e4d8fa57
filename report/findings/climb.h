/* Did a series get from one level to the next in one step, or did it climb? */
#ifndef TM_REPORT_FINDINGS_CLIMB_H
#define TM_REPORT_FINDINGS_CLIMB_H

#include <stdbool.h>
#include <stddef.h>

enum { TM_CLIMB_MOST = 80, TM_CLIMB_LEAST = 8 };

struct tm_climb {
    size_t first, last;   /* the climb begins after y[first] and has arrived at y[last] */
    double before, after; /* medians of y up to first, and from last on */
};

/*
 * Both courses are two levels, medians of the values on either side, with nothing or a straight line between; each is fitted by
 * trying all places and taking the least sum of absolute residuals, with three values or more on either side. It is a climb
 * when the line spans TM_CLIMB_LEAST runs or more, and leaves less than 0.9 of what the best step leaves.
 * n > TM_CLIMB_MOST: only the newest are looked at. Too few values for both: no climb.
 */
bool tm_find_climb(const double *y, size_t n, struct tm_climb *climb);

#endif
