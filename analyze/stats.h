#ifndef TM_ANALYZE_STATS_H
#define TM_ANALYZE_STATS_H

#include <stddef.h>

/*
 * Location, spread and rank of a sample.  Arrays in, numbers out: nothing
 * here allocates, prints or keeps state.  The values must be finite; a NaN
 * among them gives a meaningless number, never undefined behaviour.  What a
 * sample is too small to tell is NAN.
 */

/* The sum divided by n, summed in twice the precision: (1e16, 1, 1, -1e16)
 * gives 0.5, and equal values give exactly that value.  n = 0: NAN. */
double tm_mean(const double *x, size_t n);

/*
 * Sample standard deviation sqrt(sum (x - mean)^2 / (n - 1)), in two passes.
 * n < 2: NAN.  Equal values: exactly 0.  Deviations above 1e154: INFINITY.
 */
double tm_stdev(const double *x, size_t n);

/*
 * Reorders x so that x[k] is the value a sorted x has there, what stands
 * before it is <= x[k] and what follows is >= x[k]; returns x[k].
 * O(n), also in the worst case: quickselect, which falls back on medians of
 * medians (Blum et al. 1973).  k >= n: NAN.
 */
double tm_select(double *x, size_t n, size_t k);

/*
 * tm_select() for tests of that claim: cheap pivots as long as at most
 * `cheap` values have been looked at, then good ones; *work grows by the
 * number of values looked at.
 */
double tm_select_counted(double *x, size_t n, size_t k, size_t cheap, size_t *work);

/*
 * Percentile p, 0 .. 100, by type 7 (Hyndman & Fan 1996), which is what
 * SQLite, numpy, R and spreadsheets call percentile or quantile by default:
 *
 *     h = (n - 1) * p / 100
 *     P = x[floor h] + (h - floor h) * (x[floor h + 1] - x[floor h])    x sorted
 *
 * p75 of 1..10 is 7.75, p0 the smallest, p100 the largest value.  Reorders x.
 * n = 0, or p outside 0 .. 100: NAN.  n = 1: that value.
 */
double tm_percentile(double *x, size_t n, double p);

/* Percentile 50: the middle value, or the mean of the two middle ones. */
double tm_median(double *x, size_t n);

/*
 * Median absolute deviation, unscaled: the median of |x - median|.  The
 * median is the caller's, normally tm_median(x, n).  Overwrites x with the
 * deviations.  n = 0: NAN.  0 as soon as more than half the values are equal.
 */
double tm_mad(double *x, size_t n, double median);

/* MAD times this estimates the standard deviation of a normal sample:
 * 1 / (upper quartile of the standard normal). */
#define TM_MAD_TO_SIGMA 1.4826

/* (x - mean) / stdev.  stdev not above 0: NAN, for then no scale is known.
 * With the value itself in the sample, |z| <= (n - 1) / sqrt(n). */
double tm_zscore(double x, double mean, double stdev);

/* (x - median) / (TM_MAD_TO_SIGMA * mad).  mad not above 0: NAN. */
double tm_robust_z(double x, double median, double mad);

/*
 * Percentile rank of v among x, 0 .. 100, by mid-rank: the share below v plus
 * half the share equal to it, 100 * (below + equal / 2) / n.  v need not be
 * in x.  n = 0: NAN.  All values equal to v: 50.
 */
double tm_percentile_rank(const double *x, size_t n, double v);

/* a + f * (b - a), also where b - a overflows.  f in 0 .. 1. */
double tm_interpolate(double a, double b, double f);

#endif
