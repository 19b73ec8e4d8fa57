#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/moments.h"
#include "analyze/stats.h"

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

static double spread(void)
{
    return (uniform() - 0.5) * pow(10.0, 20.0 * uniform() - 10.0);
}

static void moments_slide_without_drift(void **state)
{
    enum { ROWS = 5000, WIDTH = 50 };
    static double x[ROWS];
    struct tm_moments m;
    int i;

    (void)state;
    m = (struct tm_moments){0};
    for (i = 0; i < ROWS; i++) {
        /* Now and then something a trillion times larger passes through. */
        x[i] = i % 500 == 0 ? 1e22 * uniform() : (i / 100 % 3 == 0 ? 5.1 : spread());
        assert_int_equal(tm_moments_add(&m, x[i]), 0);
        if (i < WIDTH)
            continue;
        assert_int_equal(tm_moments_remove(&m, x[i - WIDTH]), 0);
        expect("stdev", sqrt(tm_moments_variance(&m, 1)), tm_stdev(x + i - WIDTH + 1, WIDTH),
               1e-13 * sqrt(tm_moments_variance(&m, 1)));
        if (i % 100 >= WIDTH && i / 100 % 3 == 0 && i % 500 >= WIDTH)
            expect("constant window", sqrt(tm_moments_variance(&m, 1)), 0, 0);
    }
}

static void moments_cover_their_range(void **state)
{
    static double x[3000];
    struct tm_moments m;
    int i;

    (void)state;
    m = (struct tm_moments){0};
    assert_true(isnan(sqrt(tm_moments_variance(&m, 1))));
    assert_int_equal(tm_moments_remove(&m, 1.0), -1);
    assert_int_equal(tm_moments_add(&m, 1.01e140), -1);
    assert_int_equal(tm_moments_add(&m, NAN), -1);
    for (i = 0; i < 3000; i++) {
        x[i] = (uniform() - 0.5) * pow(10.0, 269.0 * uniform() - 129.5);
        assert_int_equal(tm_moments_add(&m, x[i]), 0);
        assert_true(m.squares.len <= TM_EXACT_PARTS && m.sum.len <= TM_EXACT_PARTS);
    }
    for (i = 2999; i >= 0; i--)
        assert_int_equal(tm_moments_remove(&m, x[(i * 7) % 3000]), 0);
    assert_int_equal(m.sum.len, 0);
    assert_int_equal(m.squares.len, 0);
    assert_int_equal(tm_moments_add(&m, 1e-200), 0);
    assert_int_equal(tm_moments_add(&m, 3e-200), 0);
    expect("too small to square", sqrt(tm_moments_variance(&m, 1)), 0, 0);
}

static double covariance(const double *x, const double *y, int n)
{
    double mean_x = tm_mean(x, (size_t)n), mean_y = tm_mean(y, (size_t)n), sum = 0;
    int i;

    for (i = 0; i < n; i++)
        sum += (x[i] - mean_x) * (y[i] - mean_y);
    return sum;
}

static void correlations_slide_without_drift(void **state)
{
    enum { ROWS = 2000, WIDTH = 40 };
    static double x[ROWS], y[ROWS];
    struct tm_comoments c = {0};
    int i;

    (void)state;
    for (i = 0; i < ROWS; i++) {
        x[i] = i % 500 == 0 ? 1e22 * uniform() : 1e6 + uniform();
        y[i] = i / 100 % 3 == 0 ? 5.1 : i / 100 % 3 == 1 ? uniform() : -3 * x[i];
        assert_int_equal(tm_comoments_add(&c, x[i], y[i]), 0);
        if (i < WIDTH)
            continue;
        assert_int_equal(tm_comoments_remove(&c, x[i - WIDTH], y[i - WIDTH]), 0);
        if (i % 500 < WIDTH || i % 100 < WIDTH)
            continue;
        const double *a = x + i - WIDTH + 1, *b = y + i - WIDTH + 1;
        double want = covariance(a, b, WIDTH) / sqrt(covariance(a, a, WIDTH) * covariance(b, b, WIDTH));
        expect("correlation", tm_comoments_correlation(&c), i / 100 % 3 == 0 ? NAN : want, 1e-9);
    }
    assert_int_equal(tm_comoments_add(&c, 1e141, 1.0), -1);
    assert_int_equal(tm_comoments_add(&c, 1.0, NAN), -1);
    assert_int_equal(c.x.n, WIDTH);
}

static void variances_of_samples_and_populations(void **state)
{
    struct tm_moments m = {0};

    (void)state;
    expect("of nothing", tm_moments_variance(&m, 0), NAN, 0);
    assert_int_equal(tm_moments_add(&m, 3), 0);
    expect("of one", tm_moments_variance(&m, 0), 0, 0);
    expect("sample of one", tm_moments_variance(&m, 1), NAN, 0);
    assert_int_equal(tm_moments_add(&m, 7), 0);
    expect("of two", tm_moments_variance(&m, 0), 4, 0);
    expect("sample of two", tm_moments_variance(&m, 1), 8, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_slide_without_drift),
        cmocka_unit_test(moments_cover_their_range),
        cmocka_unit_test(correlations_slide_without_drift),
        cmocka_unit_test(variances_of_samples_and_populations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
