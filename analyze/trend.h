#ifndef TM_ANALYZE_TREND_H
#define TM_ANALYZE_TREND_H

#include <stddef.h>

/*
 * Slow drift of a series, without assuming anything about the noise but that
 * its values can be compared.  Values must be finite.
 * Both functions take O(n^2) time and work in memory of the caller, `scratch`,
 * of max(n (n - 1) / 2, 2 n) doubles; n up to some thousands is meant.
 */

struct tm_line {
    double slope;     /* units of x per unit of t */
    double intercept; /* x at t = 0 */
};

/*
 * Theil-Sen line (Theil 1950, Sen 1968): slope = median of
 * (x[j] - x[i]) / (t[j] - t[i]) over all pairs with different t; intercept =
 * median of x[i] - slope * t[i].  Up to 29 % of the values may be arbitrarily
 * wrong.  t == NULL means 0, 1, 2, ...   No two different t: both NAN.
 */
struct tm_line tm_theil_sen(const double *t, const double *x, size_t n, double *scratch);

struct tm_mann_kendall {
    double s;              /* rising pairs minus falling pairs */
    double tau;            /* Kendall's tau-b against time, -1 .. 1 */
    double variance;       /* of s if there is no trend, corrected for ties */
    double inflation;      /* of the variance by autocorrelation, >= 1 */
    double z;              /* standard normal if there is no trend */
    double p_rise, p_fall; /* one-sided: a trend this strong by chance */
};

/*
 * Mann-Kendall test for a monotone trend (Mann 1945, Kendall 1975) in equally
 * spaced values, with the variance correction for autocorrelated series of
 * Hamed & Rao (1998):
 *
 *     S   = sum over i < j of sign(x[j] - x[i])
 *     V   = (n (n-1) (2n+5) - sum over groups of t equal values of t (t-1) (2t+5)) / 18
 *     V*  = V * max(1, 1 + 2 / (n (n-1) (n-2)) * sum over k of (n-k) (n-k-1) (n-k-2) r_k)
 *     z   = (S - sign S) / sqrt V*
 *
 * r_k is the autocorrelation at lag k = 1 .. max_lag of the ranks of
 * x[i] - slope * i (Theil-Sen slope), taken as 0 where |r_k| <= 1.96 / sqrt n.
 * The factor is kept at 1 or above: negative autocorrelation shall not make
 * the test bolder.  max_lag = 0 is the plain test; 3 does best on simulated
 * series of first order: with r_1 = 0.7, n = 60 and p_rise < 0.05 there are
 * 22 % false alarms without, 12 % with 3 lags, 15 % with all.  The correction
 * helps, it does not cure.
 *
 * n < 2: all NAN.  Constant series: s = tau = z = 0, p = 1 (tau by convention).
 * The normal approximation of z is fair from n = 8 on.
 */
struct tm_mann_kendall tm_mann_kendall(const double *x, size_t n, size_t max_lag, double *scratch);

#endif
