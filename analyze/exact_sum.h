/* Sums of doubles without rounding: lists of parts that do not overlap (Priest 1991, Shewchuk 1997). */
#ifndef TM_ANALYZE_EXACT_SUM_H
#define TM_ANALYZE_EXACT_SUM_H

#define TM_EXACT_PARTS 64 /* 2000 bits between the extremes / 53, and spare */

/* The limits of values whose squares and products are summed without loss, for any number of them that there can be: parts reach
 * down to 2^-52 of a value, their products to 4e-292, and what rounding loses of these to 5e-308, still a normal number; above,
 * n^2 (1e140)^2 is finite. */
#define TM_EXACT_SMALLEST 1e-130
#define TM_EXACT_LARGEST  1e140

/* All zero is an empty one. */
struct tm_exact_sum {
    int len;
    double part[TM_EXACT_PARTS]; /* by rising magnitude */
};

/* *a + *b as the rounded sum in *a and what rounding lost in *b (Knuth); exact for any two,
 * whichever is larger. */
static inline void tm_two_sum(double *a, double *b)
{
    double high = *a + *b, part = high - *a;
    double low = (*a - (high - part)) + (*b - part);

    *a = high;
    *b = low;
}

/* Adding the negative later is the same as never having added it. */
void tm_exact_add(struct tm_exact_sum *s, double x);
void tm_exact_add_product(struct tm_exact_sum *s, double a, double b);

/* n sum xy - sum x sum y of n pairs, rounded once, at the end: exactly 0 where either is constant, never negative where y is x. */
double tm_exact_spread(double n, const struct tm_exact_sum *products, const struct tm_exact_sum *x, const struct tm_exact_sum *y);

#endif
