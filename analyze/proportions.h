/* Two shares of failures: errors out of calls on each side. Exact counts, no series of values. */
#ifndef TM_ANALYZE_PROPORTIONS_H
#define TM_ANALYZE_PROPORTIONS_H

#include "analyze/twosided.h"

struct tm_proportion {
    double errors, calls;
};

/*
 * Fisher's exact test (1935): given all errors together, how many would fall on b by chance? That is hypergeometric:
 *
 *     p = min(1, 2 min(P(X <= e_b), P(X >= e_b)))
 *
 * The interval of the difference of the shares is that of Newcombe (1998), from Wilson's (1927) of each side:
 *
 *     w(e, n) = (e + z^2 / 2 -+ z sqrt(e (n - e) / n + z^2 / 4)) / (n + z^2),  z = 1.96
 *     low = d - sqrt((b - l_b)^2 + (u_a - a)^2),  high = d + sqrt((u_b - b)^2 + (a - l_a)^2)
 *
 * Calls are taken to fail independently of one another: where a night has its own rate, p is too small.
 * calls 0 or unknown on a side: nothing is known. No errors at all: p = 1.
 */
struct tm_shift tm_shift_of_counts(struct tm_proportion a, struct tm_proportion b);

#endif
