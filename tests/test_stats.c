#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/moments.h"
#include "analyze/stats.h"
#include "analyze/tails.h"
#include "analyze/trend.h"

#define REFERENCE "tests/data/stats_reference.csv"
#define MOST 4000
#define EACH(row, table) \
	for (row = table; row < table + sizeof(table) / sizeof(table[0]); row++)

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

/* --- the reference vectors: a function's arguments as one row of doubles --- */

static double scratch[MOST * (MOST - 1) / 2];

static double ref_mean(double *v, size_t n) { return tm_mean(v, n); }
static double ref_stdev(double *v, size_t n) { return tm_stdev(v, n); }
static double ref_median(double *v, size_t n) { return tm_median(v, n); }
static double ref_mad(double *v, size_t n) { return tm_mad(v, n, tm_median(v, n)); }
static double ref_percentile(double *v, size_t n) { return tm_percentile(v + 1, n - 1, v[0]); }
static double ref_rank(double *v, size_t n) { return tm_percentile_rank(v + 1, n - 1, v[0]); }
static double ref_slope(double *v, size_t n) { return tm_theil_sen(NULL, v, n, scratch).slope; }
static double ref_intercept(double *v, size_t n) { return tm_theil_sen(NULL, v, n, scratch).intercept; }
static double ref_tau(double *v, size_t n) { return tm_mann_kendall(v, n, 0, scratch).tau; }

static struct tm_mann_kendall mk(double *v, size_t n)
{
	return tm_mann_kendall(v + 1, n - 1, (size_t)v[0], scratch);
}

static double ref_mk_s(double *v, size_t n) { return mk(v, n).s; }
static double ref_mk_variance(double *v, size_t n) { return mk(v, n).variance; }
static double ref_mk_inflation(double *v, size_t n) { return mk(v, n).inflation; }
static double ref_mk_z(double *v, size_t n) { return mk(v, n).z; }

#define TAIL(name, call_up, call_low) \
	static double name##_upper(double *v, size_t n) { (void)n; return call_up; } \
	static double name##_lower(double *v, size_t n) { (void)n; return call_low; }

TAIL(normal, tm_log_tail_normal(TM_UPPER, v[0]), tm_log_tail_normal(TM_LOWER, v[0]))
TAIL(t, tm_log_tail_t(TM_UPPER, v[0], v[1]), tm_log_tail_t(TM_LOWER, v[0], v[1]))
TAIL(binomial, tm_log_tail_binomial(TM_UPPER, v[0], v[1], v[2]),
     tm_log_tail_binomial(TM_LOWER, v[0], v[1], v[2]))
TAIL(poisson, tm_log_tail_poisson(TM_UPPER, v[0], v[1]), tm_log_tail_poisson(TM_LOWER, v[0], v[1]))
TAIL(negbinomial, tm_log_tail_negbinomial(TM_UPPER, v[0], v[1], v[2]),
     tm_log_tail_negbinomial(TM_LOWER, v[0], v[1], v[2]))
TAIL(betabinomial, tm_log_tail_betabinomial(TM_UPPER, v[0], v[1], v[2], v[3]),
     tm_log_tail_betabinomial(TM_LOWER, v[0], v[1], v[2], v[3]))

static const struct function {
	const char *name;
	double (*of)(double *v, size_t n);
	int log_tail;
} functions[] = {
	{ "mean", ref_mean, 0 }, { "stdev", ref_stdev, 0 }, { "median", ref_median, 0 },
	{ "mad", ref_mad, 0 }, { "percentile", ref_percentile, 0 },
	{ "percentile_rank", ref_rank, 0 }, { "theil_slope", ref_slope, 0 },
	{ "theil_intercept", ref_intercept, 0 }, { "kendall_tau", ref_tau, 0 },
	{ "mk_s", ref_mk_s, 0 }, { "mk_variance", ref_mk_variance, 0 },
	{ "mk_inflation", ref_mk_inflation, 0 }, { "mk_z", ref_mk_z, 0 },
	{ "normal_upper", normal_upper, 1 }, { "normal_lower", normal_lower, 1 },
	{ "t_upper", t_upper, 1 }, { "t_lower", t_lower, 1 },
	{ "binomial_upper", binomial_upper, 1 }, { "binomial_lower", binomial_lower, 1 },
	{ "poisson_upper", poisson_upper, 1 }, { "poisson_lower", poisson_lower, 1 },
	{ "negbinomial_upper", negbinomial_upper, 1 }, { "negbinomial_lower", negbinomial_lower, 1 },
	{ "betabinomial_upper", betabinomial_upper, 1 },
	{ "betabinomial_lower", betabinomial_lower, 1 },
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
	char name[256], *expected = strchr(line, ','), *args;
	const struct function *f;
	double v[256], want;
	size_t n = 0;

	assert_non_null(expected);
	*expected++ = '\0';
	want = strtod(expected, &args);
	while (*args != '\0' && *args != '\n' && n < 256)
		v[n++] = strtod(args + 1, &args);
	(void)snprintf(name, sizeof(name), "%s, line %d", line, number);
	EACH(f, functions) {
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
	assert_true(checked > 1000);
}

/* --- edge cases, by name --- */

static const struct sample_row {
	const char *name;
	size_t n;
	double x[5];
	double mean, stdev, median, mad;
} samples[] = {
	{ "empty", 0, { 0 }, NAN, NAN, NAN, NAN },
	{ "one value", 1, { 3 }, 3, NAN, 3, 0 },
	{ "two values", 2, { 1, 2 }, 1.5, 0.70710678118654752, 1.5, 0.5 },
	{ "constant 0.1", 5, { 0.1, 0.1, 0.1, 0.1, 0.1 }, 0.1, 0, 0.1, 0 },
	{ "cancelling", 4, { 1e16, 1, 1, -1e16 }, 0.5, 8164965809277260.0, 1, 5e15 },
	{ "near overflow", 3, { 1.5e308, 1.5e308, 1.5e308 }, 1.5e308, 0, 1.5e308, 0 },
	{ "both ends", 2, { -1.5e308, 1.5e308 }, 0, INFINITY, 0, 1.5e308 },
	{ "offset 1e9", 3, { 1e9 + 1, 1e9 + 2, 1e9 + 3 }, 1e9 + 2, 1, 1e9 + 2, 1 },
	{ "more than half equal", 5, { 7, 7, 7, 1, 100 }, 24.4, 42.341469034505636, 7, 0 },
};

static void small_samples(void **state)
{
	const struct sample_row *row;
	double x[5];

	(void)state;
	EACH(row, samples) {
		memcpy(x, row->x, sizeof(x));
		expect(row->name, tm_mean(x, row->n), row->mean, 0);
		expect(row->name, tm_stdev(x, row->n), row->stdev, 1e-15 * row->stdev);
		expect(row->name, tm_median(x, row->n), row->median, 0);
		expect(row->name, tm_mad(x, row->n, row->median), row->mad, 0);
	}
}

static void percentile_follows_type_7(void **state)
{
	static const struct { double p, want; } rows[] = {
		{ 0, 1 }, { 25, 3.25 }, { 50, 5.5 }, { 75, 7.75 }, { 100, 10 }, { 11.111111111111111, 2 },
		{ -0.001, NAN }, { 100.001, NAN }, { NAN, NAN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double x[] = { 10, 9, 2, 3, 1, 5, 4, 8, 7, 6 };
		char name[32];

		(void)snprintf(name, sizeof(name), "p%g of 1..10", rows[i].p);
		expect(name, tm_percentile(x, 10, rows[i].p), rows[i].want, 1e-14);
	}
}

static void scores_and_ranks(void **state)
{
	const double x[] = { 1, 2, 2, 3 };

	(void)state;
	expect("z", tm_zscore(5, 3, 2), 1, 0);
	expect("z, no scale", tm_zscore(5, 3, 0), NAN, 0);
	expect("z, scale unknown", tm_zscore(5, 3, NAN), NAN, 0);
	expect("robust z", tm_robust_z(4.4826, 3, 1), 1, 1e-15);
	expect("robust z, mad 0", tm_robust_z(4, 3, 0), NAN, 0);
	expect("rank below all", tm_percentile_rank(x, 4, 0), 0, 0);
	expect("rank of ties", tm_percentile_rank(x, 4, 2), 50, 0);
	expect("rank between", tm_percentile_rank(x, 4, 2.5), 75, 0);
	expect("rank above all", tm_percentile_rank(x, 4, 9), 100, 0);
	expect("rank in nothing", tm_percentile_rank(x, 0, 9), NAN, 0);
	expect("zmax", tm_zscore(1, 0.2, 1 / sqrt(5)), 4 / sqrt(5), 1e-15);
}

/* --- selection --- */

static double pattern_random(size_t i, size_t n) { (void)i; (void)n; return uniform(); }
static double pattern_rising(size_t i, size_t n) { (void)n; return (double)i; }
static double pattern_falling(size_t i, size_t n) { (void)n; return -(double)i; }
static double pattern_constant(size_t i, size_t n) { (void)i; (void)n; return 5; }
static double pattern_pipe(size_t i, size_t n) { return (double)(i < n / 2 ? i : n - i); }
static double pattern_two(size_t i, size_t n) { (void)n; return (double)(i % 2); }
static double pattern_saw(size_t i, size_t n) { (void)n; return (double)(i % 17); }
/* Makes a middle-of-three pivot take off two values at a time. */
static double pattern_killer(size_t i, size_t n)
{
	return (double)(i < n / 2 ? (i % 2 ? n / 2 + i : i + 1) : 2 * (i - n / 2 + 1));
}

static const struct pattern {
	const char *name;
	double (*value)(size_t i, size_t n);
} patterns[] = {
	{ "random", pattern_random }, { "rising", pattern_rising }, { "falling", pattern_falling },
	{ "constant", pattern_constant }, { "organ pipe", pattern_pipe },
	{ "two values", pattern_two }, { "saw", pattern_saw }, { "killer", pattern_killer },
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void expect_selected(const char *name, const double *x, const double *sorted,
			    size_t n, size_t k)
{
	size_t i;

	expect(name, x[k], sorted[k], 0);
	for (i = 0; i < n; i++)
		if (i < k ? x[i] > x[k] : x[i] < x[k])
			fail_msg("%s: value %zu of %zu on the wrong side of %zu", name, i, n, k);
}

static void select_puts_values_in_place(void **state)
{
	static const size_t sizes[] = { 1, 2, 5, 16, 17, 18, 100, 511, 512, 3000 };
	static double start[MOST], x[MOST], sorted[MOST];
	const struct pattern *row;
	size_t s, i, k, n, work = 0;

	(void)state;
	EACH(row, patterns) {
		for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
			n = sizes[s];
			for (i = 0; i < n; i++)
				sorted[i] = start[i] = row->value(i, n);
			qsort(sorted, n, sizeof(*sorted), compare);
			for (k = 0; k < n; k += 1 + n / 23) {
				memcpy(x, start, n * sizeof(*x));
				(void)tm_select(x, n, k);
				expect_selected(row->name, x, sorted, n, k);
				memcpy(x, start, n * sizeof(*x));
				(void)tm_select_counted(x, n, k, 0, &work);
				expect_selected(row->name, x, sorted, n, k);
			}
		}
	}
	expect("beyond the end", tm_select(x, 3, 3), NAN, 0);
}

/* Values looked at per value, with the usual pivots and with the careful ones. */
static void select_is_linear(void **state)
{
	static const size_t sizes[] = { 1000, 10000, 100000, 1000000 };
	const struct pattern *row;
	double *x = malloc(1000000 * sizeof(*x));
	size_t s, i, n, careful;

	(void)state;
	assert_non_null(x);
	EACH(row, patterns) {
		for (s = 0; s < 4; s++) {
			for (careful = 0; careful < 2; careful++) {
				size_t work = 0;

				n = sizes[s];
				for (i = 0; i < n; i++)
					x[i] = row->value(i, n);
				(void)tm_select_counted(x, n, n / 3, careful ? 0 : 8 * n, &work);
				if (work > 30 * n)
					fail_msg("%s: %zu values looked at for %zu", row->name, work, n);
			}
		}
	}
	free(x);
}

static void nan_does_no_harm(void **state)
{
	static double x[2000];
	size_t i, k, work = 0;

	(void)state;
	for (k = 0; k < 40; k++) {
		for (i = 0; i < 2000; i++)
			x[i] = uniform() < 0.3 ? NAN : uniform();
		(void)tm_percentile(x, 2000, 2.5 * (double)k);
		(void)tm_select_counted(x, 2000, 50 * k, 0, &work);
		(void)tm_mad(x, 2000, 0.5);
	}
}

/* --- trend --- */

static void trend_edge_cases(void **state)
{
	const double still[] = { 4, 4, 4, 4, 4, 4 }, up[] = { 1, 3, 5, 7, 9, 11, 13, 15, 17 };
	const double t[] = { 5, 5, 5 }, t2[] = { 0, 2, 2, 6 }, x2[] = { 1, 5, 5, 13 };
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
	assert_int_equal(tm_trend_scratch(0), 0);
	assert_int_equal(tm_trend_scratch(3), 6);
	assert_int_equal(tm_trend_scratch(100), 4950);
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

/* --- tails --- */

static const struct tail_row {
	const char *name;
	double got, want;
} *tail_rows(size_t *n)
{
	static struct tail_row rows[32];
	struct tail_row all[] = {
		{ "binomial, k = 0", tm_tail_binomial(TM_UPPER, 0, 10, 0.3), 1 },
		{ "binomial, k > n", tm_tail_binomial(TM_UPPER, 11, 10, 0.3), 0 },
		{ "binomial, k = n below", tm_tail_binomial(TM_LOWER, 10, 10, 0.3), 1 },
		{ "binomial, k < 0 below", tm_tail_binomial(TM_LOWER, -1, 10, 0.3), 0 },
		{ "binomial, p = 0", tm_tail_binomial(TM_UPPER, 1, 10, 0), 0 },
		{ "binomial, p = 1", tm_tail_binomial(TM_UPPER, 10, 10, 1), 1 },
		{ "binomial, no trials", tm_tail_binomial(TM_LOWER, 0, 0, 0.5), 1 },
		{ "binomial, p = 2", tm_tail_binomial(TM_UPPER, 1, 10, 2), NAN },
		{ "binomial, NaN", tm_tail_binomial(TM_UPPER, NAN, 10, 0.5), NAN },
		{ "poisson, mean 0", tm_tail_poisson(TM_UPPER, 1, 0), 0 },
		{ "poisson, mean 0 below", tm_tail_poisson(TM_LOWER, 0, 0), 1 },
		{ "poisson, k = 0", tm_tail_poisson(TM_UPPER, 0, 3), 1 },
		{ "poisson, mean < 0", tm_tail_poisson(TM_UPPER, 0, -1), NAN },
		{ "poisson, infinite mean", tm_tail_poisson(TM_UPPER, 3, INFINITY), 1 },
		{ "negative binomial, k = 0", tm_tail_negbinomial(TM_UPPER, 0, 3, 2), 1 },
		{ "negative binomial, mean 0", tm_tail_negbinomial(TM_UPPER, 1, 0, 2), 0 },
		{ "negative binomial, size 0", tm_tail_negbinomial(TM_UPPER, 1, 3, 0), NAN },
		{ "negative binomial, no dispersion",
		  tm_tail_negbinomial(TM_UPPER, 5, 3, INFINITY), tm_tail_poisson(TM_UPPER, 5, 3) },
		{ "beta-binomial, k = 0", tm_tail_betabinomial(TM_UPPER, 0, 5, 1, 1), 1 },
		{ "beta-binomial, uniform", tm_tail_betabinomial(TM_UPPER, 3, 5, 1, 1), 0.5 },
		{ "beta-binomial, all", tm_tail_betabinomial(TM_LOWER, 5, 5, 1, 1), 1 },
		{ "beta-binomial, a = 0", tm_tail_betabinomial(TM_LOWER, 2, 5, 0, 1), NAN },
		{ "beta-binomial, no trials", tm_tail_betabinomial(TM_UPPER, 0, 0, 1, 1), 1 },
		{ "t, df infinite", tm_tail_t(TM_UPPER, 2, INFINITY), tm_tail_normal(TM_UPPER, 2) },
		{ "t, df 0", tm_tail_t(TM_UPPER, 2, 0), NAN },
		{ "t, infinite", tm_tail_t(TM_UPPER, INFINITY, 3), 0 },
		{ "t, Cauchy at 1e200", tm_tail_t(TM_UPPER, 1e200, 1), 1e-200 / 3.141592653589793 },
		{ "normal, infinite", tm_tail_normal(TM_UPPER, INFINITY), 0 },
		{ "normal, minus infinite", tm_tail_normal(TM_UPPER, -INFINITY), 1 },
		{ "normal, NaN", tm_tail_normal(TM_UPPER, NAN), NAN },
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

		expect("binomial", tm_tail_binomial(TM_UPPER, k, n, p) +
		       tm_tail_binomial(TM_LOWER, k - 1, n, p), 1, 1e-12);
		expect("poisson", tm_tail_poisson(TM_UPPER, k, n * p) +
		       tm_tail_poisson(TM_LOWER, k - 1, n * p), 1, 1e-12);
		expect("negative binomial", tm_tail_negbinomial(TM_UPPER, k, n * p, a) +
		       tm_tail_negbinomial(TM_LOWER, k - 1, n * p, a), 1, 1e-12);
		expect("beta-binomial", tm_tail_betabinomial(TM_UPPER, k, n, a, b) +
		       tm_tail_betabinomial(TM_LOWER, k - 1, n, a, b), 1, 1e-12);
		expect("t", tm_tail_t(TM_UPPER, a - b, n * p + 0.1) +
		       tm_tail_t(TM_LOWER, a - b, n * p + 0.1), 1, 1e-12);
	}
}

/* --- exact sums --- */

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
	tm_moments_init(&m);
	for (i = 0; i < ROWS; i++) {
		/* Now and then something a trillion times larger passes through. */
		x[i] = i % 500 == 0 ? 1e22 * uniform() : (i / 100 % 3 == 0 ? 5.1 : spread());
		assert_int_equal(tm_moments_add(&m, x[i]), 0);
		if (i < WIDTH)
			continue;
		assert_int_equal(tm_moments_remove(&m, x[i - WIDTH]), 0);
		expect("stdev", tm_moments_stdev(&m), tm_stdev(x + i - WIDTH + 1, WIDTH),
		       1e-13 * tm_moments_stdev(&m));
		expect("mean", tm_moments_mean(&m), tm_mean(x + i - WIDTH + 1, WIDTH),
		       1e-13 * tm_moments_stdev(&m));
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
	tm_moments_init(&m);
	assert_true(isnan(tm_moments_mean(&m)) && isnan(tm_moments_stdev(&m)));
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
		cmocka_unit_test(agrees_with_the_reference),
		cmocka_unit_test(small_samples),
		cmocka_unit_test(percentile_follows_type_7),
		cmocka_unit_test(scores_and_ranks),
		cmocka_unit_test(select_puts_values_in_place),
		cmocka_unit_test(select_is_linear),
		cmocka_unit_test(nan_does_no_harm),
		cmocka_unit_test(trend_edge_cases),
		cmocka_unit_test(autocorrelation_is_no_trend),
		cmocka_unit_test(tail_edge_cases),
		cmocka_unit_test(tails_complement_each_other),
		cmocka_unit_test(moments_slide_without_drift),
		cmocka_unit_test(moments_cover_their_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
