/* What is judged, how metrics become comparable, and which change is too small to mind. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/rules.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

static const struct tm_metric_rule time_rule = {"t", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 0.05, false, false};
static const struct tm_metric_rule growth_rule = {"g",   "KiB", TM_METRIC_GROWTH, 1, false, false, false, false, 0.05, 1,
                                                  false, false};
static const struct tm_metric_rule hits_rule = {"h", "", TM_METRIC_GROWTH, 1e-3, true, false, false, false, 0.05, 0, false, false};
static const struct tm_metric_rule rate_rule = {"r", "", TM_METRIC_RATIO, 0, true, false, false, false, 0.05, 0, false, false};

static void transforms_go_both_ways(void **state)
{
    static const struct {
        const struct tm_metric_rule *rule;
        double least;
    } rows[] = {{&time_rule, 1e-9}, {&growth_rule, -1e6}, {&hits_rule, -1e6}, {&rate_rule, 1e-9}}, *row;
    static const double values[] = {-1e6, -12.5, -1e-3, 0, 3e-7, 1e-6, 0.05, 1, 412.3, 1e6, 1e12};
    const double *value;
    (void)state;
    EACH(row, rows)
    EACH(value, values)
    {
        if (*value < row->least)
            continue;
        double back = tm_from_y(row->rule, tm_to_y(row->rule, *value));
        if (!(fabs(back - *value) <= 1e-9 * fmax(1e-6, fabs(*value))))
            fail_msg("%s: %g comes back as %.17g", row->rule->name, *value, back);
    }
}

static void higher_y_is_worse(void **state)
{
    (void)state;
    assert_true(tm_to_y(&time_rule, 2) > tm_to_y(&time_rule, 1));
    assert_true(tm_to_y(&growth_rule, 2) > tm_to_y(&growth_rule, -1));
    assert_true(tm_to_y(&hits_rule, 2) < tm_to_y(&hits_rule, 1));
    assert_true(tm_to_y(&rate_rule, 2) < tm_to_y(&rate_rule, 1));
    /* factors are differences */
    assert_true(fabs(tm_to_y(&time_rule, 300) - tm_to_y(&time_rule, 200) - log(1.5)) < 1e-12);
    assert_true(fabs(tm_to_y(&time_rule, 0.6e-6) - tm_to_y(&time_rule, 0.3e-6) - log(2)) < 1e-12); /* of 0.3 ns, too */
    assert_true(fabs(tm_to_y(&hits_rule, 200) - tm_to_y(&hits_rule, 300) - log(1.5)) < 1e-9);
    /* zero has a place, too */
    assert_true(isfinite(tm_to_y(&time_rule, 0)) && isfinite(tm_to_y(&rate_rule, 0)));
    assert_true(fabs(tm_to_y(&growth_rule, 0)) < 1e-12);
}

static void small_changes_are_nobodys(void **state)
{
    static const struct {
        const struct tm_metric_rule *rule;
        double level, change; /* the least that counts, in the metric's unit */
    } rows[] =
        {
            {&time_rule, 100, 4},                                                                      /* four fifths of 5 % */
            {&time_rule, 0.1, 0.05},                                                                   /* the floor of 0.05 ms */
            {&time_rule, 0.001, 0.05}, {&growth_rule, 0, 1},                                           /* 1 KiB */
            {&growth_rule, -20, 1},    {&growth_rule, 1000, 40}, {&hits_rule, 90, 3.4615384615384617}, /* down to 90 / 1.04 */
        },
      *row;
    struct tm_rules rules = {.floors = true};
    (void)state;
    EACH(row, rows)
    {
        double y = tm_to_y(row->rule, row->level), side = row->rule->higher_is_better ? -1 : 1;
        double least = side * (tm_from_y(row->rule, y + tm_min_change(&rules, row->rule, y)) - row->level);
        if (!(fabs(least - row->change) < 1e-3 * row->change))
            fail_msg("%s at %g: %.9g, not %.9g", row->rule->name, row->level, least, row->change);
    }
}

static void floors_can_be_off(void **state)
{
    struct tm_rules rules = {.floors = false};
    (void)state;
    assert_true(fabs(tm_min_change(&rules, &time_rule, log(0.001)) - log(1.04)) < 1e-12);
    assert_true(fabs(tm_min_change(&rules, &growth_rule, 0) - log(1.04)) < 1e-12);
}

/* The last rule that matches counts. */
static void plugins_have_rules_of_their_own(void **state)
{
    static const struct tm_plugin_rule special[] = {
        {"*", NULL, 0.1, NAN, false},     {"pdf-*", "t", NAN, 7, false},        {"pdf-writer", NULL, 0.3, NAN, false},
        {"test-*", NULL, NAN, NAN, true}, {"test-[ab]", NULL, NAN, NAN, false}, {"x?", "g", NAN, NAN, true},
    };
    static const struct {
        const char *plugin;
        size_t metric;
        bool judged;
        double min_effect, floor;
    } rows[] =
        {
            {"ocr", 0, true, 0.1, 0.05},     {"pdf-parser", 0, true, 0.1, 7},   {"pdf-parser", 1, true, 0.1, 1},
            {"pdf-writer", 0, true, 0.3, 7}, {"test-run", 0, false, 0.1, 0.05}, {"test-a", 0, true, 0.1, 0.05},
            {"x1", 0, true, 0.1, 0.05},      {"x1", 1, false, 0.1, 1},          {"x12", 1, true, 0.1, 1},
        },
      *row;
    struct tm_metric_rule metrics[] = {time_rule, growth_rule};
    struct tm_rules rules = {.metrics = metrics, .n_metrics = 2, .plugins = special, .n_plugins = 6};
    (void)state;
    EACH(row, rows)
    {
        struct tm_metric_rule rule;
        bool judged = tm_rule_for(&rules, row->plugin, row->metric, &rule);
        if (judged != row->judged || fabs(rule.min_effect - row->min_effect) > 1e-12 || fabs(rule.floor - row->floor) > 1e-12)
            fail_msg("%s, %s: %d, %g, %g", row->plugin, rule.name, judged, rule.min_effect, rule.floor);
    }
}

static void shares_make_up_the_budget(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 1000; n++) {
        double sum = 0;
        for (size_t m = 0; m < n; m++) {
            sum += tm_budget_share(0.5, m, n);
            assert_true(m == 0 || tm_budget_share(0.5, m, n) <= tm_budget_share(0.5, 0, n));
        }
        if (fabs(sum - 0.5) > 1e-12)
            fail_msg("%zu metrics: %g", n, sum);
    }
    assert_true(fabs(tm_budget_share(0.5, 0, 6) - 0.25) < 1e-12);
    assert_true(fabs(tm_budget_share(0.5, 3, 6) - 0.05) < 1e-12);
}

static void known_metrics(void **state)
{
    (void)state;
    assert_string_equal(tm_metrics[0].rule.name, "wall_per_call_ms");
    for (size_t i = 0; i < tm_n_metrics; i++) {
        const struct tm_metric *metric = &tm_metrics[i];
        assert_ptr_equal(tm_metric_named(metric->rule.name), metric);
        assert_true(metric->rule.min_effect > 0 && metric->rule.floor > 0);
        assert_string_not_equal(tm_metric_title(metric->rule.name), metric->rule.name);
        for (size_t k = 0; k < i; k++)
            assert_true(metric->shown == 0 || metric->shown != tm_metrics[k].shown);
    }
    assert_null(tm_metric_named("cache_hits"));
    assert_null(tm_metric_named(""));
    assert_string_equal(tm_metric_title("cache_hits"), "cache_hits");
    assert_int_equal(tm_metric_named("error_rate")->rule.kind, TM_METRIC_ERRORS);
    assert_int_equal(tm_metric_named("calls")->rule.kind, TM_METRIC_CALLS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transforms_go_both_ways),
        cmocka_unit_test(higher_y_is_worse),
        cmocka_unit_test(small_changes_are_nobodys),
        cmocka_unit_test(floors_can_be_off),
        cmocka_unit_test(plugins_have_rules_of_their_own),
        cmocka_unit_test(shares_make_up_the_budget),
        cmocka_unit_test(known_metrics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
