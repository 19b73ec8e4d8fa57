/* The tails of a hypergeometric distribution are summed from the observed count outwards, each term from the one before it: they
 * fall off fast, and a sum of a million calls is as quick as one of a hundred. */
#include "analyze/proportions.h"

#include <math.h>

static const double Z = 1.959963985; /* the upper 2.5 % of the standard normal */

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* P(X = k): k of the `errors` among the n_b of n calls that are b's. */
static double point(double k, double errors, double n_b, double n)
{
    return exp(log_choose(n_b, k) + log_choose(n - n_b, errors - k) - log_choose(n, errors));
}

/* P(X >= k) for step 1, P(X <= k) for step -1. Terms may rise at first; they end at the edge, or where nothing is added. */
static double tail(double k, double step, double errors, double n_b, double n)
{
    double low = fmax(0, errors - (n - n_b)), high = fmin(errors, n_b), term = point(k, errors, n_b, n), sum = 0;
    while (k >= low && k <= high) {
        double before = term;
        sum += term;
        if (step > 0)
            term *= (n_b - k) * (errors - k) / ((k + 1) * (n - n_b - errors + k + 1));
        else
            term *= k * (n - n_b - errors + k) / ((n_b - k + 1) * (errors - k + 1));
        k += step;
        if (term < before && term < 1e-17 * sum)
            break;
    }
    return fmin(sum, 1);
}

static void wilson(struct tm_proportion of, double *low, double *high)
{
    double e = of.errors, n = of.calls, wide = Z * sqrt(e * (n - e) / n + Z * Z / 4);
    *low = fmax(0, (e + Z * Z / 2 - wide) / (n + Z * Z));
    *high = fmin(1, (e + Z * Z / 2 + wide) / (n + Z * Z));
}

struct tm_shift tm_shift_of_counts(struct tm_proportion a, struct tm_proportion b)
{
    enum { NORMAL = 1000000 }; /* degrees of freedom that are as good as infinite */
    struct tm_shift s = tm_shift_unknown();
    double low_a, high_a, low_b, high_b;
    if (!(a.calls > 0 && b.calls > 0 && a.errors >= 0 && b.errors >= 0 && a.errors <= a.calls && b.errors <= b.calls))
        return s;
    double errors = a.errors + b.errors, n = a.calls + b.calls, rate_a = a.errors / a.calls, rate_b = b.errors / b.calls;
    wilson(a, &low_a, &high_a);
    wilson(b, &low_b, &high_b);
    s.basis = TM_BASIS_COUNTS;
    s.shift = rate_b - rate_a;
    s.low = s.shift - hypot(rate_b - low_b, high_a - rate_a);
    s.high = s.shift + hypot(high_b - rate_b, rate_a - low_a);
    s.p = fmin(1, 2 * fmin(tail(b.errors, 1, errors, b.calls, n), tail(b.errors, -1, errors, b.calls, n)));
    /* One error more a side: where there is none, the next one may still come. */
    double rate = (errors + 1) / (n + 2);
    s.se = sqrt(rate * (1 - rate) * (1 / a.calls + 1 / b.calls));
    s.df = NORMAL;
    return s;
}
