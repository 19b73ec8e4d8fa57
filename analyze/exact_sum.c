/* Sums that are added to and taken from for as long as a window slides. A running sum keeps the rounding errors of everything that
 * ever passed through; after one value of 1e16 it is wrong for good. Here each value is added without loss. */
#include "analyze/exact_sum.h"

#include <math.h>

/* The same sum in as few parts as can hold it, each filled from the next: Shewchuk's
 * compression. Needed only when the list is full, for parts thin out as values come and go. */
static void compress(struct tm_exact_sum *s)
{
    int i, kept = s->len - 1, len = 0;

    for (i = s->len - 2; i >= 0; i--) {
        tm_two_sum(&s->part[kept], &s->part[i]);
        /* A part that the sum took in whole leaves no remainder, and its place is free. */
        if (s->part[i] != 0.0) {
            s->part[kept - 1] = s->part[i];
            kept--;
        }
    }
    for (i = kept; i < s->len; i++)
        s->part[len++] = s->part[i];
    s->len = len;
}

/* Adds x exactly: what each sum with a part rounds off stays as a part, and what is left in the
 * end is the largest. */
void tm_exact_add(struct tm_exact_sum *s, double x)
{
    int i, kept = 0;

    if (s->len == TM_EXACT_PARTS)
        compress(s);
    for (i = 0; i < s->len; i++) {
        double lost = s->part[i];

        tm_two_sum(&x, &lost);
        if (lost != 0.0)
            s->part[kept++] = lost;
    }
    if (x != 0.0)
        s->part[kept++] = x;
    s->len = kept;
}

/* a * b is a double and the error of rounding it, which fma gives exactly. */
void tm_exact_add_product(struct tm_exact_sum *s, double a, double b)
{
    double high = a * b;

    tm_exact_add(s, fma(a, b, -high));
    tm_exact_add(s, high);
}

/* The parts are far apart: summed from the small end, only the last rounds. */
static double sum_value(const struct tm_exact_sum *s)
{
    double value = 0.0;
    int i;

    for (i = 0; i < s->len; i++)
        value += s->part[i];
    return value;
}

double tm_exact_spread(double n, const struct tm_exact_sum *products, const struct tm_exact_sum *x, const struct tm_exact_sum *y)
{
    struct tm_exact_sum top = {0, {0.0}};
    int i, j;

    for (i = 0; i < products->len; i++)
        tm_exact_add_product(&top, products->part[i], n);
    for (i = 0; i < x->len; i++)
        for (j = 0; j < y->len; j++)
            tm_exact_add_product(&top, -x->part[i], y->part[j]);
    return sum_value(&top);
}
