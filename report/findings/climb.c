#include "report/findings/climb.h"

#include <math.h>
#include <string.h>

#include "analyze/stats.h"

enum { SIDE = 3 }; /* values that a level needs */
static const double CLEARLY = 0.9;

/* What is needed of every place to try: the medians of all up to it, and of all from it on. */
struct levels {
    double up_to[TM_CLIMB_MOST], from[TM_CLIMB_MOST];
};

static double median_of(const double *y, size_t n)
{
    double copy[TM_CLIMB_MOST];
    memcpy(copy, y, n * sizeof *copy);
    return tm_median(copy, n);
}

static void find_levels(const double *y, size_t n, struct levels *levels)
{
    for (size_t i = 0; i < n; i++) {
        levels->up_to[i] = median_of(y, i + 1);
        levels->from[i] = median_of(y + i, n - i);
    }
}

/* Sum of absolute residuals with levels up to y[first] and from y[last] on, and a straight line between. */
static double misfit(const double *y, size_t n, const struct levels *levels, size_t first, size_t last)
{
    double before = levels->up_to[first], after = levels->from[last], sum = 0;
    for (size_t i = 0; i < n; i++) {
        double part = i <= first ? 0 : i >= last ? 1 : (double)(i - first) / (double)(last - first);
        sum += fabs(y[i] - tm_between(before, after, part));
    }
    return sum;
}

bool tm_find_climb(const double *y, size_t n, struct tm_climb *climb)
{
    struct levels levels;
    double step = INFINITY, line = INFINITY;
    if (n > TM_CLIMB_MOST)
        y += n - TM_CLIMB_MOST, n = TM_CLIMB_MOST;
    find_levels(y, n, &levels);
    for (size_t first = SIDE - 1; first + SIDE < n; first++) {
        step = fmin(step, misfit(y, n, &levels, first, first + 1));
        for (size_t last = first + TM_CLIMB_LEAST; last + SIDE <= n; last++) {
            double this = misfit(y, n, &levels, first, last);
            if (this < line) {
                line = this;
                *climb = (struct tm_climb){first, last, levels.up_to[first], levels.from[last]};
            }
        }
    }
    return line < CLEARLY * step;
}
