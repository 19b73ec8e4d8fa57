/* Tail probabilities as logarithms, each by the formula that keeps its digits where it is used: evidence is -ln
 * of a tail, and the tails that matter are far out, where 1 - P would be 0 and P itself would underflow.
 *
 * Sums over the distribution become incomplete beta and gamma functions (special.h), whose cost does not grow
 * with the counts. Only the beta-binomial has no such form and is a sum. */
#include "analyze/tails.h"

#include <float.h>

#include "analyze/special.h"

#define HALF_LOG_2PI 0.91893853320467274178 /* log(2 pi) / 2 */
#define SQRT_HALF    0.70710678118654752440

static enum tm_tail opposite(enum tm_tail side)
{
    return side == TM_UPPER ? TM_LOWER : TM_UPPER;
}

/* Tails of what always, or never, happens. */
static double certain_if(int yes)
{
    return yes ? 0.0 : -INFINITY;
}

/*
 * P(Z >= z) = phi(z) / (z + 1/(z + 2/(z + 3/(z + ...)))), for z > 5: Laplace's
 * continued fraction, from the far end.
 */
static double log_far_normal(double z)
{
    double f = z;
    int k;

    for (k = 60; k > 0; k--) /* at z = 5, the worst case, 60 terms leave no error in a double */
        f = z + k / f;
    return -0.5 * z * z - HALF_LOG_2PI - log(f);
}

/* Where the tail is large, log1p of the small complement keeps the digits; from z = 5 on erfc loses some, and
 * underflows at 38. */
double tm_log_tail_normal(enum tm_tail side, double z)
{
    if (side == TM_LOWER)
        z = -z;
    if (z > 5.0)
        return log_far_normal(z);
    if (z < -1.0)
        return log1p(-0.5 * erfc(-z * SQRT_HALF));
    return log(0.5 * erfc(z * SQRT_HALF));
}

/* P(X >= k) = I_p(k, n - k + 1), and P(X <= k) = I_(1-p)(n - k, k + 1): each tail directly, never as one minus
 * the other. */
double tm_log_tail_binomial(enum tm_tail side, double k, double n, double p)
{
    if (isnan(k) || !(n >= 0.0) || !(p >= 0.0 && p <= 1.0))
        return NAN;
    if (side == TM_UPPER) {
        if (k <= 0.0 || k > n)
            return certain_if(k <= 0.0);
        return tm_log_beta_inc(k, n - k + 1.0, p, 1.0 - p);
    }
    if (k < 0.0 || k >= n)
        return certain_if(k >= n);
    return tm_log_beta_inc(n - k, k + 1.0, 1.0 - p, p);
}

/* P(X >= k) is P(k, mean), P(X <= k) is Q(k + 1, mean), the regularised incomplete gamma functions. */
double tm_log_tail_poisson(enum tm_tail side, double k, double mean)
{
    if (isnan(k) || !(mean >= 0.0))
        return NAN;
    if (side == TM_UPPER)
        return k <= 0.0 ? 0.0 : tm_log_gamma_p(k, mean);
    return k < 0.0 ? -INFINITY : tm_log_gamma_q(k + 1.0, mean);
}

/* P(X >= k) = I_x(k, size), x = mean / (mean + size). Both x and y = 1 - x are quotients: a difference would
 * lose the digits of the smaller. size infinite: Poisson. */
double tm_log_tail_negbinomial(enum tm_tail side, double k, double mean, double size)
{
    double x, y;

    if (isnan(k) || !(mean >= 0.0) || !(size > 0.0))
        return NAN;
    if (isinf(size))
        return tm_log_tail_poisson(side, k, mean);
    x = mean / (mean + size);
    y = size / (mean + size);
    if (side == TM_UPPER)
        return k <= 0.0 ? 0.0 : tm_log_beta_inc(k, size, x, y);
    return k < 0.0 ? -INFINITY : tm_log_beta_inc(size, k + 1.0, y, x);
}

/*
 * log P(X = k) = C(n, k) B(k + a, n - k + b) / B(a, b).  Each factor takes the
 * power of x and 1 - x that makes it tame; the powers cancel.
 */
static double log_betabinomial_point(double k, double n, double a, double b)
{
    double x = (k + a) / (n + a + b), y = (n - k + b) / (n + a + b);

    return tm_log_beta_power(k + 1.0, n - k + 1.0, x, y) - log(n + 1.0) - log(x) - log(y) + tm_log_beta_power(a, b, x, y) -
           tm_log_beta_power(k + a, n - k + b, x, y);
}

/* P(X = j + 1) / P(X = j). */
static double betabinomial_ratio(double j, double n, double a, double b)
{
    return (n - j) / (j + 1.0) * ((a + j) / (b + n - j - 1.0));
}

/*
 * log of sum over j >= k of P(X = j).  ratio - 1 changes its sign at most
 * once, so where it is below 0 now and at the end, terms fall from here on.
 */
static double log_betabinomial_sum(double k, double n, double a, double b)
{
    double term = 1.0, sum = 1.0, j;
    int falls = k < n && betabinomial_ratio(n - 1.0, n, a, b) < 1.0;

    for (j = k; j < n; j += 1.0) {
        double ratio = betabinomial_ratio(j, n, a, b);

        if (falls && ratio < 1.0 && term * (n - j) < sum * DBL_EPSILON / 8)
            break;
        term *= ratio;
        sum += term;
    }
    return log_betabinomial_point(k, n, a, b) + log(sum);
}

/* The sum starts at k and goes away from the mean, where its terms fall fast; a tail that holds the mean is one
 * minus the other, which is then the small one. */
double tm_log_tail_betabinomial(enum tm_tail side, double k, double n, double a, double b)
{
    if (isnan(k) || !(n >= 0.0) || isinf(n) || !(a > 0.0 && b > 0.0))
        return NAN;
    if (side == TM_LOWER)
        return tm_log_tail_betabinomial(opposite(side), n - k, n, b, a);
    if (k <= 0.0 || k > n)
        return certain_if(k <= 0.0);
    if (k > n * (a / (a + b)))
        return log_betabinomial_sum(k, n, a, b);
    return tm_log_complement(log_betabinomial_sum(n - k + 1.0, n, b, a));
}
