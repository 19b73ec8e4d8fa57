/* Mean and standard deviation of a window without drift. A running sum that is added to and taken from keeps
 * the rounding errors of everything that ever passed through; after one value of 1e16 it is wrong for good. So
 * the sums are exact: a list of doubles that do not overlap, into which each value is added without loss. */
#include "analyze/moments.h"

#include <math.h>

/* Parts reach down to 2^-52 of a value, their products to 4e-292, and what rounding loses of these to 5e-308: still a normal
 * number. Above, n^2 (1e140)^2 is finite for every n that a window has. */
#define SMALLEST 1e-130
#define LARGEST  1e140

/* *a + *b as the rounded sum in *a and what rounding lost in *b (Knuth); exact for any two, whichever is larger. */
static void two_sum(double *a, double *b)
{
    double high = *a + *b, part = high - *a;
    double low = (*a - (high - part)) + (*b - part);

    *a = high;
    *b = low;
}

/* The same sum in as few parts as can hold it, each filled from the next: Shewchuk's compression. Needed only
 * when the list is full, for parts thin out as values come and go. */
static void compress(struct tm_exact_sum *s)
{
    int i, kept = s->len - 1, len = 0;

    for (i = s->len - 2; i >= 0; i--) {
        two_sum(&s->part[kept], &s->part[i]);
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

/* Adds x exactly: what each sum with a part rounds off stays as a part, and what is left in the end is the largest. */
static void sum_add(struct tm_exact_sum *s, double x)
{
    int i, kept = 0;

    if (s->len == TM_MOMENTS_PARTS)
        compress(s);
    for (i = 0; i < s->len; i++) {
        double lost = s->part[i];

        two_sum(&x, &lost);
        if (lost != 0.0)
            s->part[kept++] = lost;
    }
    if (x != 0.0)
        s->part[kept++] = x;
    s->len = kept;
}

/* a * b is a double and the error of rounding it, which fma gives exactly. */
static void sum_add_product(struct tm_exact_sum *s, double a, double b)
{
    double high = a * b;

    sum_add(s, fma(a, b, -high));
    sum_add(s, high);
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

/* False for NAN as well. */
static int in_range(double value)
{
    return fabs(value) <= LARGEST;
}

int tm_moments_add(struct tm_moments *m, double value)
{
    if (!in_range(value))
        return -1;
    /* Values too small to square still count in n. */
    m->n++;
    if (fabs(value) < SMALLEST)
        return 0;
    sum_add(&m->sum, value);
    sum_add_product(&m->squares, value, value);
    return 0;
}

/* Adding the negative: exact sums make that the same as never having added it. */
int tm_moments_remove(struct tm_moments *m, double value)
{
    if (!in_range(value) || m->n == 0)
        return -1;
    m->n--;
    if (fabs(value) < SMALLEST)
        return 0;
    sum_add(&m->sum, -value);
    sum_add_product(&m->squares, -value, value);
    return 0;
}

double tm_moments_stdev(const struct tm_moments *m)
{
    /* The numerator n sum x^2 - (sum x)^2, every product of parts exact: it cancels to nothing for equal
     * values, and rounds once, at the end. */
    struct tm_exact_sum top = {0, {0.0}};
    double n = (double)m->n;
    int i, j;

    if (m->n < 2)
        return NAN;
    for (i = 0; i < m->squares.len; i++)
        sum_add_product(&top, m->squares.part[i], n);
    for (i = 0; i < m->sum.len; i++)
        for (j = 0; j < m->sum.len; j++)
            sum_add_product(&top, -m->sum.part[i], m->sum.part[j]);
    return sqrt(sum_value(&top) / n / (n - 1.0));
}
