/* The statistics against a second implementation that shares nothing with the first: in 113 bits, by other formulas, with ranks
 * counted instead of sorted. Sets are drawn anew from a fixed seed, 1,000 of each kind; TM_SETS=100000 for more.
 *
 * The bound is 1e-12 of the result. Where a result is a difference (a deviation, a spread), half a unit in the last place of what
 * it is a difference of cannot be asked back, so that much of the largest value is allowed beside it. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyze/moments.h"
#include "analyze/ordered.h"
#include "analyze/special.h"
#include "analyze/stats.h"

#if LDBL_MANT_DIG >= 113
typedef long double wide;
#else
__extension__ typedef __float128 wide;
#endif

enum { LARGEST_SET = 60 };
static const double BOUND = 1e-12;

static uint64_t state_of_random = 0x9e3779b97f4a7c15u;

/* splitmix64 (Steele, Lea & Flood 2014) */
static uint64_t draw(void)
{
    uint64_t z = state_of_random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double uniform(void)
{
    return (double)(draw() >> 11) * 0x1p-53;
}

static int sets(void)
{
    const char *said = getenv("TM_SETS");
    int n = said ? (int)strtol(said, NULL, 10) : 0;
    return n > 0 ? n : 1000;
}

/* Of any size and scale: spread out, close to each other, with many ties, with outliers, negative. */
static size_t draw_set(double x[LARGEST_SET])
{
    size_t n = 1 + draw() % LARGEST_SET;
    double scale = pow(10, 24 * uniform() - 12), centre = scale * (draw() % 3 ? 1 : 1000 * (uniform() - 0.5));
    uint64_t kind = draw() % 4;
    for (size_t i = 0; i < n; i++) {
        double noise = kind == 0 ? uniform() : kind == 1 ? (double)(draw() % 5) : kind == 2 ? exp(6 * uniform()) : uniform() - 0.5;
        x[i] = centre + scale * noise * (draw() % 20 ? 1 : 50);
    }
    return n;
}

static wide wide_root(wide x)
{
    if (!(x > 0))
        return 0;
    wide root = (wide)sqrt((double)x);
    for (int i = 0; i < 4; i++) /* each Newton step doubles the 53 bits to begin with */
        root = (root + x / root) / 2;
    return root;
}

static wide wide_abs(wide x)
{
    return x < 0 ? -x : x;
}

/* The k-th smallest: the one with at most k below it, and more than k below or equal. */
static wide of_rank(const wide *x, size_t n, size_t k)
{
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0;
        for (size_t j = 0; j < n; j++) {
            below += x[j] < x[i];
            equal += !(x[j] < x[i] || x[j] > x[i]);
        }
        if (below <= k && k < below + equal)
            return x[i];
    }
    abort();
}

static wide wide_percentile(const wide *x, size_t n, double p)
{
    wide h = (wide)(n - 1) * (wide)p / 100;
    size_t k = (size_t)(double)h;
    k -= (wide)k > h; /* the conversion may have rounded up */
    wide low = of_rank(x, n, k);
    return k + 1 < n ? low + (h - (wide)k) * (of_rank(x, n, k + 1) - low) : low;
}

static double largest(const double *x, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* allowed: beside the bound, in what the result is measured in */
static void same(const char *what, double found, wide expected, double allowed)
{
    wide difference = wide_abs((wide)found - expected);
    if (!(difference <= (wide)BOUND * wide_abs(expected) + (wide)allowed))
        fail_msg("%s: found %.17g, expected %.17g", what, found, (double)expected);
}

struct oracle {
    wide mean, stdev, median, mad;
};

/* Sums of squares, where the first goes over the data twice; in 113 bits nothing of it is lost. */
static struct oracle ask_oracle(const double *x, size_t n)
{
    wide all[LARGEST_SET] = {0}, deviations[LARGEST_SET] = {0}, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        all[i] = (wide)x[i];
        sum += all[i];
        squares += all[i] * all[i];
    }
    struct oracle oracle = {.mean = sum / (wide)n, .median = wide_percentile(all, n, 50)};
    if (n > 1)
        oracle.stdev = wide_root(((wide)n * squares - sum * sum) / ((wide)n * (wide)(n - 1)));
    for (size_t i = 0; i < n; i++)
        deviations[i] = wide_abs(all[i] - oracle.median);
    oracle.mad = wide_percentile(deviations, n, 50);
    return oracle;
}

static double *copy_of(const double *x, size_t n, double copy[LARGEST_SET])
{
    for (size_t i = 0; i < n; i++)
        copy[i] = x[i];
    return copy;
}

static void samples(void **state)
{
    double x[LARGEST_SET], copy[LARGEST_SET];
    (void)state;
    for (int set = 0; set < sets(); set++) {
        size_t n = draw_set(x);
        struct oracle oracle = ask_oracle(x, n);
        double rounding = largest(x, n) * DBL_EPSILON, p = set % 3 ? 100 * uniform() : (double)(draw() % 101);
        wide all[LARGEST_SET];
        for (size_t i = 0; i < n; i++)
            all[i] = (wide)x[i];
        same("mean", tm_mean(x, n), oracle.mean, rounding);
        same("median", tm_median(copy_of(x, n, copy), n), oracle.median, rounding);
        same("percentile", tm_percentile(copy_of(x, n, copy), n, p), wide_percentile(all, n, p), rounding);
        double median = tm_median(copy_of(x, n, copy), n), mad = tm_mad(copy_of(x, n, copy), n, median);
        same("mad", mad, oracle.mad, 2 * rounding);
        if (n < 2)
            continue;
        double stdev = tm_stdev(x, n);
        same("stdev", stdev, oracle.stdev, rounding);
        if (stdev > 1e-3 * largest(x, n)) /* else the rounding of the mean is what z would be made of */
            same("z", tm_zscore(x[0], tm_mean(x, n), stdev), ((wide)x[0] - oracle.mean) / oracle.stdev, BOUND);
    }
}

static void ranks(void **state)
{
    double x[LARGEST_SET];
    (void)state;
    for (int set = 0; set < sets(); set++) {
        size_t n = draw_set(x), twice = 0;
        double v = set % 2 ? x[draw() % n] : x[0] * uniform();
        for (size_t i = 0; i < n; i++)
            twice += x[i] < v ? 2 : x[i] > v ? 0 : 1;
        same("percentile rank", tm_percentile_rank(x, n, v), (wide)50 * (wide)twice / (wide)n, 0);
    }
}

/* A window that slides over a stream, by both structures that keep one. */
static void windows(void **state)
{
    enum { WIDTH = 25 };
    double stream[LARGEST_SET];
    (void)state;
    for (int set = 0; set < sets(); set += 10) {
        struct tm_moments moments = {0};
        struct tm_ordered ordered;
        size_t n = draw_set(stream);
        tm_ordered_init(&ordered);
        for (size_t i = 0; i < n; i++) {
            size_t first = i >= WIDTH ? i - WIDTH + 1 : 0, size = i - first + 1;
            if (i >= WIDTH) {
                assert_int_equal(tm_moments_remove(&moments, stream[i - WIDTH]), 0);
                assert_int_equal(tm_ordered_erase(&ordered, stream[i - WIDTH]), 0);
            }
            assert_int_equal(tm_moments_add(&moments, stream[i]), 0);
            assert_int_equal(tm_ordered_insert(&ordered, stream[i]), 0);
            struct oracle oracle = ask_oracle(stream + first, size);
            double rounding = largest(stream + first, size) * DBL_EPSILON;
            same("median of a window", tm_ordered_median(&ordered), oracle.median, rounding);
            same("mad of a window", tm_ordered_mad(&ordered), oracle.mad, 2 * rounding);
            if (size > 1)
                same("stdev of a window", sqrt(tm_moments_variance(&moments, 1)), oracle.stdev, 0);
        }
        tm_ordered_free(&ordered);
    }
}

static double wide_log(wide x)
{
    int shift = 0;
    for (; x < (wide)1e-300; shift++)
        x *= (wide)1e300;
    return log((double)x) - shift * log(1e300);
}

/* Tails of integers are finite sums of products, none of them negative. */
static void tails_of_counts(void **state)
{
    (void)state;
    for (int set = 0; set < sets(); set++) {
        int a = 1 + (int)(draw() % 60), b = 1 + (int)(draw() % 60), n = a + b - 1;
        double mean = 0.01 + 80 * uniform(), x = 0.001 + 0.998 * uniform();
        wide term = 1, below = 0, all = 0;
        for (int k = 0; k < 2000; k++, term *= (wide)mean / k) { /* of exp(mean), until nothing is added */
            below += k < a ? term : 0;
            all += term;
        }
        double expected = wide_log(below / all);
        same("Poisson tail", tm_log_gamma_q(a, mean), (wide)expected, BOUND);
        wide share = (wide)x, rest = 1 - share, tail = 0;
        for (int j = a; j <= n; j++) {
            wide product = 1;
            for (int k = 1; k <= j; k++)
                product *= (wide)(n - j + k) / k * share;
            for (int k = j; k < n; k++)
                product *= rest;
            tail += product;
        }
        same("binomial tail", tm_log_beta_inc(a, b, x, 1 - x), (wide)wide_log(tail), 2 * BOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples),
        cmocka_unit_test(ranks),
        cmocka_unit_test(windows),
        cmocka_unit_test(tails_of_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
