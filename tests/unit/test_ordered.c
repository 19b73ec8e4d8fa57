#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/ordered.h"
#include "analyze/stats.h"

static uint64_t seed = 362436069362436069u;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) * 0x1p-53;
}

static double any(size_t i)
{
    (void)i;
    return 2.0 * uniform() - 1.0;
}
static double ties(size_t i)
{
    (void)i;
    return floor(6.0 * uniform());
}
static double same(size_t i)
{
    (void)i;
    return 7.25;
}
static double rising(size_t i)
{
    return (double)i;
}
static double falling(size_t i)
{
    return -(double)i;
}
static double saw(size_t i)
{
    return (double)(i % 100);
}
static double huge(size_t i)
{
    return (i % 2 ? 1.0 : -1.0) * 1e308 * uniform();
}

static const struct order {
    const char *name;
    double (*value)(size_t i);
} orders[] = {
    {"random", any}, {"ties", ties}, {"constant", same}, {"rising", rising}, {"falling", falling}, {"saw", saw}, {"huge", huge},
};

#define EACH(row, table) for (row = table; row < table + sizeof(table) / sizeof(table[0]); row++)

static void expect_equal(const char *name, const char *what, double got, double want)
{
    if (!(got == want || (isnan(got) && isnan(want))))
        fail_msg("%s: %s is %.17g, not %.17g", name, what, got, want);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* All answers about the set against a sorted copy of the same values. */
static void expect_like(const char *name, struct tm_ordered *o, const double *x, size_t n)
{
    static double sorted[512], work[512];
    uint32_t below, equal;
    size_t i;

    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, compare);
    assert_int_equal(tm_ordered_size(o), n);
    for (i = 0; i < n; i++)
        expect_equal(name, "select", tm_ordered_select(o, (uint32_t)i), sorted[i]);
    for (i = 0; i <= 8; i++)
        expect_equal(name, "percentile", tm_ordered_percentile(o, 12.5 * (double)i), tm_percentile(sorted, n, 12.5 * (double)i));
    expect_equal(name, "median", tm_ordered_median(o), tm_median(sorted, n));
    memcpy(work, x, n * sizeof *x);
    expect_equal(name, "mad", tm_ordered_mad(o), tm_mad(work, n, tm_median(sorted, n)));
    if (n == 0)
        return;
    tm_ordered_rank(o, x[n / 2], &below, &equal);
    expect_equal(name, "rank", 100.0 * (below + 0.5 * equal) / (double)n, tm_percentile_rank(x, n, x[n / 2]));
}

static void windows_slide_like_sorted_arrays(void **state)
{
    static const size_t widths[] = {1, 2, 3, 10, 101};
    const struct order *row;
    static double x[700];
    size_t i, w;

    (void)state;
    EACH(row, orders)
    {
        for (w = 0; w < 5; w++) {
            struct tm_ordered o;

            tm_ordered_init(&o);
            for (i = 0; i < 700; i++) {
                size_t first = i + 1 > widths[w] ? i + 1 - widths[w] : 0;

                x[i] = row->value(i);
                assert_int_equal(tm_ordered_insert(&o, x[i]), 0);
                if (first > 0)
                    assert_int_equal(tm_ordered_erase(&o, x[first - 1]), 0);
                if (i < 2 * widths[w] || i % 13 == 0)
                    expect_like(row->name, &o, x + first, i + 1 - first);
            }
            tm_ordered_free(&o);
        }
    }
}

/* Inserts and erasures in any order, not only first in, first out. */
static void values_come_and_go_at_random(void **state)
{
    const struct order *row;
    static double x[300];
    size_t i, n;

    (void)state;
    EACH(row, orders)
    {
        struct tm_ordered o;

        tm_ordered_init(&o);
        for (i = 0, n = 0; i < 4000; i++) {
            if (n < 300 && (n == 0 || uniform() < 0.5)) {
                x[n] = row->value(i);
                assert_int_equal(tm_ordered_insert(&o, x[n++]), 0);
            } else {
                size_t at = (size_t)(uniform() * (double)n);

                assert_int_equal(tm_ordered_erase(&o, x[at]), 0);
                x[at] = x[--n];
            }
            if (i % 37 == 0)
                expect_like(row->name, &o, x, n);
        }
        tm_ordered_free(&o);
    }
}

static void an_empty_set_answers_too(void **state)
{
    struct tm_ordered o;
    uint32_t below, equal;

    (void)state;
    tm_ordered_free(NULL);
    tm_ordered_init(&o);
    assert_int_equal(tm_ordered_size(&o), 0);
    assert_true(isnan(tm_ordered_select(&o, 0)));
    assert_true(isnan(tm_ordered_median(&o)));
    assert_true(isnan(tm_ordered_mad(&o)));
    assert_int_equal(tm_ordered_erase(&o, 1.0), -1);
    tm_ordered_rank(&o, 1.0, &below, &equal);
    assert_int_equal(below + equal, 0);
    assert_int_equal(tm_ordered_insert(&o, NAN), -1);
    assert_int_equal(tm_ordered_insert(&o, INFINITY), -1);
    assert_int_equal(tm_ordered_insert(&o, 2.0), 0);
    assert_int_equal(tm_ordered_erase(&o, 1.0), -1);
    assert_true(isnan(tm_ordered_select(&o, 1)));
    assert_true(isnan(tm_ordered_percentile(&o, 101.0)));
    assert_true(isnan(tm_ordered_percentile(&o, NAN)));
    tm_ordered_free(&o);
    assert_int_equal(tm_ordered_size(&o), 0);
}

/* Nodes visited per step of a sliding window, whatever the order of values. */
static void each_step_is_logarithmic(void **state)
{
    static const size_t widths[] = {100, 1000, 10000, 100000};
    const struct order *row;
    size_t i, w, steps = 200000;

    (void)state;
    EACH(row, orders)
    {
        for (w = 0; w < 4; w++) {
            double *x = malloc(steps * sizeof *x), bound = log2((double)widths[w]);
            struct tm_ordered o;

            assert_non_null(x);
            tm_ordered_init(&o);
            for (i = 0; i < steps; i++) {
                x[i] = row->value(i);
                assert_int_equal(tm_ordered_insert(&o, x[i]), 0);
                if (i >= widths[w])
                    assert_int_equal(tm_ordered_erase(&o, x[i - widths[w]]), 0);
                (void)tm_ordered_median(&o);
            }
            if ((double)o.visits / (double)steps > 16.0 * bound)
                fail_msg("%s: %g visits per step, window %zu", row->name, (double)o.visits / (double)steps, widths[w]);
            o.visits = 0;
            (void)tm_ordered_mad(&o);
            if ((double)o.visits > 16.0 * bound * bound)
                fail_msg("%s: %g visits for a mad, window %zu", row->name, (double)o.visits, widths[w]);
            if (o.capacity > 4 * widths[w])
                fail_msg("%s: erased nodes are not reused", row->name);
            tm_ordered_free(&o);
            free(x);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_slide_like_sorted_arrays),
        cmocka_unit_test(values_come_and_go_at_random),
        cmocka_unit_test(an_empty_set_answers_too),
        cmocka_unit_test(each_step_is_logarithmic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
