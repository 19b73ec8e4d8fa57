#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/tails.h"
#include "analyze/trend.h"

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

static double scratch[60 * 59 / 2];

static void trend_edge_cases(void **state)
{
    const double still[] = {4, 4, 4, 4, 4, 4}, up[] = {1, 3, 5, 7, 9, 11, 13, 15, 17};
    const double t[] = {5, 5, 5}, t2[] = {0, 2, 2, 6}, x2[] = {1, 5, 5, 13};
    struct tm_mann_kendall m;

    (void)state;
    assert_true(isnan(tm_theil_sen(NULL, up, 0, scratch).slope));
    assert_true(isnan(tm_theil_sen(NULL, up, 1, scratch).intercept));
    assert_true(isnan(tm_theil_sen(t, up, 3, scratch).slope));
    expect("uneven times", tm_theil_sen(t2, x2, 4, scratch).slope, 2, 0);
    expect("uneven times", tm_theil_sen(t2, x2, 4, scratch).intercept, 1, 0);
    assert_true(isnan(tm_mann_kendall(up, 1, 0, scratch).z));
    assert_true(isnan(tm_mann_kendall(up, 0, 3, scratch).p_rise));
    m = tm_mann_kendall(still, 6, 2, scratch);
    expect("constant: z", m.z, 0, 0);
    expect("constant: tau", m.tau, 0, 0);
    expect("constant: p", m.p_rise + m.p_fall, 2, 0);
    m = tm_mann_kendall(up, 9, 3, scratch);
    expect("straight line: tau", m.tau, 1, 0);
    expect("straight line: inflation", m.inflation, 1, 0);
    expect("straight line: p", m.p_rise, tm_tail_normal(TM_UPPER, m.z), 0);
    assert_true(m.p_rise < 1e-3 && m.p_fall > 0.999);
    m = tm_mann_kendall(up, 2, 0, scratch);
    expect("two values: z", m.z, 0, 0);
}

/* Autocorrelation alone gives the plain test 22 % alarms at its 5 % level. */
static void autocorrelation_is_no_trend(void **state)
{
    double x[60], last;
    int run, i, plain = 0, corrected = 0, runs = 2000;

    (void)state;
    for (run = 0; run < runs; run++) {
        for (i = 0, last = 0; i < 60; i++)
            x[i] = last = 0.7 * last + uniform() + uniform() - 1.0;
        plain += tm_mann_kendall(x, 60, 0, scratch).p_rise < 0.05;
        corrected += tm_mann_kendall(x, 60, 3, scratch).p_rise < 0.05;
    }
    assert_true(corrected < plain * 2 / 3);
}

static const struct tail_row {
    const char *name;
    double got, want;
} * tail_rows(size_t *n)
{
    static struct tail_row rows[32];
    struct tail_row all[] = {
        {"binomial, k = 0", tm_tail_binomial(TM_UPPER, 0, 10, 0.3), 1},
        {"binomial, k > n", tm_tail_binomial(TM_UPPER, 11, 10, 0.3), 0},
        {"binomial, k = n below", tm_tail_binomial(TM_LOWER, 10, 10, 0.3), 1},
        {"binomial, k < 0 below", tm_tail_binomial(TM_LOWER, -1, 10, 0.3), 0},
        {"binomial, p = 0", tm_tail_binomial(TM_UPPER, 1, 10, 0), 0},
        {"binomial, p = 1", tm_tail_binomial(TM_UPPER, 10, 10, 1), 1},
        {"binomial, no trials", tm_tail_binomial(TM_LOWER, 0, 0, 0.5), 1},
        {"binomial, p = 2", tm_tail_binomial(TM_UPPER, 1, 10, 2), NAN},
        {"binomial, NaN", tm_tail_binomial(TM_UPPER, NAN, 10, 0.5), NAN},
        {"poisson, mean 0", tm_tail_poisson(TM_UPPER, 1, 0), 0},
        {"poisson, mean 0 below", tm_tail_poisson(TM_LOWER, 0, 0), 1},
        {"poisson, k = 0", tm_tail_poisson(TM_UPPER, 0, 3), 1},
        {"poisson, mean < 0", tm_tail_poisson(TM_UPPER, 0, -1), NAN},
        {"poisson, infinite mean", tm_tail_poisson(TM_UPPER, 3, INFINITY), 1},
        {"negative binomial, k = 0", tm_tail_negbinomial(TM_UPPER, 0, 3, 2), 1},
        {"negative binomial, mean 0", tm_tail_negbinomial(TM_UPPER, 1, 0, 2), 0},
        {"negative binomial, size 0", tm_tail_negbinomial(TM_UPPER, 1, 3, 0), NAN},
        {"negative binomial, no dispersion", tm_tail_negbinomial(TM_UPPER, 5, 3, INFINITY), tm_tail_poisson(TM_UPPER, 5, 3)},
        {"beta-binomial, k = 0", tm_tail_betabinomial(TM_UPPER, 0, 5, 1, 1), 1},
        {"beta-binomial, uniform", tm_tail_betabinomial(TM_UPPER, 3, 5, 1, 1), 0.5},
        {"beta-binomial, all", tm_tail_betabinomial(TM_LOWER, 5, 5, 1, 1), 1},
        {"beta-binomial, a = 0", tm_tail_betabinomial(TM_LOWER, 2, 5, 0, 1), NAN},
        {"beta-binomial, no trials", tm_tail_betabinomial(TM_UPPER, 0, 0, 1, 1), 1},
        {"normal, infinite", tm_tail_normal(TM_UPPER, INFINITY), 0},
        {"normal, minus infinite", tm_tail_normal(TM_UPPER, -INFINITY), 1},
        {"normal, NaN", tm_tail_normal(TM_UPPER, NAN), NAN},
    };

    *n = sizeof(all) / sizeof(all[0]);
    memcpy(rows, all, sizeof(all));
    return rows;
}

static void tail_edge_cases(void **state)
{
    size_t i, n;
    const struct tail_row *rows = tail_rows(&n);

    (void)state;
    for (i = 0; i < n; i++)
        expect(rows[i].name, rows[i].got, rows[i].want, 1e-13 * fabs(rows[i].want));
}

/* P(X >= k) and P(X <= k - 1) make 1, whichever way each is computed. */
static void tails_complement_each_other(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < 2000; i++) {
        double n = floor(2000 * uniform()) + 1, k = floor(n * uniform()) + 1;
        double p = uniform(), a = 0.1 + 20 * uniform(), b = 0.1 + 20 * uniform();

        expect("binomial", tm_tail_binomial(TM_UPPER, k, n, p) + tm_tail_binomial(TM_LOWER, k - 1, n, p), 1, 1e-12);
        expect("poisson", tm_tail_poisson(TM_UPPER, k, n * p) + tm_tail_poisson(TM_LOWER, k - 1, n * p), 1, 1e-12);
        expect("negative binomial", tm_tail_negbinomial(TM_UPPER, k, n * p, a) + tm_tail_negbinomial(TM_LOWER, k - 1, n * p, a), 1,
               1e-12);
        expect("beta-binomial", tm_tail_betabinomial(TM_UPPER, k, n, a, b) + tm_tail_betabinomial(TM_LOWER, k - 1, n, a, b), 1,
               1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trend_edge_cases),
        cmocka_unit_test(autocorrelation_is_no_trend),
        cmocka_unit_test(tail_edge_cases),
        cmocka_unit_test(tails_complement_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
