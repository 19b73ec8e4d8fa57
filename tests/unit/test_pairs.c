/* Trends of many pairs against the same by all pairs, one at a time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyze/pairs.h"
#include "analyze/stats.h"
#include "analyze/trend.h"

enum { MOST = 700 };

static uint64_t seed;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) * 0x1p-53;
}

static double few(void)
{
    return floor(5.0 * uniform());
}

static double any_size(void)
{
    return (uniform() - 0.5) * pow(10.0, 20.0 * uniform() - 10.0);
}

static double extreme(void)
{
    return (uniform() - 0.5) * pow(10.0, 140.0 * uniform() - 70.0);
}

static double epoch(void)
{
    return 1.7e9 + floor(1e8 * uniform());
}

static double wall(void)
{
    return 250.0 + uniform();
}

static double still(void)
{
    return 7.5;
}

static const struct kind {
    const char *name;
    double (*x)(void), (*y)(void);
} kinds[] = {
    {"nights", epoch, wall},     {"many equal", few, few},       {"any size", any_size, any_size}, {"extremes", extreme, extreme},
    {"few x", few, wall},        {"few y", epoch, few},          {"one x", still, wall},           {"one y", wall, still},
    {"near a line", epoch, few}, {"all the same", still, still},
};

/* S and its variance with ties of both, by the definitions. */
static double kendall_of_all(const struct tm_point *p, size_t n)
{
    double m = (double)n, s = 0, five = 0, two_x = 0, two_y = 0, three_x = 0, three_y = 0;
    size_t i, j;

    for (i = 0; i < n; i++) {
        double tx = 0, ty = 0;
        for (j = 0; j < n; j++) {
            tx += p[j].x == p[i].x;
            ty += p[j].y == p[i].y;
            if (j > i)
                s += ((p[j].x > p[i].x) - (p[j].x < p[i].x)) * ((p[j].y > p[i].y) - (p[j].y < p[i].y));
        }
        five += (tx - 1) * (2 * tx + 5) + (ty - 1) * (2 * ty + 5);
        two_x += tx - 1;
        two_y += ty - 1;
        three_x += (tx - 1) * (tx - 2);
        three_y += (ty - 1) * (ty - 2);
    }
    if (n < 2 || two_x == m * (m - 1))
        return NAN;
    if (two_y == m * (m - 1))
        return 0;
    double v = (m * (m - 1) * (2 * m + 5) - five) / 18 + two_x * two_y / (2 * m * (m - 1)) +
               (n > 2 ? three_x * three_y / (9 * m * (m - 1) * (m - 2)) : 0);
    return (s - (s > 0) + (s < 0)) / sqrt(v);
}

static void expect(const char *name, size_t n, double got, double want)
{
    if (!(fabs(got - want) <= 1e-13 * fabs(want) || (isnan(got) && isnan(want))))
        fail_msg("%s, %zu points: %.17g, not %.17g", name, n, got, want);
}

static void compare(const struct kind *kind, size_t n)
{
    static double x[MOST], y[MOST], all[MOST * MOST];
    struct tm_point points[MOST];
    void *scratch = malloc(tm_pairs_scratch(n));
    size_t i;

    assert_non_null(scratch);
    for (i = 0; i < n; i++)
        points[i] = (struct tm_point){x[i] = kind->x(), y[i] = kind->y()};
    expect(kind->name, n, tm_pairs_slope(points, n, scratch), tm_theil_sen(x, y, n, all).slope);
    expect(kind->name, n, tm_pairs_mann_kendall(points, n, scratch), kendall_of_all(points, n));
    free(scratch);
}

static void as_by_all_pairs(void **state)
{
    const struct kind *kind;
    size_t n;

    (void)state;
    seed = 88172645463325252u;
    for (kind = kinds; kind < kinds + sizeof kinds / sizeof *kinds; kind++) {
        for (n = 0; n < 30; n++)
            compare(kind, n);
        /* From 257 points on not all slopes are listed. */
        for (n = 255; n <= MOST; n += 89)
            compare(kind, n);
    }
}

static void as_of_equally_spaced_values(void **state)
{
    static const double values[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9};
    enum { N = sizeof values / sizeof *values };
    struct tm_point points[N];
    double all[N * N];
    void *scratch = malloc(tm_pairs_scratch(N));
    size_t i;

    (void)state;
    assert_non_null(scratch);
    for (i = 0; i < N; i++)
        points[N - 1 - i] = (struct tm_point){(double)i, values[i]};
    expect("z", N, tm_pairs_mann_kendall(points, N, scratch), tm_mann_kendall(values, N, 0, all).z);
    free(scratch);
}

/* 5e9 slopes, of which one in 26 is 1: not as many are looked at. */
static void many_points(void **state)
{
    enum { N = 100000 };
    struct tm_point *points = malloc(N * sizeof *points);
    size_t size = tm_pairs_scratch(N), i;
    void *scratch = malloc(size);

    (void)state;
    assert_true(points && scratch && size < (size_t)200 * N);
    for (i = 0; i < N; i++)
        points[i] = (struct tm_point){(double)i, (double)(i % 3 == 0 ? 3 * (i / 3) + 40000 * (i % 2) : i)};
    expect("two lines", N, tm_pairs_slope(points, N, scratch), 1.0);
    for (i = 0; i < N; i++)
        points[i] = (struct tm_point){(double)i * 0.1, (double)i * -0.3};
    expect("a line", N, tm_pairs_slope(points, N, scratch), -3.0);
    expect("a line that falls", N, tm_pairs_mann_kendall(points, N, scratch), -474.33334808641945);
    free(points);
    free(scratch);
}

static void too_many_points(void **state)
{
    (void)state;
    assert_int_equal(tm_pairs_scratch(SIZE_MAX), 0);
    assert_int_equal(tm_pairs_scratch(((size_t)1 << 26) + 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_by_all_pairs),
        cmocka_unit_test(as_of_equally_spaced_values),
        cmocka_unit_test(many_points),
        cmocka_unit_test(too_many_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
