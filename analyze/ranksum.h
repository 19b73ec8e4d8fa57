/* The rank sum of two samples: are the values of one larger than those of the other? No shape of their noise is assumed. */
#ifndef TM_ANALYZE_RANKSUM_H
#define TM_ANALYZE_RANKSUM_H

#include <stdbool.h>
#include <stddef.h>

struct tm_ranksum {
    double u;         /* pairs in which b is larger, those with equal values half */
    double p;         /* two-sided: of a U this far off by chance alone */
    double shift;     /* Hodges-Lehmann: the median of all differences b[j] - a[i] */
    double low, high; /* its interval */
    double level;     /* the probability that the interval promises: 0.95 or more; less where the values are too few for that, and
                         low and high are the smallest and the largest difference */
    bool exact;       /* p was counted; else it is of the normal approximation */
};

/*
 * Mann & Whitney (1947), Wilcoxon (1945), and the interval that belongs to them (Hodges & Lehmann 1963):
 *
 *     U     = #{b[j] > a[i]} + #{b[j] = a[i]} / 2
 *     p     = min(1, 2 min(P(U <= u), P(U >= u)))
 *     shift = median of D, D the n_a n_b differences b[j] - a[i] in order
 *     interval D[k] .. D[n_a n_b + 1 - k], k the largest with P(U < k) <= 0.025
 *
 * P is over all ways to deal the values, with their ties, to the two sides: counted as long as the table of the smaller side's rank
 * sums has at most 65,536 cells (20 against 20, 10 against 100), else normal with the variance for ties and a correction of 1/2:
 *
 *     V(U) = n_a n_b / 12 (N + 1 - sum over ties (t^3 - t) / (N (N - 1)))
 *
 * The interval's k is that of values without ties: with ties it promises more than it says.
 * All values equal: p = 1, shift 0.  n_a or n_b 0: all NAN.  0, or -1: no memory.
 */
int tm_ranksum(const double *a, size_t n_a, const double *b, size_t n_b, struct tm_ranksum *out);

/* The least p that n_a and n_b values can have: 2 / C(n_a + n_b, n_a). It is 1 where either number is 0. */
double tm_ranksum_least(size_t n_a, size_t n_b);

#endif
