#ifndef TM_ANALYZE_MOMENTS_H
#define TM_ANALYZE_MOMENTS_H

#include <stdint.h>

#include "analyze/exact_sum.h"

/*
 * Spread and correlation of a window that slides.  The sums are exact, so a
 * value that leaves takes all of itself along: no drift, however long the
 * window slides and whatever passed through it.
 *
 * For |x| from TM_EXACT_SMALLEST to TM_EXACT_LARGEST; smaller values count as
 * 0, larger ones are refused.  About 30 ns per value.
 */

/* All zero is an empty one. */
struct tm_moments {
    uint64_t n;
    struct tm_exact_sum sum, squares;
};

/* 0, or -1 with nothing changed: NaN or |value| > TM_EXACT_LARGEST. */
int tm_moments_add(struct tm_moments *m, double value);

/* Take back a value added before; 0, or -1 as above or when empty. */
int tm_moments_remove(struct tm_moments *m, double value);

/*
 * (n * sum x^2 - (sum x)^2) / (n (n - freedom)), freedom 1 for a sample's and
 * 0 for a whole population's, the numerator exact before it is rounded: never
 * negative, and exactly 0 for equal values.  n <= freedom: NAN.
 */
double tm_moments_variance(const struct tm_moments *m, int freedom);

/* Two columns. All zero is an empty one. */
struct tm_comoments {
    struct tm_moments x, y;
    struct tm_exact_sum products;
};

/* As of one column; nothing is changed if either value is refused. */
int tm_comoments_add(struct tm_comoments *c, double x, double y);
int tm_comoments_remove(struct tm_comoments *c, double x, double y);

/*
 * Pearson's r, -1 .. 1: (n sum xy - sum x sum y) / sqrt((n sum x^2 - (sum x)^2)
 * (n sum y^2 - (sum y)^2)), each difference exact before it is rounded.
 * n < 2, or all x or all y equal: NAN.
 */
double tm_comoments_correlation(const struct tm_comoments *c);

#endif
