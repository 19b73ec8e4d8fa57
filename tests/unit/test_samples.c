#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/stats.h"

#define MOST             4000
#define EACH(row, table) for (row = table; row < table + sizeof(table) / sizeof(table[0]); row++)

static uint64_t seed = 521288629546311u;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) * 0x1p-53;
}

static void expect(const char *name, double got, double want, double bound)
{
    if (!(fabs(got - want) <= bound || got == want || (isnan(got) && isnan(want))))
        fail_msg("%s: %.17g, not %.17g", name, got, want);
}

static const struct sample_row {
    const char *name;
    size_t n;
    double x[5];
    double mean, stdev, median, mad;
} samples[] = {
    {"empty", 0, {0}, NAN, NAN, NAN, NAN},
    {"one value", 1, {3}, 3, NAN, 3, 0},
    {"two values", 2, {1, 2}, 1.5, 0.70710678118654752, 1.5, 0.5},
    {"constant 0.1", 5, {0.1, 0.1, 0.1, 0.1, 0.1}, 0.1, 0, 0.1, 0},
    {"cancelling", 4, {1e16, 1, 1, -1e16}, 0.5, 8164965809277260.0, 1, 5e15},
    {"near overflow", 3, {1.5e308, 1.5e308, 1.5e308}, 1.5e308, 0, 1.5e308, 0},
    {"both ends", 2, {-1.5e308, 1.5e308}, 0, INFINITY, 0, 1.5e308},
    {"offset 1e9", 3, {1e9 + 1, 1e9 + 2, 1e9 + 3}, 1e9 + 2, 1, 1e9 + 2, 1},
    {"more than half equal", 5, {7, 7, 7, 1, 100}, 24.4, 42.341469034505636, 7, 0},
};

static void small_samples(void **state)
{
    const struct sample_row *row;
    double x[5];

    (void)state;
    EACH(row, samples)
    {
        memcpy(x, row->x, sizeof(x));
        expect(row->name, tm_mean(x, row->n), row->mean, 0);
        expect(row->name, tm_stdev(x, row->n), row->stdev, 1e-15 * row->stdev);
        expect(row->name, tm_median(x, row->n), row->median, 0);
        expect(row->name, tm_mad(x, row->n, row->median), row->mad, 0);
    }
}

static void percentile_follows_type_7(void **state)
{
    static const struct {
        double p, want;
    } rows[] = {
        {0, 1}, {25, 3.25}, {50, 5.5}, {75, 7.75}, {100, 10}, {11.111111111111111, 2}, {-0.001, NAN}, {100.001, NAN}, {NAN, NAN},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double x[] = {10, 9, 2, 3, 1, 5, 4, 8, 7, 6};
        char name[32];

        (void)snprintf(name, sizeof(name), "p%g of 1..10", rows[i].p);
        expect(name, tm_percentile(x, 10, rows[i].p), rows[i].want, 1e-14);
    }
}

static void scores_and_ranks(void **state)
{
    const double x[] = {1, 2, 2, 3};

    (void)state;
    expect("z", tm_zscore(5, 3, 2), 1, 0);
    expect("z, no scale", tm_zscore(5, 3, 0), NAN, 0);
    expect("z, scale unknown", tm_zscore(5, 3, NAN), NAN, 0);
    expect("robust z", tm_robust_z(4.4826, 3, 1), 1, 1e-15);
    expect("robust z, mad 0", tm_robust_z(4, 3, 0), NAN, 0);
    expect("rank below all", tm_percentile_rank(x, 4, 0), 0, 0);
    expect("rank of ties", tm_percentile_rank(x, 4, 2), 50, 0);
    expect("rank between", tm_percentile_rank(x, 4, 2.5), 75, 0);
    expect("rank above all", tm_percentile_rank(x, 4, 9), 100, 0);
    expect("rank in nothing", tm_percentile_rank(x, 0, 9), NAN, 0);
    expect("zmax", tm_zscore(1, 0.2, 1 / sqrt(5)), 4 / sqrt(5), 1e-15);
}

static double pattern_random(size_t i, size_t n)
{
    (void)i;
    (void)n;
    return uniform();
}
static double pattern_rising(size_t i, size_t n)
{
    (void)n;
    return (double)i;
}
static double pattern_falling(size_t i, size_t n)
{
    (void)n;
    return -(double)i;
}
static double pattern_constant(size_t i, size_t n)
{
    (void)i;
    (void)n;
    return 5;
}
static double pattern_pipe(size_t i, size_t n)
{
    return (double)(i < n / 2 ? i : n - i);
}
static double pattern_two(size_t i, size_t n)
{
    (void)n;
    return (double)(i % 2);
}
static double pattern_saw(size_t i, size_t n)
{
    (void)n;
    return (double)(i % 17);
}
/* Makes a middle-of-three pivot take off two values at a time. */
static double pattern_killer(size_t i, size_t n)
{
    return (double)(i < n / 2 ? (i % 2 ? n / 2 + i : i + 1) : 2 * (i - n / 2 + 1));
}

static const struct pattern {
    const char *name;
    double (*value)(size_t i, size_t n);
} patterns[] = {
    {"random", pattern_random},   {"rising", pattern_rising},  {"falling", pattern_falling}, {"constant", pattern_constant},
    {"organ pipe", pattern_pipe}, {"two values", pattern_two}, {"saw", pattern_saw},         {"killer", pattern_killer},
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void expect_selected(const char *name, const double *x, const double *sorted, size_t n, size_t k)
{
    size_t i;

    expect(name, x[k], sorted[k], 0);
    for (i = 0; i < n; i++)
        if (i < k ? x[i] > x[k] : x[i] < x[k])
            fail_msg("%s: value %zu of %zu on the wrong side of %zu", name, i, n, k);
}

static void select_puts_values_in_place(void **state)
{
    static const size_t sizes[] = {1, 2, 5, 16, 17, 18, 100, 511, 512, 3000};
    static double start[MOST], x[MOST], sorted[MOST];
    const struct pattern *row;
    size_t s, i, k, n, work = 0;

    (void)state;
    EACH(row, patterns)
    {
        for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            n = sizes[s];
            for (i = 0; i < n; i++)
                sorted[i] = start[i] = row->value(i, n);
            qsort(sorted, n, sizeof(*sorted), compare);
            for (k = 0; k < n; k += 1 + n / 23) {
                memcpy(x, start, n * sizeof(*x));
                (void)tm_select(x, n, k);
                expect_selected(row->name, x, sorted, n, k);
                memcpy(x, start, n * sizeof(*x));
                (void)tm_select_counted(x, n, k, 0, &work);
                expect_selected(row->name, x, sorted, n, k);
            }
        }
    }
    expect("beyond the end", tm_select(x, 3, 3), NAN, 0);
}

/* Values looked at per value, with the usual pivots and with the careful ones. */
static void select_is_linear(void **state)
{
    static const size_t sizes[] = {1000, 10000, 100000, 1000000};
    const struct pattern *row;
    double *x = malloc(1000000 * sizeof(*x));
    size_t s, i, n, careful;

    (void)state;
    assert_non_null(x);
    EACH(row, patterns)
    {
        for (s = 0; s < 4; s++) {
            for (careful = 0; careful < 2; careful++) {
                size_t work = 0;

                n = sizes[s];
                for (i = 0; i < n; i++)
                    x[i] = row->value(i, n);
                (void)tm_select_counted(x, n, n / 3, careful ? 0 : 8 * n, &work);
                if (work > 30 * n)
                    fail_msg("%s: %zu values looked at for %zu", row->name, work, n);
            }
        }
    }
    free(x);
}

static void nan_does_no_harm(void **state)
{
    static double x[2000];
    size_t i, k, work = 0;

    (void)state;
    for (k = 0; k < 40; k++) {
        for (i = 0; i < 2000; i++)
            x[i] = uniform() < 0.3 ? NAN : uniform();
        (void)tm_percentile(x, 2000, 2.5 * (double)k);
        (void)tm_select_counted(x, 2000, 50 * k, 0, &work);
        (void)tm_mad(x, 2000, 0.5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_samples),    cmocka_unit_test(percentile_follows_type_7),
        cmocka_unit_test(scores_and_ranks), cmocka_unit_test(select_puts_values_in_place),
        cmocka_unit_test(select_is_linear), cmocka_unit_test(nan_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
