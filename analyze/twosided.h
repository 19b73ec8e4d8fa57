/* Two samples of one quantity: how far apart are they, how sure is that, and what could not have been seen? Arrays in, a struct
 * out. Values are on a scale on which equal changes count equally (tm_to_y(): ln of times), b is compared with a. */
#ifndef TM_ANALYZE_TWOSIDED_H
#define TM_ANALYZE_TWOSIDED_H

#include <stddef.h>

/* What the noise is known from. */
enum tm_basis {
    TM_BASIS_NONE,    /* nothing: one value is no noise */
    TM_BASIS_RANKS,   /* both sides have repeats: rank sum */
    TM_BASIS_WELCH,   /* both sides have repeats, too few for ranks to prove anything: Welch's t */
    TM_BASIS_HISTORY, /* the series' own past */
    TM_BASIS_CALLS,   /* the distribution of the calls within one run a side */
    TM_BASIS_COUNTS,  /* errors out of calls */
};

enum { TM_REPEATS = 3 }; /* values a side from which on they tell their noise */

struct tm_shift {
    enum tm_basis basis;
    double shift;     /* of b against a, in units of y */
    double low, high; /* the 95 % interval of it */
    double p;         /* of a shift as large, either way, where there is none. NAN: it cannot be told */
    double se, df;    /* standard error and degrees of freedom, for tm_shift_smallest(); NAN: not known */
    double least_p;   /* no p can be smaller: the rank sum's. Else 0 */
};

/* Nothing is known: all NAN. */
struct tm_shift tm_shift_unknown(void);

/*
 * Both sides have two values or more. Welch's t (1947):
 *
 *     v = s^2 / n of each side, s no less than `floor`
 *     shift = mean b - mean a,  se = sqrt(v_a + v_b),  t = shift / se
 *     df = (v_a + v_b)^2 / (v_a^2 / (n_a - 1) + v_b^2 / (n_b - 1))
 *
 * It takes noise for normal; a tail that is heavier makes it see less, not more. floor > 0: what is equal to the last digit on both
 * sides is still measured with something.
 */
struct tm_shift tm_shift_welch(const double *a, size_t n_a, const double *b, size_t n_b, double floor);

/* The rank sum's (ranksum.h), with the se of Welch's t. 0, or -1: no memory. */
int tm_shift_ranks(const double *a, size_t n_a, const double *b, size_t n_b, double floor, struct tm_shift *out);

/*
 * Both sides have TM_REPEATS values or more. The rank sum, where its least p is at most `needed`: else no shift could ever be told
 * by it, and Welch's t is taken. That depends on the numbers of values alone, never on the values. 0, or -1: no memory.
 */
int tm_shift_repeats(const double *a, size_t n_a, const double *b, size_t n_b, double floor, double needed, struct tm_shift *out);

/*
 * The noise of single values is known: scale > 0, from `known` >= 2 values. `shift` is the difference of the two medians:
 *
 *     se = scale sqrt(c_a / n_a + c_b / n_b),  c = pi / 2 from TM_REPEATS values on, else 1
 *
 * (pi / 2 is what a median's variance is to a mean's.)  t = shift / se is Student's with df = min(tail - 1 + min(n_a, n_b), known -
 * 1), tail > 0 being the degrees of freedom of single values (tails of nights: nightnoise.h). Medians of several have lighter ones.
 */
struct tm_shift tm_shift_known(double shift, size_t n_a, size_t n_b, double scale, size_t known, double tail);

/*
 * The smallest shift that this comparison tells in four of five cases, if a p of at most alpha counts:
 *
 *     (t(alpha) + t'(0.8)) se,    t two-sided, t' one-sided, both of df
 *
 * NAN where the noise is not known; INFINITY where least_p is above alpha.
 */
double tm_shift_smallest(const struct tm_shift *shift, double alpha);

#endif
