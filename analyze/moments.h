#ifndef TM_ANALYZE_MOMENTS_H
#define TM_ANALYZE_MOMENTS_H

#include <stdint.h>

/*
 * Mean and standard deviation of a window that slides.  The sums of x and of
 * x^2 are kept exactly, as lists of doubles that do not overlap (Priest 1991,
 * Shewchuk 1997), so a value that leaves takes all of itself along: no drift,
 * however long the window slides and whatever passed through it.
 *
 * Exact for |x| from 1e-130 to 1e140; smaller values count as 0, larger ones
 * are refused.  About 30 ns per value.
 */
#define TM_MOMENTS_PARTS 64 /* 2000 bits between the extremes / 53, and spare */

struct tm_exact_sum {
    int len;
    double part[TM_MOMENTS_PARTS]; /* by rising magnitude */
};

/* All zero is an empty one. */
struct tm_moments {
    uint64_t n;
    struct tm_exact_sum sum, squares;
};

/* 0, or -1 with nothing changed: NaN or |value| > 1e140. */
int tm_moments_add(struct tm_moments *m, double value);

/* Take back a value added before; 0, or -1 as above or when empty. */
int tm_moments_remove(struct tm_moments *m, double value);

/*
 * sqrt((n * sum x^2 - (sum x)^2) / (n (n - 1))), the numerator exact before it
 * is rounded: never negative, and exactly 0 for equal values.  n < 2: NAN.
 */
double tm_moments_stdev(const struct tm_moments *m);

#endif
