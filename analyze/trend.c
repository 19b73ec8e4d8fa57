/* Is a series drifting? Both statistics compare pairs of values only, so noise may have any shape and some
 * values may be plain wrong. They look at all pairs, O(n^2): a series has some hundred nights. */
#include "analyze/trend.h"

#include <float.h>
#include <math.h>

#include "analyze/stats.h"
#include "analyze/tails.h"

/* Without times the values are equally spaced. */
static double time_of(const double *t, size_t i)
{
    return t ? t[i] : (double)i;
}

struct tm_line tm_theil_sen(const double *t, const double *x, size_t n, double *scratch)
{
    struct tm_line line = {NAN, NAN};
    size_t i, j, pairs = 0;

    /* All pairs, once each: n (n - 1) / 2 slopes, which is what scratch must hold. */
    for (j = 1; j < n; j++) {
        for (i = 0; i < j; i++) {
            double dt = time_of(t, j) - time_of(t, i);

            /* Two values of the same time say nothing about a slope. */
            if (dt != 0.0)
                scratch[pairs++] = (x[j] - x[i]) / dt;
        }
    }
    if (pairs == 0)
        return line;
    /* The slopes are used up: the same memory takes the residues. */
    line.slope = tm_median(scratch, pairs);
    for (i = 0; i < n; i++)
        scratch[i] = x[i] - line.slope * time_of(t, i);
    line.intercept = tm_median(scratch, n);
    return line;
}

static int sign(double d)
{
    return (d > 0.0) - (d < 0.0);
}

/* What a straight line leaves of x; rounding residue of it counts as 0, else an exact line would leave noise
 * whose ranks are autocorrelated. 8 ulps of the largest value bound what the three operations can leave. */
static void detrend(const double *x, size_t n, double *scratch)
{
    double slope = tm_theil_sen(NULL, x, n, scratch).slope;
    double largest = fabs(slope) * (double)n;
    size_t i;

    for (i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i]));
    for (i = 0; i < n; i++) {
        scratch[i] = x[i] - x[0] - slope * (double)i;
        if (fabs(scratch[i]) <= 8.0 * DBL_EPSILON * largest)
            scratch[i] = 0.0;
    }
}

/* Mid-ranks of x about their mean, so that they sum to 0. */
static void centred_ranks(const double *x, size_t n, double *rank)
{
    size_t i, j;

    for (i = 0; i < n; i++) {
        rank[i] = 0.0;
        for (j = 0; j < n; j++)
            rank[i] += 0.5 * sign(x[i] - x[j]);
    }
}

/* Not divided by n: only ratios of it are used. */
static double autocovariance(const double *r, size_t n, size_t lag)
{
    double sum = 0.0;
    size_t i;

    for (i = 0; i + lag < n; i++)
        sum += r[i] * r[i + lag];
    return sum;
}

/* Hamed & Rao's factor V* / V, at least 1. Lags below the 95 % limit 1.96 / sqrt n are taken as chance; with
 * fewer than four values there is no lag to speak of. */
static double inflation(const double *x, size_t n, size_t max_lag, double *scratch)
{
    double *ranks = scratch + n, m = (double)n;
    double limit = 1.959963984540054 / sqrt(m), sum = 0.0, whole;
    size_t lag;

    if (n < 4 || max_lag == 0)
        return 1.0;
    /* A trend would show as autocorrelation at every lag, and the correction would then hide the trend itself. */
    detrend(x, n, scratch);
    centred_ranks(scratch, n, ranks);
    whole = autocovariance(ranks, n, 0);
    for (lag = 1; lag <= max_lag && lag + 2 < n && whole > 0.0; lag++) {
        double r = autocovariance(ranks, n, lag) / whole, k = (double)lag;

        if (fabs(r) > limit)
            sum += (m - k) * (m - k - 1.0) * (m - k - 2.0) * r;
    }
    return fmax(1.0, 1.0 + 2.0 * sum / (m * (m - 1.0) * (m - 2.0)));
}

/* Fill in s, the variance without autocorrelation, and tau-b. */
static void count_pairs(const double *x, size_t n, struct tm_mann_kendall *out)
{
    double m = (double)n, pairs = m * (m - 1.0) / 2.0, tied_pairs = 0.0, tied = 0.0;
    size_t i, j;

    out->s = 0.0;
    for (i = 0; i < n; i++) {
        double equal = 1.0;

        for (j = 0; j < n; j++) {
            equal += j != i && x[j] == x[i];
            out->s += j > i ? sign(x[j] - x[i]) : 0;
        }
        /* A group of t values comes by t times: 1/t of its term each. */
        tied += (equal - 1.0) * (2.0 * equal + 5.0);
        tied_pairs += (equal - 1.0) / 2.0;
    }
    out->variance = (m * (m - 1.0) * (2.0 * m + 5.0) - tied) / 18.0;
    /* tau-b of a series against time, which has no ties of its own. */
    out->tau = pairs > tied_pairs ? out->s / sqrt(pairs * (pairs - tied_pairs)) : 0.0;
}

struct tm_mann_kendall tm_mann_kendall(const double *x, size_t n, size_t max_lag, double *scratch)
{
    struct tm_mann_kendall out = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};

    if (n < 2)
        return out;
    count_pairs(x, n, &out);
    out.inflation = inflation(x, n, max_lag, scratch);
    /* The continuity correction (sign S) since S moves in steps of two. A constant series has variance 0. */
    out.z = out.variance > 0.0 ? (out.s - sign(out.s)) / sqrt(out.variance * out.inflation) : 0.0;
    out.p_rise = out.variance > 0.0 ? tm_tail_normal(TM_UPPER, out.z) : 1.0;
    out.p_fall = out.variance > 0.0 ? tm_tail_normal(TM_LOWER, out.z) : 1.0;
    return out;
}
