/* Which budget and which least change are recommended. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/advice.h"

static void advice_needs_enough_to_rest_on(void **state)
{
    static const struct {
        int64_t judged, closed;
        double budget;
        bool enough;
    } cases[] = {{0, 0, 0.5, false},     {9999, 4, 0.5, false}, {10000, 0, 0.5, true}, {100, 5, 0.5, true},
                 {49999, 0, 0.1, false}, {50000, 0, 0.1, true}, {100, 4, 0.5, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (tm_enough_to_advise(cases[i].judged, cases[i].closed, cases[i].budget) != cases[i].enough)
            fail_msg("%d judged, %d closed, budget %g", (int)cases[i].judged, (int)cases[i].closed, cases[i].budget);
}

static void budgets_go_down_to_the_smallest(void **state)
{
    static const double wanted[] = {5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0};
    double budget = 1000;
    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        budget = tm_lower_budget(budget);
        assert_true(budget == wanted[i]);
    }
    assert_true(tm_lower_budget(0.3) == 0.2);
    assert_true(tm_lower_budget(0.01) == 0);
}

/* So many alarms of each kind, and their effect. */
static const struct {
    const char *name;
    struct {
        size_t n;
        enum tm_fate fate;
        double effect;
    } groups[4];
    double advice;
} rows[] = {
    {"no alarm", {{0}}, 0},
    {"too few that closed", {{4, TM_FATE_CLOSED, 0.05}}, 0},
    {"small ones that closed", {{5, TM_FATE_CLOSED, 0.05}, {10, TM_FATE_LASTED, 0.5}}, 0.075},
    {"larger ones need a larger bound", {{5, TM_FATE_CLOSED, 0.07}, {10, TM_FATE_LASTED, 0.5}}, 0.1},
    {"half is not most", {{5, TM_FATE_CLOSED, 0.05}, {5, TM_FATE_CLOSED, 0.13}, {10, TM_FATE_LASTED, 0.5}}, 0.2},
    {"a tenth of the others may be held back",
     {{5, TM_FATE_CLOSED, 0.05}, {9, TM_FATE_LASTED, 0.5}, {1, TM_FATE_DECIDED, 0.05}},
     0.075},
    {"not more", {{5, TM_FATE_CLOSED, 0.05}, {8, TM_FATE_LASTED, 0.5}, {1, TM_FATE_DECIDED, 0.05}}, 0},
    {"large ones that closed", {{5, TM_FATE_CLOSED, 2}, {10, TM_FATE_LASTED, 0.5}}, 0},
    {"a change for the worse may be one downwards", {{5, TM_FATE_CLOSED, -0.05}, {10, TM_FATE_LASTED, -0.5}}, 0.075},
    {"amounts and young ones say nothing", {{5, TM_FATE_CLOSED, NAN}, {4, TM_FATE_CLOSED, 0.05}, {9, TM_FATE_YOUNG, 0.05}}, 0},
};

static void the_least_change_tells_false_ones_from_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm_alarm_fate fates[64];
        size_t n = 0;
        for (size_t g = 0; g < 4; g++)
            for (size_t k = 0; k < rows[i].groups[g].n; k++)
                fates[n++] = (struct tm_alarm_fate){rows[i].groups[g].fate, rows[i].groups[g].effect};
        if (fabs(tm_advised_min_effect(fates, n) - rows[i].advice) > 1e-12)
            fail_msg("%s: %g", rows[i].name, tm_advised_min_effect(fates, n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_needs_enough_to_rest_on),
        cmocka_unit_test(budgets_go_down_to_the_smallest),
        cmocka_unit_test(the_least_change_tells_false_ones_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
