/* What pairs (x, y) tell of a trend, for as many of them as a store has: O(n log n), where trend.h, for the nights of a baseline,
 * looks at every two. */
#ifndef TM_ANALYZE_PAIRS_H
#define TM_ANALYZE_PAIRS_H

#include <stddef.h>

struct tm_point {
    double x, y; /* finite */
};

/* The least and the largest magnitude that tm_pairs_slope() tells from 0 and from infinity. */
#define TM_PAIRS_SMALLEST 1e-75
#define TM_PAIRS_LARGEST  1e75

/* Bytes of the memory, aligned as malloc does, that both functions need beside the points. 0: more than there are. */
size_t tm_pairs_scratch(size_t n);

/*
 * The slope of the Theil-Sen line: the median of (y[j] - y[i]) / (x[j] - x[i]) over all pairs with different x, as
 * tm_theil_sen() has it, to the last digits.  Memory grows with n, not with the pairs: the slopes below a number m are the
 * inversions of y - m x in the order of x, which a merge sort counts, and the doubles between the least and the largest slope
 * are halved until few enough are left to list.  At most 64 sorts for each of the two middle slopes.
 * Magnitudes above TM_PAIRS_LARGEST: meaningless.  No two different x: NAN.
 */
double tm_pairs_slope(const struct tm_point *points, size_t n, void *scratch);

/*
 * The Mann-Kendall statistic of y against x, standard normal if there is no trend, below 0 for a fall:
 *
 *     S = pairs of which both rise - pairs of which one rises and one falls        (Knight 1966)
 *     V = (v(n) - v_x - v_y) / 18 + two_x two_y / (2 n (n-1)) + three_x three_y / (9 n (n-1) (n-2))
 *     z = (S - sign S) / sqrt V
 *
 * with v(t) = t (t-1) (2t+5), and sums over the groups of t equal values: v_x of v(t), two_x of t (t-1), three_x of
 * t (t-1) (t-2) (Kendall 1975).  Without equal x it is tm_mann_kendall()'s of max_lag 0.
 * All y equal: 0.  All x equal, or n < 2: NAN.
 */
double tm_pairs_mann_kendall(const struct tm_point *points, size_t n, void *scratch);

#endif
