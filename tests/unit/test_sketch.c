#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyze/stats.h"
#include "schema/sketch.h"

#define VALUES 5000

static uint64_t seed = 88172645463325252u;

/* Uniform in (0, 1), the same sequence every time. */
static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return ((double)(seed >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static double draw_uniform(void)
{
    return uniform();
}
static double draw_normal(void)
{
    return fabs(1000.0 + 100.0 * normal());
}
static double draw_lognormal(void)
{
    return exp(2.0 * normal());
}
static double draw_exponential(void)
{
    return -log(uniform());
}
static double draw_pareto(void)
{
    return pow(uniform(), -3.0);
}
static double draw_bimodal(void)
{
    return uniform() < 0.8 ? 3.0 + 0.1 * normal() : 900.0 * uniform();
}
static double draw_integers(void)
{
    return floor(20.0 * uniform());
}
static double draw_constant(void)
{
    return 42.42;
}
static double draw_mostly_zero(void)
{
    return uniform() < 0.9 ? 0.0 : uniform();
}
static double draw_wide(void)
{
    return exp(1400.0 * uniform() - 700.0);
}
static double draw_edges(void)
{
    return ldexp(1.0 + floor(64.0 * uniform()) / 64.0, (int)(8.0 * uniform()));
}

static const struct distribution {
    const char *name;
    double (*draw)(void);
} distributions[] = {
    {"uniform", draw_uniform},         {"normal", draw_normal},
    {"lognormal", draw_lognormal},     {"exponential", draw_exponential},
    {"pareto", draw_pareto},           {"bimodal", draw_bimodal},
    {"integers", draw_integers},       {"constant", draw_constant},
    {"mostly zero", draw_mostly_zero}, {"600 orders of magnitude", draw_wide},
    {"bucket edges", draw_edges},
};

#define EACH(row, table) for (row = table; row < table + sizeof(table) / sizeof(table[0]); row++)

static void fill(struct tm_sketch *s, double *x, size_t n, double (*draw)(void))
{
    size_t i;

    tm_sketch_init(s);
    for (i = 0; i < n; i++) {
        x[i] = draw();
        assert_int_equal(tm_sketch_add(s, x[i]), 0);
    }
}

static void expect_close(const char *name, double q, double got, double want, double bound)
{
    if (!(fabs(got - want) <= bound * fabs(want)))
        fail_msg("%s: quantile %g is %.17g, not %.17g", name, q, got, want);
}

static void expect_same(const char *name, const struct tm_sketch *a, const struct tm_sketch *b)
{
    size_t la, lb;
    unsigned char *ba = tm_sketch_encode(a, &la), *bb = tm_sketch_encode(b, &lb);

    assert_non_null(ba);
    assert_non_null(bb);
    if (la != lb || memcmp(ba, bb, la) != 0)
        fail_msg("%s: different content", name);
    free(ba);
    free(bb);
}

static void quantiles_are_within_one_percent(void **state)
{
    static const double q[] = {0, 1e-4, 0.01, 0.1, 0.25, 0.5, 0.501, 0.9, 0.95, 0.99, 0.9999, 1};
    static const size_t sizes[] = {1, 2, 3, 10, VALUES};
    const struct distribution *row;
    static double x[VALUES];
    size_t i, k;

    (void)state;
    EACH(row, distributions)
    {
        for (k = 0; k < 5; k++) {
            struct tm_sketch s;

            fill(&s, x, sizes[k], row->draw);
            for (i = 0; i < sizeof(q) / sizeof(q[0]); i++)
                expect_close(row->name, q[i], tm_sketch_quantile(&s, q[i]), tm_percentile(x, sizes[k], 100.0 * q[i]), 0.01);
            tm_sketch_free(&s);
        }
    }
}

static void extremes_are_exact(void **state)
{
    const struct distribution *row;
    static double x[VALUES];
    struct tm_sketch s;

    (void)state;
    EACH(row, distributions)
    {
        fill(&s, x, VALUES, row->draw);
        expect_close(row->name, 0, tm_sketch_quantile(&s, 0), tm_percentile(x, VALUES, 0), 0);
        expect_close(row->name, 1, tm_sketch_quantile(&s, 1), tm_percentile(x, VALUES, 100), 0);
        assert_true(tm_sketch_count(&s) == VALUES);
        tm_sketch_free(&s);
    }
}

static void quantiles_rise(void **state)
{
    const struct distribution *row;
    static double x[VALUES];
    struct tm_sketch s;
    int i;

    (void)state;
    EACH(row, distributions)
    {
        double last = -1.0;

        fill(&s, x, 300, row->draw);
        for (i = 0; i <= 1000; i++) {
            double v = tm_sketch_quantile(&s, i / 1000.0);

            if (v < last)
                fail_msg("%s: quantile %g falls", row->name, i / 1000.0);
            last = v;
        }
        tm_sketch_free(&s);
    }
}

static void refuses_what_is_no_latency(void **state)
{
    static const double bad[] = {-1.0, -DBL_MIN, -5e-324, INFINITY, -INFINITY, NAN};
    struct tm_sketch s;
    size_t i;

    (void)state;
    tm_sketch_init(&s);
    assert_int_equal(tm_sketch_add(&s, 1.0), 0);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        errno = 0;
        assert_int_equal(tm_sketch_add(&s, bad[i]), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_true(tm_sketch_count(&s) == 1);
    assert_true(tm_sketch_quantile(&s, 1.0) == 1.0);
    tm_sketch_free(&s);
}

static void takes_the_whole_range(void **state)
{
    static const double values[] = {-0.0, 0.0, 5e-324, DBL_MIN, DBL_MIN * (1 + DBL_EPSILON), 1e-300, 1.0, 1e300, DBL_MAX};
    struct tm_sketch s;
    size_t i, n = sizeof(values) / sizeof(values[0]);

    (void)state;
    tm_sketch_init(&s);
    for (i = 0; i < n; i++) {
        assert_int_equal(tm_sketch_add(&s, values[n - 1 - i]), 0);
        assert_int_equal(tm_sketch_add(&s, values[i]), 0);
    }
    assert_false(signbit(tm_sketch_quantile(&s, 0)));
    for (i = 0; i < n; i++) {
        double q = (2.0 * (double)i + 0.5) / (2.0 * (double)n - 1.0);

        if (values[i] >= DBL_MIN || values[i] == 0.0)
            expect_close("whole range", q, tm_sketch_quantile(&s, q), values[i], 0.01);
    }
    tm_sketch_free(&s);
}

static void nothing_is_known_of_an_empty_one(void **state)
{
    struct tm_sketch s;

    (void)state;
    tm_sketch_free(NULL);
    tm_sketch_init(&s);
    assert_true(isnan(tm_sketch_quantile(&s, 0.5)));
    assert_int_equal(tm_sketch_add(&s, 5.0), 0);
    assert_true(isnan(tm_sketch_quantile(&s, -0.01)));
    assert_true(isnan(tm_sketch_quantile(&s, 1.01)));
    assert_true(isnan(tm_sketch_quantile(&s, NAN)));
    tm_sketch_reset(&s);
    assert_true(tm_sketch_count(&s) == 0);
    assert_true(isnan(tm_sketch_quantile(&s, 0.5)));
    tm_sketch_free(&s);
    tm_sketch_free(&s);
}

static void memory_follows_the_span(void **state)
{
    struct tm_sketch s;
    int i;

    (void)state;
    tm_sketch_init(&s);
    for (i = 0; i < 100000; i++)
        assert_int_equal(tm_sketch_add(&s, 1.0 + 999.0 * uniform()), 0);
    assert_true(s.len < 10 * 64 * 5 / 4 + 64);
    tm_sketch_free(&s);
}

static void merging_is_adding_all(void **state)
{
    const struct distribution *row, *other;
    static double x[VALUES];
    struct tm_sketch a, b, both;
    size_t i;

    (void)state;
    EACH(row, distributions)
    {
        EACH(other, distributions)
        {
            tm_sketch_init(&both);
            fill(&a, x, 200, row->draw);
            for (i = 0; i < 200; i++)
                assert_int_equal(tm_sketch_add(&both, x[i]), 0);
            fill(&b, x, 300, other->draw);
            for (i = 0; i < 300; i++)
                assert_int_equal(tm_sketch_add(&both, x[i]), 0);
            assert_int_equal(tm_sketch_merge(&a, &b), 0);
            expect_same(row->name, &a, &both);
            tm_sketch_free(&a);
            tm_sketch_free(&b);
            tm_sketch_free(&both);
        }
    }
}

/* A window of 5 nights over 40: after each step, as good as merged anew. */
static void sliding_keeps_the_bound(void **state)
{
    enum { NIGHTS = 40, WIDTH = 5, PER = 30 };
    const struct distribution *row;
    static double x[NIGHTS * PER], sorted[WIDTH * PER];
    struct tm_sketch night[NIGHTS], window, copy;
    int i, k;

    (void)state;
    EACH(row, distributions)
    {
        tm_sketch_init(&window);
        tm_sketch_init(&copy);
        for (i = 0; i < NIGHTS; i++) {
            unsigned char *blob;
            size_t len;

            fill(&night[i], x + i * PER, PER, row->draw);
            assert_int_equal(tm_sketch_merge(&window, &night[i]), 0);
            if (i >= WIDTH)
                assert_int_equal(tm_sketch_unmerge(&window, &night[i - WIDTH]), 0);
            if (i < WIDTH)
                continue;
            memcpy(sorted, x + (i - WIDTH + 1) * PER, sizeof(sorted));
            assert_true(tm_sketch_count(&window) == WIDTH * PER);
            for (k = 0; k <= 20; k++)
                expect_close(row->name, k / 20.0, tm_sketch_quantile(&window, k / 20.0),
                             tm_percentile(sorted, WIDTH * PER, 5.0 * k), 0.01);
            blob = tm_sketch_encode(&window, &len);
            assert_int_equal(tm_sketch_decode(&copy, blob, len), 0);
            free(blob);
        }
        for (i = NIGHTS - WIDTH; i < NIGHTS; i++)
            assert_int_equal(tm_sketch_unmerge(&window, &night[i]), 0);
        assert_true(tm_sketch_count(&window) == 0);
        assert_true(isnan(tm_sketch_quantile(&window, 0.5)));
        for (i = 0; i < NIGHTS; i++)
            tm_sketch_free(&night[i]);
        tm_sketch_free(&window);
        tm_sketch_free(&copy);
    }
}

static void takes_away_only_what_is_there(void **state)
{
    struct tm_sketch a, b;

    (void)state;
    tm_sketch_init(&a);
    tm_sketch_init(&b);
    assert_int_equal(tm_sketch_add(&a, 5.0), 0);
    assert_int_equal(tm_sketch_add(&b, 7.0), 0);
    assert_int_equal(tm_sketch_unmerge(&a, &b), -1);
    tm_sketch_reset(&b);
    assert_int_equal(tm_sketch_add(&b, 0.0), 0);
    assert_int_equal(tm_sketch_unmerge(&a, &b), -1);
    assert_true(tm_sketch_quantile(&a, 0.5) == 5.0);
    assert_int_equal(tm_sketch_merge(&a, &a), 0);
    assert_true(tm_sketch_count(&a) == 2);
    assert_int_equal(tm_sketch_unmerge(&a, &a), 0);
    assert_true(tm_sketch_count(&a) == 0);
    tm_sketch_free(&a);
    tm_sketch_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_within_one_percent),
        cmocka_unit_test(extremes_are_exact),
        cmocka_unit_test(quantiles_rise),
        cmocka_unit_test(refuses_what_is_no_latency),
        cmocka_unit_test(takes_the_whole_range),
        cmocka_unit_test(nothing_is_known_of_an_empty_one),
        cmocka_unit_test(memory_follows_the_span),
        cmocka_unit_test(merging_is_adding_all),
        cmocka_unit_test(sliding_keeps_the_bound),
        cmocka_unit_test(takes_away_only_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
