/* Who is an outlier among the plugins of one run: both views on numbers worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/population.h"

enum { MOST = 64 };

static struct tm_standing got[MOST];
static double scratch[MOST];

static size_t stand(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        got[i] = (struct tm_standing){-99, -99, -99};
    return tm_population(values, n, scratch, got);
}

static void expect(const char *what, double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-12 * fmax(1, fabs(wanted)) || (isnan(value) && isnan(wanted))))
        fail_msg("%s: %.17g, not %.17g", what, value, wanted);
}

/* mean 30, stdev sqrt(1000 / 4); ln of medians by hand */
static void known_numbers(void **state)
{
    const double values[] = {10, 20, 30, 40, 50};
    (void)state;
    assert_int_equal(stand(values, 5), 5);
    for (int i = 0; i < 5; i++) {
        expect("z", got[i].z, (i - 2) * 10 / sqrt(250));
        expect("rank", got[i].rank, 25.0 * i);
    }
    /* |ln 10/30|, |ln 20/30|, 0, ln 40/30, ln 50/30 = 1.0986, .4055, 0, .2877, .5108: MAD = ln 1.5 */
    double sigma = 1.4826 * log(1.5);
    expect("robust z", got[0].robust_z, log(1 / 3.0) / sigma);
    expect("robust z", got[2].robust_z, 0);
    expect("robust z", got[4].robust_z, log(5 / 3.0) / sigma);
}

static void classic_z_has_a_limit(void **state)
{
    double values[MOST];
    (void)state;
    for (size_t n = 2; n <= MOST; n++) {
        for (size_t i = 0; i < n; i++)
            values[i] = 1;
        values[n / 2] = 1e12;
        stand(values, n);
        expect("limit", tm_classic_limit(n), ((double)n - 1) / sqrt((double)n));
        if (!(fabs(got[n / 2].z - tm_classic_limit(n)) < 1e-6))
            fail_msg("n = %zu: z %g, limit %g", n, got[n / 2].z, tm_classic_limit(n));
    }
    assert_true(tm_classic_limit(5) < 2 && tm_classic_limit(6) > 2);
    expect("limit of one", tm_classic_limit(1), 0);
    expect("limit of none", tm_classic_limit(0), 0);
}

static void slow_plugins_hide_each_other(void **state)
{
    const double values[] = {21, 22, 23, 24, 25, 26, 1000, 1100};
    (void)state;
    stand(values, 8);
    assert_true(got[6].z < 2 && got[7].z < 2);
    assert_true(got[6].robust_z > 5 && got[7].robust_z > 5);
    for (int i = 0; i < 6; i++)
        assert_true(fabs(got[i].robust_z) < 2);
}

static void few_plugins(void **state)
{
    const double one[] = {5}, two[] = {5, 7}, three[] = {5, 7, 900};
    (void)state;
    assert_int_equal(stand(one, 1), 1);
    assert_true(isnan(got[0].z) && isnan(got[0].robust_z) && isnan(got[0].rank));
    assert_int_equal(stand(two, 2), 2);
    expect("z of two", got[1].z, 1 / sqrt(2));
    assert_true(isnan(got[1].robust_z));
    expect("rank of two", got[0].rank, 0);
    expect("rank of two", got[1].rank, 100);
    assert_int_equal(stand(three, 3), 3);
    assert_true(got[2].robust_z > 5 && got[2].z < 2);
    assert_int_equal(stand(NULL, 0), 0);
}

static void equal_values(void **state)
{
    const double values[] = {3, 3, 3, 3}, mostly[] = {3, 3, 3, 3, 9};
    (void)state;
    assert_int_equal(stand(values, 4), 4);
    for (int i = 0; i < 4; i++) {
        assert_true(isnan(got[i].z) && isnan(got[i].robust_z));
        expect("rank", got[i].rank, 50);
    }
    stand(mostly, 5); /* no scale is known where most are equal */
    assert_true(isnan(got[4].robust_z));
    expect("z", got[4].z, tm_classic_limit(5));
    expect("rank", got[0].rank, 37.5);
}

static void unknown_values_are_not_of_the_population(void **state)
{
    const double values[] = {NAN, 10, NAN, 20, 30, NAN}, without[] = {10, 20, 30};
    struct tm_standing all[6];
    (void)state;
    assert_int_equal(stand(values, 6), 3);
    for (int i = 0; i < 6; i++)
        all[i] = got[i];
    stand(without, 3);
    for (int i = 0, j = 0; i < 6; i++) {
        if (isnan(values[i])) {
            assert_true(isnan(all[i].z) && isnan(all[i].robust_z) && isnan(all[i].rank));
            continue;
        }
        expect("z", all[i].z, got[j].z);
        expect("robust z", all[i].robust_z, got[j].robust_z);
        expect("rank", all[i].rank, got[j++].rank);
    }
}

/* A metric that may be zero or negative has no logarithm, but a place among the others. */
static void zeros_and_negatives(void **state)
{
    const double values[] = {-5, 0, 1, 2, 4};
    (void)state;
    assert_int_equal(stand(values, 5), 5);
    assert_true(isnan(got[0].robust_z) && isnan(got[1].robust_z) && !isnan(got[0].z));
    expect("robust z", got[3].robust_z, 0);
    expect("rank", got[0].rank, 0);
    expect("rank", got[4].rank, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers),
        cmocka_unit_test(classic_z_has_a_limit),
        cmocka_unit_test(slow_plugins_hide_each_other),
        cmocka_unit_test(few_plugins),
        cmocka_unit_test(equal_values),
        cmocka_unit_test(unknown_values_are_not_of_the_population),
        cmocka_unit_test(zeros_and_negatives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
