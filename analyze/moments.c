/* Mean and spread of a window that slides, and how two columns of it go together, from exact sums. */
#include "analyze/moments.h"

#include <math.h>

/* False for NAN as well. */
static int in_range(double value)
{
    return fabs(value) <= TM_EXACT_LARGEST;
}

static double summable(double value)
{
    return fabs(value) < TM_EXACT_SMALLEST ? 0.0 : value;
}

/* Adding the negative: exact sums make that the same as never having added it. */
static void count_value(struct tm_moments *m, double value, double sign)
{
    value = summable(value);
    tm_exact_add(&m->sum, sign * value);
    tm_exact_add_product(&m->squares, sign * value, value);
}

int tm_moments_add(struct tm_moments *m, double value)
{
    if (!in_range(value))
        return -1;
    m->n++;
    count_value(m, value, 1.0);
    return 0;
}

int tm_moments_remove(struct tm_moments *m, double value)
{
    if (!in_range(value) || m->n == 0)
        return -1;
    m->n--;
    count_value(m, value, -1.0);
    return 0;
}

double tm_moments_variance(const struct tm_moments *m, int freedom)
{
    double n = (double)m->n, left = n - freedom;

    return left > 0.0 ? tm_exact_spread(n, &m->squares, &m->sum, &m->sum) / n / left : NAN;
}

static void count_pair(struct tm_comoments *c, double x, double y, double sign)
{
    count_value(&c->x, x, sign);
    count_value(&c->y, y, sign);
    tm_exact_add_product(&c->products, sign * summable(x), summable(y));
}

int tm_comoments_add(struct tm_comoments *c, double x, double y)
{
    if (!in_range(x) || !in_range(y))
        return -1;
    c->x.n++;
    c->y.n++;
    count_pair(c, x, y, 1.0);
    return 0;
}

int tm_comoments_remove(struct tm_comoments *c, double x, double y)
{
    if (!in_range(x) || !in_range(y) || c->x.n == 0)
        return -1;
    c->x.n--;
    c->y.n--;
    count_pair(c, x, y, -1.0);
    return 0;
}

double tm_comoments_correlation(const struct tm_comoments *c)
{
    double n = (double)c->x.n;
    double both = tm_exact_spread(n, &c->products, &c->x.sum, &c->y.sum);
    double of_x = tm_exact_spread(n, &c->x.squares, &c->x.sum, &c->x.sum);
    double of_y = tm_exact_spread(n, &c->y.squares, &c->y.sum, &c->y.sum);

    return of_x > 0.0 && of_y > 0.0 ? fmax(-1.0, fmin(1.0, both / sqrt(of_x) / sqrt(of_y))) : NAN;
}
