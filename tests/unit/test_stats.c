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
#include "analyze/tails.h"
#include "analyze/trend.h"

#define REFERENCE        "tests/data/stats_reference.csv"
#define EACH(row, table) for (row = table; row < table + sizeof(table) / sizeof(table[0]); row++)

static void expect(const char *name, double got, double want, double bound)
{
    if (!(fabs(got - want) <= bound || got == want || (isnan(got) && isnan(want))))
        fail_msg("%s: %.17g, not %.17g", name, got, want);
}

/* A row of the file: the arguments of one function. */
#define MOST 256
static double scratch[MOST * (MOST - 1) / 2];

static double ref_mean(double *v, size_t n)
{
    return tm_mean(v, n);
}
static double ref_stdev(double *v, size_t n)
{
    return tm_stdev(v, n);
}
static double ref_median(double *v, size_t n)
{
    return tm_median(v, n);
}
static double ref_mad(double *v, size_t n)
{
    return tm_mad(v, n, tm_median(v, n));
}
static double ref_percentile(double *v, size_t n)
{
    return tm_percentile(v + 1, n - 1, v[0]);
}
static double ref_rank(double *v, size_t n)
{
    return tm_percentile_rank(v + 1, n - 1, v[0]);
}
static double ref_slope(double *v, size_t n)
{
    return tm_theil_sen(NULL, v, n, scratch).slope;
}
static double ref_intercept(double *v, size_t n)
{
    return tm_theil_sen(NULL, v, n, scratch).intercept;
}

static double ref_tau(double *v, size_t n)
{
    return tm_mann_kendall(v, n, 0, scratch).tau;
}

static struct tm_mann_kendall mk(double *v, size_t n)
{
    return tm_mann_kendall(v + 1, n - 1, (size_t)v[0], scratch);
}

static double ref_mk_s(double *v, size_t n)
{
    return mk(v, n).s;
}
static double ref_mk_variance(double *v, size_t n)
{
    return mk(v, n).variance;
}
static double ref_mk_inflation(double *v, size_t n)
{
    return mk(v, n).inflation;
}
static double ref_mk_z(double *v, size_t n)
{
    return mk(v, n).z;
}

#define TAIL(name, call_up, call_low)                                                                                              \
    static double name##_upper(double *v, size_t n)                                                                                \
    {                                                                                                                              \
        (void)n;                                                                                                                   \
        return call_up;                                                                                                            \
    }                                                                                                                              \
    static double name##_lower(double *v, size_t n)                                                                                \
    {                                                                                                                              \
        (void)n;                                                                                                                   \
        return call_low;                                                                                                           \
    }

TAIL(normal, tm_log_tail_normal(TM_UPPER, v[0]), tm_log_tail_normal(TM_LOWER, v[0]))
TAIL(binomial, tm_log_tail_binomial(TM_UPPER, v[0], v[1], v[2]), tm_log_tail_binomial(TM_LOWER, v[0], v[1], v[2]))
TAIL(poisson, tm_log_tail_poisson(TM_UPPER, v[0], v[1]), tm_log_tail_poisson(TM_LOWER, v[0], v[1]))
TAIL(negbinomial, tm_log_tail_negbinomial(TM_UPPER, v[0], v[1], v[2]), tm_log_tail_negbinomial(TM_LOWER, v[0], v[1], v[2]))
TAIL(betabinomial, tm_log_tail_betabinomial(TM_UPPER, v[0], v[1], v[2], v[3]),
     tm_log_tail_betabinomial(TM_LOWER, v[0], v[1], v[2], v[3]))

static const struct function {
    const char *name;
    double (*of)(double *v, size_t n);
    int log_tail;
} functions[] = {
    {"mean", ref_mean, 0},
    {"stdev", ref_stdev, 0},
    {"median", ref_median, 0},
    {"mad", ref_mad, 0},
    {"percentile", ref_percentile, 0},
    {"percentile_rank", ref_rank, 0},
    {"theil_slope", ref_slope, 0},
    {"theil_intercept", ref_intercept, 0},
    {"kendall_tau", ref_tau, 0},
    {"mk_s", ref_mk_s, 0},
    {"mk_variance", ref_mk_variance, 0},
    {"mk_inflation", ref_mk_inflation, 0},
    {"mk_z", ref_mk_z, 0},
    {"normal_upper", normal_upper, 1},
    {"normal_lower", normal_lower, 1},
    {"binomial_upper", binomial_upper, 1},
    {"binomial_lower", binomial_lower, 1},
    {"poisson_upper", poisson_upper, 1},
    {"poisson_lower", poisson_lower, 1},
    {"negbinomial_upper", negbinomial_upper, 1},
    {"negbinomial_lower", negbinomial_lower, 1},
    {"betabinomial_upper", betabinomial_upper, 1},
    {"betabinomial_lower", betabinomial_lower, 1},
};

static FILE *open_reference(void)
{
    const char *root = getenv("TM_SOURCE_DIR");
    char path[4096];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", root != NULL ? root : ".", REFERENCE);
    file = fopen(path, "r");
    if (file == NULL)
        fail_msg("cannot open '%s'", path);
    return file;
}

/*
 * 1e-10 of the value; for a tail given as logarithm l, 1e-10 of the tail, and
 * of what it lacks to 1.  Below exp(-1000) a double's own 53 bits of l are
 * the limit.
 */
static double allowed(double want, int log_tail)
{
    double size = fabs(want);

    if (!log_tail || size < 1.0)
        return 1e-10 * size;
    return size < 1000.0 ? 1e-10 : 1e-13 * size;
}

static void check_line(char *line, int number)
{
    char name[64], *expected = strchr(line, ','), *args;
    const struct function *f;
    double v[MOST], want;
    size_t n = 0;

    assert_non_null(expected);
    *expected++ = '\0';
    want = strtod(expected, &args);
    while (*args != '\0' && *args != '\n' && n < MOST)
        v[n++] = strtod(args + 1, &args);
    (void)snprintf(name, sizeof(name), "%.32s, line %d", line, number);
    EACH(f, functions)
    {
        if (strcmp(f->name, line) == 0) {
            expect(name, f->of(v, n), want, allowed(want, f->log_tail));
            return;
        }
    }
    fail_msg("%s: unknown function", name);
}

static void agrees_with_the_reference(void **state)
{
    static char line[16384];
    FILE *file = open_reference();
    int number = 0, checked = 0;

    (void)state;
    while (fgets(line, sizeof(line), file) != NULL) {
        number++;
        if (line[0] == '#')
            continue;
        check_line(line, number);
        checked++;
    }
    assert_int_equal(ferror(file), 0);
    (void)fclose(file);
    assert_true(checked > 800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
