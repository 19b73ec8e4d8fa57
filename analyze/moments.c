#include "analyze/moments.h"

#include <math.h>

/* Squares and their low halves stay within the range of a double. */
#define SMALLEST 1e-130
#define LARGEST  1e140

/* *a + *b as the rounded sum in *a and what rounding lost in *b. */
static void two_sum(double *a, double *b)
{
    double high = *a + *b, part = high - *a;
    double low = (*a - (high - part)) + (*b - part);

    *a = high;
    *b = low;
}

/* The same sum in as few parts as can hold it, each filled from the next. */
static void compress(struct tm_exact_sum *s)
{
    int i, kept = s->len - 1, len = 0;

    for (i = s->len - 2; i >= 0; i--) {
        two_sum(&s->part[kept], &s->part[i]);
        if (s->part[i] != 0.0) {
            s->part[kept - 1] = s->part[i];
            kept--;
        }
    }
    for (i = kept; i < s->len; i++)
        s->part[len++] = s->part[i];
    s->len = len;
}

/* Add x exactly: what each sum with a part rounds off becomes the new part. */
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

static int in_range(double value)
{
    return fabs(value) <= LARGEST;
}

int tm_moments_add(struct tm_moments *m, double value)
{
    if (!in_range(value))
        return -1;
    m->n++;
    if (fabs(value) < SMALLEST)
        return 0;
    sum_add(&m->sum, value);
    sum_add_product(&m->squares, value, value);
    return 0;
}

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
