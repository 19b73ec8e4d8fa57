/* The order of a baseline, which is carried from night to night: its figures are those of a sort. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/audit.h"
#include "analyze/baseline.h"

static uint64_t seed;

static int some(int below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)below);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 1.4826 * MAD by its definition. */
static double sigma_of(const double *values, int n, double median)
{
    double off[TM_DETECTOR_BASELINE] = {0};
    for (int i = 0; i < n; i++)
        off[i] = fabs(values[i] - median);
    qsort(off, (size_t)n, sizeof *off, ascending);
    return 1.4826 * (n % 2 ? off[n / 2] : 0.5 * (off[n / 2 - 1] + off[n / 2]));
}

/* The scale of n values, without a floor or a level before: what few values cannot know is added. */
static double scale_of(const double *values, int n, double median, double floor)
{
    return fmax(sigma_of(values, n, median), floor) * sqrt(1 + 2.0 / n) * (1 + 1.0 / n);
}

/* Ties, common parts that come and go, levels that begin anew, and memory that lacks the order. */
static void the_order_is_that_of_a_sort(void **state)
{
    const double floor = 1e-9;
    struct tm_detector s = {0};
    (void)state;
    seed = 7;
    for (int night = 0; night < 20000; night++) {
        double own[TM_DETECTOR_BASELINE];
        double step = night % 7000 < 3000 ? 0.125 : 1e-7;
        if (some(300) == 0)
            tm_baseline_clear(&s);
        if (some(50) == 0)
            s.own.n = s.raw.n = 0;
        tm_baseline_add(&s, some(12) * step, night / 200 % 3 && some(9) == 0 ? step * some(3) : 0);
        tm_baseline_settle(&s, floor);
        for (int i = 0; i < s.n_base; i++)
            own[i] = s.base[i] - s.base_common[i];
        assert_true(s.median == tm_baseline_median(own, s.n_base));
        assert_true(fabs(s.scale - scale_of(own, s.n_base, s.median, floor)) <= 1e-12 * s.scale);
        assert_true(s.raw_median == tm_baseline_median(s.base, s.n_base));
        assert_true(fabs(s.raw_scale - scale_of(s.base, s.n_base, s.raw_median, floor)) <= 1e-12 * s.raw_scale);
    }
}

/* Of a quiet series each larger step is caught as early or earlier; of one that jumps about none is. */
static void an_audit_finds_the_smallest_step(void **state)
{
    const struct tm_detector_params params = tm_detector_params_for(1);
    double y[120], smallest[TM_AUDIT_WITHINS];
    (void)state;
    seed = 3;
    for (int i = 0; i < 120; i++)
        y[i] = 0.001 * some(10);
    tm_audit_series(y, 120, &params, smallest);
    assert_true(smallest[2] <= smallest[1] && smallest[1] <= smallest[0]);
    assert_true(smallest[2] > 0.04 && smallest[2] < 0.2 && smallest[0] < 0.5);
    for (int i = 0; i < 120; i++)
        y[i] = some(10);
    tm_audit_series(y, 120, &params, smallest);
    assert_true(isinf(smallest[0]));
    tm_audit_series(y, TM_AUDIT_LEAST - 1, &params, smallest);
    assert_true(isnan(smallest[0]) && isnan(smallest[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_that_of_a_sort),
        cmocka_unit_test(an_audit_finds_the_smallest_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
