/* The exit rule as a table: what fails a run, what leaves it unjudged, and what each strictness adds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/outcome.h"

static const struct {
    const char *name;
    struct tm_tally tally;
    enum tm_gate_exit plain, strict, unjudged; /* by no wish, --strict, --allow-unjudged */
} rows[] = {
    {"all pass", {.plugins = 2, .judged = 2, .passed = 2}, TM_GATE_PASS, TM_GATE_PASS, TM_GATE_PASS},
    {"regressed", {.plugins = 2, .judged = 2, .of = {[TM_REGRESSED] = 1}}, TM_GATE_FAIL, TM_GATE_FAIL, TM_GATE_FAIL},
    {"open", {.plugins = 2, .judged = 2, .of = {[TM_OPEN] = 1}}, TM_GATE_FAIL, TM_GATE_FAIL, TM_GATE_FAIL},
    {"missing", {.plugins = 2, .judged = 2, .of = {[TM_MISSING] = 1}}, TM_GATE_FAIL, TM_GATE_FAIL, TM_GATE_FAIL},
    {"missing, and nothing judged", {.plugins = 2, .of = {[TM_MISSING] = 1}}, TM_GATE_FAIL, TM_GATE_FAIL, TM_GATE_FAIL},
    {"run-wide", {.plugins = 2, .judged = 2, .passed = 2, .run_wide = true}, TM_GATE_FAIL, TM_GATE_FAIL, TM_GATE_FAIL},
    {"suspect", {.plugins = 2, .judged = 2, .of = {[TM_SUSPECT] = 1}}, TM_GATE_PASS, TM_GATE_FAIL, TM_GATE_PASS},
    {"slow for all", {.plugins = 2, .judged = 2, .passed = 2, .slow = true}, TM_GATE_PASS, TM_GATE_FAIL, TM_GATE_PASS},
    {"waived", {.plugins = 1, .judged = 1, .of = {[TM_WAIVED] = 1}}, TM_GATE_PASS, TM_GATE_PASS, TM_GATE_PASS},
    {"retired", {.plugins = 1, .judged = 1, .of = {[TM_RETIRED] = 1}}, TM_GATE_PASS, TM_GATE_PASS, TM_GATE_PASS},
    {"improved", {.plugins = 1, .judged = 1, .of = {[TM_IMPROVED] = 1}}, TM_GATE_PASS, TM_GATE_PASS, TM_GATE_PASS},
    {"nothing judged", {.plugins = 2}, TM_GATE_UNJUDGED, TM_GATE_UNJUDGED, TM_GATE_PASS},
    {"judged in part", {.plugins = 2, .partly = 1}, TM_GATE_PASS, TM_GATE_PASS, TM_GATE_PASS},
    {"no plugin", {.plugins = 0}, TM_GATE_FAIL, TM_GATE_FAIL, TM_GATE_FAIL},
};

static void is(const char *name, const char *wish, enum tm_gate_exit found, enum tm_gate_exit expected)
{
    if (found != expected)
        fail_msg("%s%s: %s, should be %s", name, wish, tm_outcome_name(found), tm_outcome_name(expected));
}

static void what_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        is(rows[i].name, "", tm_outcome(&rows[i].tally, &(struct tm_strictness){0}), rows[i].plain);
        is(rows[i].name, ", strict", tm_outcome(&rows[i].tally, &(struct tm_strictness){.strict = true}), rows[i].strict);
        is(rows[i].name, ", unjudged allowed", tm_outcome(&rows[i].tally, &(struct tm_strictness){.allow_unjudged = true}),
           rows[i].unjudged);
    }
}

/* One extreme night fails where that is wished, and nothing else is turned by it. */
static void extremes(void **state)
{
    const struct tm_strictness plain = {0}, extreme = {.extreme_fails = true};
    (void)state;
    assert_int_equal(tm_reported_class(TM_SUSPECT, "extreme", &extreme), TM_REGRESSED);
    assert_int_equal(tm_reported_class(TM_SUSPECT, "extreme", &plain), TM_SUSPECT);
    assert_int_equal(tm_reported_class(TM_SUSPECT, "step", &extreme), TM_SUSPECT);
    assert_int_equal(tm_reported_class(TM_SUSPECT, NULL, &extreme), TM_SUSPECT);
}

/* Each reason once, with how many; beyond the most there are, none. */
static void reasons_are_counted(void **state)
{
    static const char *const whys[] = {"a", "b", "a", "c", "d", "e", "a"};
    struct tm_tally tally = {0};
    (void)state;
    for (size_t i = 0; i < sizeof whys / sizeof *whys; i++)
        tm_tally_reason(&tally, whys[i]);
    assert_int_equal(tally.n_reasons, TM_REASONS_MOST);
    assert_string_equal(tally.reasons[0].why, "a");
    assert_int_equal(tally.reasons[0].plugins, 3);
    assert_string_equal(tally.reasons[3].why, "d");
    assert_int_equal(tally.reasons[3].plugins, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fails),
        cmocka_unit_test(extremes),
        cmocka_unit_test(reasons_are_counted),
    };
    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
