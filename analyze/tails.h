#ifndef TM_ANALYZE_TAILS_H
#define TM_ANALYZE_TAILS_H

#include <math.h>

/*
 * Tail probabilities, and their natural logarithms, which go on where the
 * probabilities themselves underflow.  A tail includes its bound:
 *
 *     TM_UPPER   P(X >= x)        TM_LOWER   P(X <= x)
 *
 * so for counts the two sum to 1 + P(X = x).  Relative error below 1e-10 for
 * parameters up to 1e9; the formulas are in docs/methods.md.
 * Counts k and numbers of trials n are integers held in doubles, exact up to
 * 2^53; a k beyond what can happen has probability 0 or 1 (log: -INFINITY or
 * 0).  A NaN or a parameter outside the range given here: NAN.
 */
enum tm_tail { TM_LOWER, TM_UPPER };

/* Standard normal. */
double tm_log_tail_normal(enum tm_tail side, double z);

/* Binomial: k of n trials with probability p each.  n >= 0, p in 0 .. 1. */
double tm_log_tail_binomial(enum tm_tail side, double k, double n, double p);

/* Poisson: k events where mean >= 0 are expected. */
double tm_log_tail_poisson(enum tm_tail side, double k, double mean);

/*
 * Negative binomial, as the over-dispersed Poisson: mean >= 0, variance
 * mean + mean^2 / size, size > 0.  (size = number of failures r, mean =
 * r p / (1 - p).)  For counts whose rate itself varies from run to run.
 */
double tm_log_tail_negbinomial(enum tm_tail side, double k, double mean, double size);

/*
 * Beta-binomial, as the over-dispersed binomial: k of n trials whose common
 * probability is drawn anew each run from Beta(a, b), a, b > 0: mean
 * n a / (a + b), variance larger than binomial by 1 + (n - 1) / (a + b + 1).
 * A sum of up to n terms, unlike the others: 1e6 trials take milliseconds.
 */
double tm_log_tail_betabinomial(enum tm_tail side, double k, double n, double a, double b);

static inline double tm_tail_normal(enum tm_tail side, double z)
{
    return exp(tm_log_tail_normal(side, z));
}

static inline double tm_tail_binomial(enum tm_tail side, double k, double n, double p)
{
    return exp(tm_log_tail_binomial(side, k, n, p));
}

static inline double tm_tail_poisson(enum tm_tail side, double k, double mean)
{
    return exp(tm_log_tail_poisson(side, k, mean));
}

static inline double tm_tail_negbinomial(enum tm_tail side, double k, double mean, double size)
{
    return exp(tm_log_tail_negbinomial(side, k, mean, size));
}

static inline double tm_tail_betabinomial(enum tm_tail side, double k, double n, double a, double b)
{
    return exp(tm_log_tail_betabinomial(side, k, n, a, b));
}

#endif
