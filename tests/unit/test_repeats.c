/* When repeats of one night leave no doubt: each rule of analyze/confirm.h by itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/confirm.h"

/* A level of n values around y = 0, which differ by up to 4 %. */
static struct tm_detector level_of(int n)
{
    struct tm_detector state = {0};
    const struct tm_detector_params params = tm_detector_params_for(1);
    struct tm_detector_result result;
    for (int i = 0; i < n; i++)
        tm_detector_step(&state, &params, 0.02 * (i * 7 % 5 - 2) / 2, 0, &result);
    return state;
}

static const struct {
    const char *name;
    int runs;
    struct tm_measured measured;
    double common, needed;
    bool overwhelms;
} cases[] = {
    {"all far beyond", 40, {4, 0.5, 0.48}, 0, 5, true},
    {"three will do", 40, {3, 0.5, 0.48}, 0, 5, true},
    {"two are too few", 40, {2, 0.5, 0.5}, 0, 5, false},
    {"the past is too short", 11, {4, 0.5, 0.48}, 0, 5, false},
    {"one is usual", 40, {4, 0.5, 0.01}, 0, 5, false},
    {"one is beyond, but within the range's width", 40, {4, 0.055, 0.05}, 0, 1, false},
    {"one has fallen back by half", 40, {4, 1, 0.5}, 0, 5, false},
    {"one has fallen back by a fifth", 40, {4, 1, 0.8}, 0, 5, true},
    {"the run as a whole explains it", 40, {4, 0.5, 0.48}, 0.45, 5, false},
    {"evidence is asked for that one run cannot have", 40, {4, 0.5, 0.48}, 0, 50, false},
};

static void asks_for_all_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tm_detector level = level_of(cases[i].runs);
        if (tm_confirm_overwhelms(&level, &cases[i].measured, cases[i].common, cases[i].needed) != cases[i].overwhelms)
            fail_msg("%s", cases[i].name);
    }
}

/* What it asks changes nothing, and is what a step would find. */
static void suspects_as_a_step_does(void **state)
{
    (void)state;
    const struct tm_detector_params params = tm_detector_params_for(1);
    struct tm_detector level = level_of(40), before = level;
    assert_true(tm_confirm_suspected(&level, &params, 0.5, 0));
    assert_false(tm_confirm_suspected(&level, &params, 0.01, 0));
    assert_false(tm_confirm_suspected(&level, &params, 0.5, 0.49));
    assert_memory_equal(&level, &before, sizeof level);
}

/* The night begins a level, which is open against the old one, and closes when that is back. */
static void begins_a_level(void **state)
{
    (void)state;
    const struct tm_detector_params params = tm_detector_params_for(1);
    struct tm_detector level = level_of(40), before = level;
    struct tm_detector_result result;
    tm_detector_step(&level, &params, 0.5, 0, &result);
    assert_int_equal(result.class, TM_DETECTOR_SUSPECT);
    tm_detector_confirm(&level, &before, &params, 0.5, &result);
    assert_int_equal(result.class, TM_DETECTOR_REGRESSED);
    assert_true(result.open && result.k == 1 && result.since == 1 && level.n_base == 1 && level.n_wait == 0);
    assert_true(fabs(level.old_median - before.median) < 1e-12);
    assert_true(fabs(result.effect - (0.5 - before.median)) < 1e-12);
    for (int i = 0; i < 3; i++)
        tm_detector_step(&level, &params, 0.5 + 0.001 * i, 0, &result);
    assert_true(result.open);
    for (int i = 0; i < 12; i++)
        tm_detector_step(&level, &params, 0.01 * (i % 3), 0, &result);
    assert_false(result.open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(asks_for_all_of_it), cmocka_unit_test(suspects_as_a_step_does),
                                       cmocka_unit_test(begins_a_level)};
    return cmocka_run_group_tests_name("repeats", tests, NULL, NULL);
}
