/* The statistics of two samples, by values that were computed in another way: rank sums by dealing all values out, Student's t and
 * tests of reference by R's and published tables, shares of false ones by simulation. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/callshift.h"
#include "analyze/discovery.h"
#include "analyze/proportions.h"
#include "analyze/ranksum.h"
#include "analyze/student.h"
#include "analyze/twosided.h"

static uint64_t seed = 88172645463325252u;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) * 0x1p-53;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform() + 1e-300)) * cos(6.283185307179586 * uniform());
}

static void expect(const char *name, double got, double want, double bound)
{
    if (!(fabs(got - want) <= bound || (isnan(got) && isnan(want)) || (isinf(want) && got >= want)))
        fail_msg("%s: %.17g, not %.17g", name, got, want);
}

/* ---- Student's t ---- */

static void students_t(void **state)
{
    static const struct {
        double p, df, t;
    } rows[] = {/* the tables of every textbook, to their last digit */
                {0.05, 1, 12.706},  {0.05, 4, 2.776},   {0.05, 10, 2.228},  {0.01, 4, 4.604},
                {0.001, 10, 4.587}, {0.05, 120, 1.980}, {0.05, 1e6, 1.960}, {0.4, 8, 0.889}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect("bound", tm_student_bound(rows[i].p, rows[i].df), rows[i].t, 0.0006);
        expect("back", tm_student_tails(tm_student_bound(rows[i].p, rows[i].df), rows[i].df), rows[i].p, 1e-9);
    }
    expect("1 degree is Cauchy's", tm_student_tails(3, 1), 1 - 2 / 3.14159265358979 * atan(3), 1e-12);
    expect("2 degrees have a formula", tm_student_tails(-1.5, 2), 1 - 1.5 / sqrt(2 + 2.25), 1e-12);
    expect("none", tm_student_tails(0, 5), 1, 0);
    expect("infinite", tm_student_tails(INFINITY, 5), 0, 0);
    assert_true(isnan(tm_student_tails(NAN, 5)) && isnan(tm_student_tails(1, 0)) && isnan(tm_student_bound(0, 5)));
}

/* ---- rank sums ---- */

static double pairs_above(const double *all, size_t n, unsigned of_b)
{
    double u = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if ((of_b >> j & 1) && !(of_b >> i & 1))
                u += all[j] > all[i] ? 1 : all[j] < all[i] ? 0 : 0.5;
    return u;
}

/* p by looking at every way to deal the values to the sides. */
static double p_of_all_deals(const double *all, size_t n_a, size_t n_b)
{
    size_t n = n_a + n_b;
    unsigned own = ((1u << n_b) - 1) << n_a;
    double u = pairs_above(all, n, own), ways = 0, lower = 0, upper = 0;
    for (unsigned deal = 0; deal < 1u << n; deal++) {
        if ((size_t)__builtin_popcount(deal) != n_b)
            continue;
        double other = pairs_above(all, n, deal);
        ways++;
        lower += other <= u;
        upper += other >= u;
    }
    return fmin(1, 2 * fmin(lower, upper) / ways);
}

static void ranks_are_counted(void **state)
{
    static const size_t sizes[][2] = {{1, 1}, {1, 4}, {3, 3}, {5, 5}, {2, 7}, {7, 2}, {4, 6}};
    double all[16];
    struct tm_ranksum r;
    (void)state;
    for (int round = 0; round < 60; round++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            size_t n_a = sizes[s][0], n_b = sizes[s][1];
            for (size_t i = 0; i < n_a + n_b; i++) /* half of the rounds have ties */
                all[i] = round % 2 ? floor(4 * uniform()) : uniform();
            assert_int_equal(tm_ranksum(all, n_a, all + n_a, n_b, &r), 0);
            assert_true(r.exact);
            expect("p", r.p, p_of_all_deals(all, n_a, n_b), 1e-12);
            expect("u", r.u, pairs_above(all, n_a + n_b, ((1u << n_b) - 1) << n_a), 0);
        }
}

static void ranks_by_the_book(void **state)
{
    const double a[] = {1, 2, 3, 4, 5}, b[] = {6, 7, 8, 9, 11}, same[] = {4, 4, 4};
    double x[300], y[300];
    struct tm_ranksum r;
    (void)state;
    assert_int_equal(tm_ranksum(a, 5, b, 5, &r), 0);
    expect("p of two that do not overlap", r.p, 2.0 / 252, 1e-15);
    expect("shift", r.shift, 5, 0);
    /* Critical value of 5 and 5 at 5 %: U = 2, so the interval runs from the third difference on (Mann & Whitney's table). */
    expect("low", r.low, 2, 0);
    expect("high", r.high, 8, 0);
    expect("level", r.level, 1 - 2 * 4.0 / 252, 1e-12);
    assert_int_equal(tm_ranksum(a, 3, b, 3, &r), 0);
    expect("too few for 95 %: the range", r.low, 3, 0);
    expect("too few for 95 %: the range", r.high, 7, 0);
    expect("too few for 95 %", r.level, 0.9, 1e-12);
    assert_int_equal(tm_ranksum(same, 3, same, 3, &r), 0);
    expect("all equal", r.p, 1, 0);
    expect("all equal", r.shift, 0, 0);
    assert_int_equal(tm_ranksum(a, 0, b, 5, &r), 0);
    assert_true(isnan(r.p) && isnan(r.shift));
    for (int i = 0; i < 300; i++) {
        x[i] = i;
        y[i] = i + 30.5;
    }
    assert_int_equal(tm_ranksum(x, 300, y, 300, &r), 0);
    assert_false(r.exact);
    expect("many: U = 53685 is 4.0905 standard deviations of 2123.1 off", r.p, 4.304e-5, 2e-8);
    expect("many: shift", r.shift, 30.5, 0);
    assert_true(r.low >= 15.5 && r.low <= 17.5 && r.high >= 43.5 &&
                r.high <= 45.5); /* 30.5 -+ 14.2, from the triangle of differences */
    expect("least of 5 and 5", tm_ranksum_least(5, 5), 2.0 / 252, 1e-15);
    expect("least of 1 and 1", tm_ranksum_least(1, 1), 1, 0);
    expect("least of none", tm_ranksum_least(0, 3), 1, 0);
}

/* ---- which test, and what it says ---- */

static void welch_by_the_book(void **state)
{
    /* Small enough to be done by hand: means 2 and 5, variances 1 and 4, n 3 and 3. */
    const double a[] = {1, 2, 3}, b[] = {3, 5, 7}, one[] = {2, 2, 2};
    struct tm_shift s = tm_shift_welch(a, 3, b, 3, 1e-9);
    (void)state;
    expect("shift", s.shift, 3, 1e-15);
    expect("se", s.se, sqrt(5.0 / 3), 1e-12);
    expect("df", s.df, 25.0 / 9 / (1.0 / 18 + 16.0 / 18), 1e-12);
    expect("t in p", s.p, tm_student_tails(3 / sqrt(5.0 / 3), s.df), 0);
    expect("interval", s.high - s.low, 2 * s.se * tm_student_bound(0.05, s.df), 1e-12);
    s = tm_shift_welch(one, 3, one, 3, 0.5);
    expect("equal values have the floor's noise", s.se, 0.5 * sqrt(2.0 / 3), 1e-12);
    expect("and no difference", s.p, 1, 0);
    assert_true(isnan(tm_shift_welch(a, 1, b, 3, 0.1).p));
}

static void chooses_by_numbers_alone(void **state)
{
    const double a[] = {1, 2, 3, 4, 5}, b[] = {2, 3, 4, 5, 7};
    struct tm_shift s;
    (void)state;
    assert_int_equal(tm_shift_repeats(a, 5, b, 5, 0.01, 0.05, &s), 0);
    assert_int_equal(s.basis, TM_BASIS_RANKS);
    assert_int_equal(tm_shift_repeats(a, 5, b, 5, 0.01, 0.007, &s), 0);
    assert_int_equal(s.basis, TM_BASIS_WELCH);
    assert_int_equal(tm_shift_repeats(a, 3, b, 3, 0.01, 0.05, &s), 0);
    assert_int_equal(s.basis, TM_BASIS_WELCH);
}

static void noise_that_is_known(void **state)
{
    struct tm_shift s = tm_shift_known(0.1, 1, 1, 0.02, 50, 3);
    (void)state;
    assert_int_equal(s.basis, TM_BASIS_HISTORY);
    expect("se of two", s.se, 0.02 * sqrt(2), 1e-15);
    expect("df", s.df, 3, 0);
    expect("interval", s.low, 0.1 - 3.18245 * 0.02 * sqrt(2), 1e-5);
    expect("p", s.p, tm_student_tails(0.1 / s.se, 3), 0);
    expect("a median's error", tm_shift_known(0, 5, 1, 1, 50, 3).se, sqrt(1.5708 / 5 + 1), 1e-12);
    expect("few nights are few degrees", tm_shift_known(0, 9, 9, 1, 6, 3).df, 5, 0);
    assert_int_equal(tm_shift_known(0.1, 1, 1, 0, 50, 3).basis, TM_BASIS_NONE);
    assert_int_equal(tm_shift_known(0.1, 0, 1, 1, 50, 3).basis, TM_BASIS_NONE);
    expect("smallest", tm_shift_smallest(&s, 0.05), (3.18245 + 0.97847) * s.se, 1e-5);
    s.least_p = 0.1;
    expect("ranks of too few", tm_shift_smallest(&s, 0.05), INFINITY, 0);
    s = tm_shift_unknown();
    assert_true(isnan(tm_shift_smallest(&s, 0.05)));
}

/* ---- counts and calls ---- */

static void shares_of_failures(void **state)
{
    /* Fisher's lady: 3 of 4 and 1 of 4 have P(X >= 3) = 17/70. Newcombe's table: 56/70 and 48/80 is 0.2 (0.0524, 0.3339). */
    struct tm_shift s = tm_shift_of_counts((struct tm_proportion){1, 4}, (struct tm_proportion){3, 4});
    (void)state;
    expect("the lady", s.p, 34.0 / 70, 1e-12);
    s = tm_shift_of_counts((struct tm_proportion){48, 80}, (struct tm_proportion){56, 70});
    expect("difference", s.shift, 0.2, 1e-15);
    expect("low", s.low, 0.0524, 0.00005);
    expect("high", s.high, 0.3339, 0.00005);
    expect("none fails", tm_shift_of_counts((struct tm_proportion){0, 100}, (struct tm_proportion){0, 100}).p, 1, 0);
    expect("all of many", tm_shift_of_counts((struct tm_proportion){0, 1e6}, (struct tm_proportion){30, 1e6}).p, 2 * pow(0.5, 30),
           1e-11);
    assert_true(isnan(tm_shift_of_counts((struct tm_proportion){0, 0}, (struct tm_proportion){1, 5}).p));
    assert_true(isnan(tm_shift_of_counts((struct tm_proportion){6, 5}, (struct tm_proportion){1, 5}).p));
}

static void fill(struct tm_sketch *sketch, int n, double times)
{
    tm_sketch_init(sketch);
    for (int i = 0; i < n; i++)
        assert_int_equal(tm_sketch_add(sketch, 1e6 * times * exp(0.1 * normal())), 0);
}

static void calls_of_one_run(void **state)
{
    struct tm_sketch a, b, few, none;
    (void)state;
    fill(&a, 2000, 1);
    fill(&b, 2000, 1.1);
    fill(&few, 30, 1);
    tm_sketch_init(&none);
    struct tm_shift s = tm_shift_of_quantile(&a, &b, 0.95);
    assert_int_equal(s.basis, TM_BASIS_CALLS);
    assert_true(s.low < log(1.1) && s.high > log(1.1) && s.high - s.low < 0.08 && s.p < 1e-6);
    s = tm_shift_of_quantile(&a, &a, 0.5);
    expect("no difference", s.p, 1, 0);
    assert_true(isnan(tm_shift_of_quantile(&few, &a, 0.95).p)); /* 30 calls have no upper bound of it */
    assert_true(isnan(tm_shift_of_quantile(&none, &a, 0.5).p));
    s = tm_shift_of_mean(&a, 1e6 * exp(0.005), &b, 1.1e6 * exp(0.005));
    expect("mean", s.shift, log(1.1), 1e-12);
    expect("its error", s.se, sqrt(2 * 0.01 / 2000), 0.0003);
    expect("half of the calls", tm_slower_calls(&a, &a), 0.5, 1e-12);
    expect("most of the calls", tm_slower_calls(&a, &b), 0.75, 0.02); /* Phi(ln 1.1 / (0.1 sqrt 2)) */
    assert_true(isnan(tm_slower_calls(&none, &a)));
    tm_sketch_free(&a);
    tm_sketch_free(&b);
    tm_sketch_free(&few);
}

/* ---- many at once ---- */

static void false_discoveries(void **state)
{
    /* Benjamini & Hochberg's own example: of these fifteen, four are told at 5 %. */
    const double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
    double q[16], some[] = {0.02, NAN, 0.01};
    size_t told = 0;
    (void)state;
    assert_int_equal(tm_false_discovery(p, 15, q), 0);
    for (int i = 0; i < 15; i++)
        told += q[i] <= 0.05;
    assert_int_equal(told, 4);
    expect("q of the fourth", q[3], 0.0095 * 15 / 4, 1e-15);
    assert_int_equal(tm_false_discovery(some, 3, q), 0);
    expect("q", q[0], 0.02, 1e-15);
    expect("q", q[2], 0.02, 1e-15);
    assert_true(isnan(q[1]));
    assert_int_equal(tm_false_discovery(NULL, 0, q), 0);
}

static void families(void **state)
{
    /* Two plugins of three metrics, and one of which nothing is known: P = 0.003 * 3 / 1 and 0.2 * 3 / 2, so Q = 0.018 and 0.3. */
    const double p[] = {0.003, 0.2, 0.04, 0.5, 0.1, 0.2, NAN}, alone[] = {0.01, 0.04, 0.03};
    const size_t of[] = {0, 1, 0, 1, 0, 1, 2}, each[] = {2, 0, 1};
    double q[7], plain[3];
    size_t counted;
    (void)state;
    assert_int_equal(tm_false_discovery_of_families(p, of, 7, 3, 0.05, q, &counted), 0);
    assert_int_equal(counted, 1);
    expect("the first", q[0], 0.018, 1e-15);        /* Q; within 0.009 * 2 / 1 */
    expect("another of it", q[2], 0.06 * 2, 1e-15); /* within 0.04 * 3 / 2, at half of the share */
    expect("of the other", q[1], 0.6, 1e-15);       /* within 0.3 */
    assert_true(isnan(q[6]));
    assert_int_equal(tm_false_discovery_of_families(alone, each, 3, 3, 0.05, q, &counted), 0);
    assert_int_equal(tm_false_discovery(alone, 3, plain), 0);
    assert_int_equal(counted, 3);
    for (int i = 0; i < 3; i++)
        expect("families of one", q[i], plain[i], 1e-15);
    assert_int_equal(tm_false_discovery_of_families(NULL, NULL, 0, 0, 0.05, q, &counted), 0);
    assert_int_equal(counted, 0);
}

/* One comparison of 5 against 5 with 2 % noise, heavy-tailed in a tenth of the values if asked. */
static double p_of_five(double change, bool heavy, double needed)
{
    double a[5], b[5];
    struct tm_shift s;
    for (int i = 0; i < 5; i++) {
        a[i] = 0.02 * normal() * (heavy && uniform() < 0.1 ? 5 : 1);
        b[i] = 0.02 * normal() * (heavy && uniform() < 0.1 ? 5 : 1) + log1p(change);
    }
    assert_int_equal(tm_shift_repeats(a, 5, b, 5, 0.002, needed, &s), 0);
    return s.p;
}

/* With no change, what is told is false: the share of nights on which anything is told stays below the 5 %. */
static void nothing_is_told_of_nothing(void **state)
{
    enum { NIGHTS = 2000, ROWS = 20 };
    (void)state;
    for (int heavy = 0; heavy < 2; heavy++) {
        int told = 0;
        for (int night = 0; night < NIGHTS; night++) {
            double p[ROWS], q[ROWS], least = 1;
            for (int i = 0; i < ROWS; i++)
                p[i] = p_of_five(0, heavy, 0.05 / ROWS);
            assert_int_equal(tm_false_discovery(p, ROWS, q), 0);
            for (int i = 0; i < ROWS; i++)
                least = fmin(least, q[i]);
            told += least <= 0.05;
        }
        print_message("%s noise: something told on %.1f %% of %d nights\n", heavy ? "heavy" : "normal", 100.0 * told / NIGHTS,
                      NIGHTS);
        assert_true(told <= 0.06 * NIGHTS); /* 5 %, and twice the error of 2000 */
    }
}

/* The power that docs/methods.md gives: 10 % in one of twenty rows, 5 runs a side, 2 % noise. */
static void ten_percent_is_told(void **state)
{
    enum { NIGHTS = 1000, ROWS = 20 };
    int told = 0, five = 0;
    (void)state;
    for (int night = 0; night < NIGHTS; night++) {
        double p[ROWS], q[ROWS];
        for (int i = 0; i < ROWS; i++)
            p[i] = p_of_five(i ? 0 : night % 2 ? 0.1 : 0.05, false, 0.05 / ROWS);
        assert_int_equal(tm_false_discovery(p, ROWS, q), 0);
        *(night % 2 ? &told : &five) += q[0] <= 0.05;
    }
    print_message("10 %%: told in %.1f %%, 5 %%: in %.1f %%\n", 200.0 * told / NIGHTS, 200.0 * five / NIGHTS);
    assert_true(2 * told >= 0.94 * NIGHTS && 2 * five >= 0.3 * NIGHTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(students_t),         cmocka_unit_test(ranks_are_counted),          cmocka_unit_test(ranks_by_the_book),
        cmocka_unit_test(welch_by_the_book),  cmocka_unit_test(chooses_by_numbers_alone),   cmocka_unit_test(noise_that_is_known),
        cmocka_unit_test(shares_of_failures), cmocka_unit_test(calls_of_one_run),           cmocka_unit_test(false_discoveries),
        cmocka_unit_test(families),           cmocka_unit_test(nothing_is_told_of_nothing), cmocka_unit_test(ten_percent_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
