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
        expect("stdev", tm_moments_stdev(&m), tm_stdev(x + i - WIDTH + 1, WIDTH), 1e-13 * tm_moments_stdev(&m));
        if (i % 100 >= WIDTH && i / 100 % 3 == 0 && i % 500 >= WIDTH)
            expect("constant window", tm_moments_stdev(&m), 0, 0);
    }
}

static void moments_cover_their_range(void **state)
{
    static double x[3000];
    struct tm_moments m;
    int i;

    (void)state;
    m = (struct tm_moments){0};
    assert_true(isnan(tm_moments_stdev(&m)));
    assert_int_equal(tm_moments_remove(&m, 1.0), -1);
    assert_int_equal(tm_moments_add(&m, 1.01e140), -1);
    assert_int_equal(tm_moments_add(&m, NAN), -1);
    for (i = 0; i < 3000; i++) {
        x[i] = (uniform() - 0.5) * pow(10.0, 269.0 * uniform() - 129.5);
        assert_int_equal(tm_moments_add(&m, x[i]), 0);
        assert_true(m.squares.len <= TM_MOMENTS_PARTS && m.sum.len <= TM_MOMENTS_PARTS);
    }
    for (i = 2999; i >= 0; i--)
        assert_int_equal(tm_moments_remove(&m, x[(i * 7) % 3000]), 0);
    assert_int_equal(m.sum.len, 0);
    assert_int_equal(m.squares.len, 0);
    assert_int_equal(tm_moments_add(&m, 1e-200), 0);
    assert_int_equal(tm_moments_add(&m, 3e-200), 0);
    expect("too small to square", tm_moments_stdev(&m), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_slide_without_drift),
        cmocka_unit_test(moments_cover_their_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
