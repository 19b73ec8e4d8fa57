/* Incomplete beta and gamma functions, as logarithms. Their leading factors, powers over factorials, are
 * differences of huge logarithms where parameters are large; written as deviance plus Stirling error (Loader
 * 2000) they are small numbers from the start, so a million calls cost no digits. The rest are continued
 * fractions that converge fast on one side of the mean; on the other the complement is taken. */
#include "analyze/special.h"

#include <float.h>
#include <math.h>

#define HALF_LOG_2PI 0.91893853320467274178 /* log(2 pi) / 2 */
#define LOG_HALF     (-0.69314718055994530942)
#define MOST_TERMS   10000000 /* about sqrt(largest parameter) are needed: a bound on time, not on precision */

/* Maechler's rule: each form where it does not cancel; they change places at exp(l) = 1/2. */
double tm_log_complement(double l)
{
    return l < LOG_HALF ? log1p(-exp(l)) : log(-expm1(l));
}

/*
 * log(1 + u) - u, where `ratio` is 1 + u from a formula of its own: near
 * u = 0 the result is -u^2/2 and u carries the digits, far from it ratio does.
 */
static double log_minus(double ratio, double u)
{
    double w = u / (2.0 + u), w2 = w * w, power = 1.0, sum = 0.0;
    int k;

    /* Outside, log(ratio) and u differ enough for a plain difference. */
    if (u < -0.3 || u > 0.4)
        return log(ratio) - u;
    /* log(1 + u) = 2 (w + w^3/3 + w^5/5 + ...), and 2 w - u = -u w. */
    for (k = 3; k < 31; k += 2) {
        sum += power / k;
        power *= w2;
    }
    return 2.0 * w * w2 * sum - u * w;
}

/* log Gamma(a) - ((a - 1/2) log a - a + log(2 pi) / 2), for a >= 10. */
static double stirling_series(double a)
{
    static const double c[] = {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156};
    double r = 1.0 / (a * a), sum = 0.0;
    int i;

    for (i = 6; i >= 0; i--)
        sum = sum * r + c[i];
    return sum / a;
}

/* The same for any a > 0: from a + m >= 10 back by the recurrence. */
static double stirling_error(double a)
{
    double product = 1.0, n;

    if (a >= 10.0)
        return stirling_series(a);
    for (n = a; n < 10.0; n += 1.0)
        product *= n;
    return (n - 0.5) * log(n) - n + stirling_series(n) - log(product) - ((a - 0.5) * log(a) - a);
}

double tm_log_beta_power(double a, double b, double x, double y)
{
    /* x (a+b) / a = 1 + e/a and y (a+b) / b = 1 - e/b; the linear terms cancel. */
    double e = b * x - a * y, whole = a + b;
    double deviance = a * log_minus(x * (whole / a), e / a) + b * log_minus(y * (whole / b), -e / b);
    double stirling = stirling_error(whole) - stirling_error(a) - stirling_error(b);

    return deviance + stirling + 0.5 * log(a / whole * b) - HALF_LOG_2PI;
}

/* Lentz's method divides by partial results, which may pass through 0: a tiny number in its place
 * changes nothing that is left in the end. */
static double away_from_zero(double v)
{
    return fabs(v) < DBL_MIN * 16 ? DBL_MIN * 16 : v;
}

/*
 * I_x(a, b) = x^a y^b / B(a, b) / (b0 + a1/(b1 + a2/(b2 + ...))), the continued
 * fraction of DiDonato & Morris (1992) by Lentz's method, for x <= a / (a + b).
 * Written with a y - b x, it keeps its digits also where x is next to 1.
 */
static double beta_fraction(double a, double b, double x, double y)
{
    double lambda = a * y - b * x;
    double f = away_from_zero(a / (a + 1.0) * (lambda + 1.0)), c = f, d = 0.0, step, m;

    for (m = 1.0; m < MOST_TERMS; m += 1.0) {
        double n = a + 2.0 * m;
        double ratio = m * (b - m) * x / (n - 1.0);
        double top = (a + m - 1.0) * ((a + b + m - 1.0) / (n - 1.0)) * ratio * x;
        double bottom = m + ratio + (a + m) / (n + 1.0) * (lambda + 1.0 + m * (1.0 + y));

        d = 1.0 / away_from_zero(bottom + top * d);
        c = away_from_zero(bottom + top / c);
        step = c * d;
        f *= step;
        if (fabs(step - 1.0) < 2.0 * DBL_EPSILON)
            break;
    }
    return f;
}

double tm_log_beta_inc(double a, double b, double x, double y)
{
    if (!(a > 0.0 && b > 0.0 && x >= 0.0 && y >= 0.0))
        return NAN;
    if (x == 0.0)
        return -INFINITY;
    if (y == 0.0)
        return 0.0;
    /* The fraction converges fast left of the mean a / (a + b); right of it, the other side is
     * taken from 1. */
    if (a * y < b * x)
        return tm_log_complement(tm_log_beta_power(b, a, y, x) - log(beta_fraction(b, a, y, x)));
    return tm_log_beta_power(a, b, x, y) - log(beta_fraction(a, b, x, y));
}

/* log of x^a e^-x / Gamma(a + 1). */
static double log_gamma_power(double a, double x)
{
    return a * log_minus(x / a, (x - a) / a) - 0.5 * log(a) - HALF_LOG_2PI - stirling_error(a);
}

/* P(a, x) = x^a e^-x / Gamma(a+1) * sum x^k / ((a+1) ... (a+k)), for x < a + 1. */
static double log_p_series(double a, double x)
{
    double term = 1.0, sum = 1.0;
    long k;

    for (k = 1; k < MOST_TERMS && term > sum * DBL_EPSILON / 4; k++) {
        term *= x / (a + (double)k);
        sum += term;
    }
    return log_gamma_power(a, x) + log(sum);
}

/* Q(a, x) by Legendre's continued fraction, for x >= a + 1. */
static double log_q_fraction(double a, double x)
{
    double b = x + 1.0 - a, c = 1.0 / DBL_MIN, d = 1.0 / b, f = d;
    long k;

    for (k = 1; k < MOST_TERMS; k++) {
        double t = -(double)k * ((double)k - a), step;

        b += 2.0;
        d = 1.0 / away_from_zero(t * d + b);
        c = away_from_zero(b + t / c);
        step = c * d;
        f *= step;
        if (fabs(step - 1.0) < 2.0 * DBL_EPSILON)
            break;
    }
    return log_gamma_power(a, x) + log(a) + log(f);
}

/* Below a + 1 the series converges fast, above it the fraction of the complement. */
double tm_log_gamma_p(double a, double x)
{
    if (!(a > 0.0 && x >= 0.0))
        return NAN;
    if (x == 0.0)
        return -INFINITY;
    if (x < a + 1.0)
        return log_p_series(a, x);
    return isinf(x) ? 0.0 : tm_log_complement(log_q_fraction(a, x));
}

double tm_log_gamma_q(double a, double x)
{
    if (!(a > 0.0 && x >= 0.0))
        return NAN;
    if (x == 0.0)
        return 0.0;
    if (x < a + 1.0)
        return tm_log_complement(log_p_series(a, x));
    return isinf(x) ? -INFINITY : log_q_fraction(a, x);
}
