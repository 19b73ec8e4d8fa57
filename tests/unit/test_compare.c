/* Comparisons as a whole: which class a plugin's metric gets, from what its noise is known, and how often that is wrong. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/compare.h"

static uint64_t seed = 362436069362436069u;

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

/* Student's t with 3 degrees of freedom: the tails that nightly figures have. */
static double heavy(void)
{
    double square = 0;
    for (int i = 0; i < 3; i++) {
        double z = normal();
        square += z * z;
    }
    return normal() / sqrt(square / 3);
}

/* A metric on both sides: values 100 * (1 + noise), B's times as high; `past` nights of history. */
struct scene {
    const char *name, *metric, *better;
    size_t n_a, n_b, past;
    double noise, times;
    enum tm_change_class class;
    enum tm_basis basis;
    bool fails; /* with --fail-above 10% */
};

static const struct scene scenes[] = {
    {"worse, by ranks", "wall_per_call_ms", NULL, 6, 6, 0, 0.01, 1.3, TM_CHANGE_WORSE, TM_BASIS_RANKS, true},
    {"worse, by less than fails", "wall_per_call_ms", NULL, 6, 6, 0, 0.005, 1.05, TM_CHANGE_WORSE, TM_BASIS_RANKS, false},
    {"better", "peak_mem_kb", NULL, 6, 6, 0, 0.01, 0.7, TM_CHANGE_BETTER, TM_BASIS_RANKS, false},
    {"the same, by ranks", "cpu_per_call_ms", NULL, 8, 8, 0, 0.01, 1, TM_CHANGE_NONE, TM_BASIS_RANKS, false},
    {"too few for ranks", "wall_p95_ms", NULL, 3, 3, 0, 0.01, 1.4, TM_CHANGE_WORSE, TM_BASIS_WELCH, true},
    {"one a side, with history", "wall_per_call_ms", NULL, 1, 1, 40, 0.01, 1.3, TM_CHANGE_WORSE, TM_BASIS_HISTORY, true},
    {"one a side, history, none", "wall_per_call_ms", NULL, 1, 1, 40, 0.01, 1, TM_CHANGE_NONE, TM_BASIS_HISTORY, false},
    {"one a side, noisy history", "wall_per_call_ms", NULL, 1, 1, 40, 0.2, 1.2, TM_CHANGE_UNKNOWN, TM_BASIS_HISTORY, false},
    {"one a side, no history", "wall_per_call_ms", NULL, 1, 1, 0, 0.01, 3, TM_CHANGE_UNKNOWN, TM_BASIS_NONE, false},
    {"one a side, five nights", "wall_per_call_ms", NULL, 1, 1, 5, 0.01, 3, TM_CHANGE_UNKNOWN, TM_BASIS_NONE, false},
    {"the side is its own history", "wall_per_call_ms", NULL, 20, 1, 0, 0.01, 1.3, TM_CHANGE_WORSE, TM_BASIS_HISTORY, true},
    {"more is better: worse", "speed", "higher", 6, 6, 0, 0.01, 0.7, TM_CHANGE_WORSE, TM_BASIS_RANKS, true},
    {"more is better: better", "speed", "higher", 6, 6, 0, 0.01, 1.3, TM_CHANGE_BETTER, TM_BASIS_RANKS, false},
    {"nobody knows: changed", "hits", "", 6, 6, 0, 0.01, 1.3, TM_CHANGE_EITHER, TM_BASIS_RANKS, false},
    {"less is better", "depth", "lower", 6, 6, 0, 0.01, 1.3, TM_CHANGE_WORSE, TM_BASIS_RANKS, true},
    {"calls change", "calls", NULL, 6, 6, 0, 0.01, 1.3, TM_CHANGE_EITHER, TM_BASIS_RANKS, false},
    {"equal to the last digit", "peak_mem_kb", NULL, 3, 3, 0, 0, 1, TM_CHANGE_NONE, TM_BASIS_WELCH, false},
};
enum { N_SCENES = sizeof scenes / sizeof *scenes };

static void add_side(struct tm_comparison *c, enum tm_compare_of of, size_t plugin, size_t metric, size_t n, double level,
                     double noise)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(tm_compare_add(c, of, plugin, metric, level * exp(noise * normal())), 0);
}

static void classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SCENES; i++) {
        const struct scene *s = &scenes[i];
        struct tm_comparison c;
        size_t plugin, metric;
        print_message("%s\n", s->name);
        assert_int_equal(tm_comparison_init(&c), 0);
        c.fail_above = 0.1;
        assert_int_equal(tm_compare_add_plugin(&c, "p", &plugin), 0);
        if (!tm_compare_find_metric(&c, s->metric, &metric))
            assert_int_equal(tm_compare_add_metric(&c, s->metric, "u", s->better, &metric), 0);
        c.plugins[plugin].measured[TM_COMPARE_A] = c.plugins[plugin].measured[TM_COMPARE_B] = 1;
        add_side(&c, TM_COMPARE_A, plugin, metric, s->n_a, 100, s->noise);
        add_side(&c, TM_COMPARE_B, plugin, metric, s->n_b, 100 * s->times, s->noise);
        add_side(&c, TM_COMPARE_PAST, plugin, metric, s->past, 100, s->noise);
        assert_int_equal(tm_compare(&c), 0);
        assert_int_equal(c.n_rows, 1);
        const struct tm_compared *row = &c.rows[0];
        assert_string_equal(tm_change_class_name(row->class), tm_change_class_name(s->class));
        assert_string_equal(tm_basis_name(row->basis), tm_basis_name(s->basis));
        assert_int_equal(row->fails, s->fails);
        assert_int_equal(c.failing, s->fails);
        assert_int_equal(c.of[s->class], 1);
        assert_true((row->why != NULL) == (s->class == TM_CHANGE_UNKNOWN));
        assert_true(isnan(row->low) == (s->basis == TM_BASIS_NONE));
        if (!isnan(row->low))
            assert_true(row->low <= row->difference && row->difference <= row->high && row->sees > 0);
        tm_comparison_free(&c);
    }
}

/* A step in the history is no noise: the detector begins a new level there. */
static void history_with_a_step(void **state)
{
    struct tm_comparison c;
    size_t plugin;
    (void)state;
    assert_int_equal(tm_comparison_init(&c), 0);
    assert_int_equal(tm_compare_add_plugin(&c, "p", &plugin), 0);
    add_side(&c, TM_COMPARE_PAST, plugin, 0, 30, 100, 0.01);
    add_side(&c, TM_COMPARE_PAST, plugin, 0, 30, 200, 0.01);
    add_side(&c, TM_COMPARE_A, plugin, 0, 1, 200, 0);
    add_side(&c, TM_COMPARE_B, plugin, 0, 1, 240, 0);
    assert_int_equal(tm_compare(&c), 0);
    assert_int_equal(c.rows[0].class, TM_CHANGE_WORSE);
    assert_true(c.rows[0].change_low > 0.1 && c.rows[0].change_high < 0.3);
    tm_comparison_free(&c);
}

static void clocks_and_wishes(void **state)
{
    struct tm_comparison c;
    size_t plugin, metric;
    (void)state;
    assert_int_equal(tm_comparison_init(&c), 0);
    assert_int_equal(tm_compare_add_plugin(&c, "p", &plugin), 0);
    c.plugins[plugin].clocks_differ = true;
    for (metric = 0; metric < 3; metric++) {
        add_side(&c, TM_COMPARE_A, plugin, metric, 6, 100, 0.01);
        add_side(&c, TM_COMPARE_B, plugin, metric, 6, 200, 0.01);
    }
    c.metrics[2].wanted = false;
    assert_int_equal(tm_compare(&c), 0);
    assert_int_equal(c.n_rows, 2);
    assert_int_equal(c.rows[0].metric, 0);
    assert_int_equal(c.rows[0].class, TM_CHANGE_WORSE);
    assert_string_equal(c.metrics[c.rows[1].metric].rule.name, "cpu_per_call_ms");
    assert_int_equal(c.rows[1].class, TM_CHANGE_UNKNOWN);
    assert_non_null(strstr(c.rows[1].why, "clocks"));
    assert_true(fabs(c.sums[0].geometric_mean - 2) < 0.05 && c.sums[0].both == 1);
    tm_comparison_free(&c);
}

/* Failures are counts: 0 of 1000 and 30 of 1000; and where nights have had such rates before, they are not enough. */
static void failures(void **state)
{
    (void)state;
    for (int known = 0; known < 2; known++) {
        struct tm_comparison c;
        size_t plugin, rate;
        assert_int_equal(tm_comparison_init(&c), 0);
        assert_int_equal(tm_compare_add_plugin(&c, "p", &plugin), 0);
        assert_true(tm_compare_find_metric(&c, "error_rate", &rate));
        c.plugins[plugin].calls[TM_COMPARE_A] = c.plugins[plugin].calls[TM_COMPARE_B] = 1000;
        c.plugins[plugin].errors[TM_COMPARE_B] = 30;
        assert_int_equal(tm_compare_add(&c, TM_COMPARE_A, plugin, rate, 0), 0);
        assert_int_equal(tm_compare_add(&c, TM_COMPARE_B, plugin, rate, 0.03), 0);
        for (int i = 0; i < 20 * known; i++)
            assert_int_equal(tm_compare_add(&c, TM_COMPARE_PAST, plugin, rate, 0.05 * uniform()), 0);
        assert_int_equal(tm_compare(&c), 0);
        assert_int_equal(c.rows[0].basis, known ? TM_BASIS_HISTORY : TM_BASIS_COUNTS);
        assert_int_equal(c.rows[0].class == TM_CHANGE_WORSE, !known);
        assert_true(isnan(c.rows[0].change) && fabs(c.rows[0].difference - 0.03) < 1e-12);
        tm_comparison_free(&c);
    }
}

/* One night against another of thirty plugins, whose noise has the tails of real nights: `changed` of them takes half as long
 * again. Returns the share of false ones among what is told, and counts the change that is found. */
static double false_share_of_night(size_t changed, int *found)
{
    enum { PLUGINS = 30, PAST = 50 };
    struct tm_comparison c;
    size_t told = 0, wrong = 0;
    assert_int_equal(tm_comparison_init(&c), 0);
    for (size_t i = 0; i < PLUGINS; i++) {
        char name[32];
        size_t plugin;
        snprintf(name, sizeof name, "p%zu", i);
        assert_int_equal(tm_compare_add_plugin(&c, name, &plugin), 0);
        for (int j = 0; j < PAST; j++)
            assert_int_equal(tm_compare_add(&c, TM_COMPARE_PAST, plugin, 0, exp(0.02 * heavy())), 0);
        assert_int_equal(tm_compare_add(&c, TM_COMPARE_A, plugin, 0, exp(0.02 * heavy())), 0);
        assert_int_equal(tm_compare_add(&c, TM_COMPARE_B, plugin, 0, exp(0.02 * heavy()) * (i < changed ? 1.5 : 1)), 0);
    }
    assert_int_equal(tm_compare(&c), 0);
    for (size_t i = 0; i < c.n_rows; i++) {
        bool is_told = c.rows[i].q <= c.share;
        told += is_told;
        wrong += is_told && c.rows[i].plugin >= changed;
        *found += is_told && c.rows[i].plugin < changed;
    }
    tm_comparison_free(&c);
    return told ? (double)wrong / (double)told : 0;
}

static void one_night_against_another(void **state)
{
    enum { NIGHTS = 600 };
    (void)state;
    for (size_t changed = 0; changed <= 3; changed += 3) {
        double wrong = 0;
        int found = 0;
        for (int night = 0; night < NIGHTS; night++)
            wrong += false_share_of_night(changed, &found);
        print_message("%zu changed: %.1f %% of what is told is false; %.1f %% are found\n", changed, 100 * wrong / NIGHTS,
                      changed ? 100.0 * found / NIGHTS / (double)changed : 0);
        assert_true(wrong <= 0.068 * NIGHTS); /* 5 %, and twice the error of 600 */
        assert_true(!changed || found >= 0.75 * NIGHTS * (double)changed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes),  cmocka_unit_test(history_with_a_step),       cmocka_unit_test(clocks_and_wishes),
        cmocka_unit_test(failures), cmocka_unit_test(one_night_against_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
