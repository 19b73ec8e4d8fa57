/* Settings by their names: which there are, what is a value of each, and what is refused: nothing that is not understood passes for
 * something else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gate/settings.h"

static struct tm_settings settings;

static const struct {
    const char *section, *name, *value;
    enum tm_setting_fault fault;
} rows[] = {
    {"gate", "budget", "2", TM_SETTING_DONE},
    {"", "budget", "2", TM_SETTING_DONE},
    {"gate", "budget", "0.1%", TM_SETTING_DONE},
    {"gate", "budget", "1000", TM_SETTING_DONE},
    {"gate", "budget", "1000.1", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "0", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "-1", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "nan", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "1e999", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "%", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "1x", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "1%%", TM_SETTING_BAD_VALUE},
    {"gate", "budget", "1 2", TM_SETTING_BAD_VALUE},
    {"gate", "max-age", "1000000", TM_SETTING_DONE},
    {"gate", "max-age", "1000001", TM_SETTING_BAD_VALUE},
    {"gate", "min-effect", "20%", TM_SETTING_DONE},
    {"gate", "min-effect", "101", TM_SETTING_BAD_VALUE},
    {"gate", "strict", "yes", TM_SETTING_DONE},
    {"gate", "strict", "0", TM_SETTING_DONE},
    {"gate", "strict", "on", TM_SETTING_BAD_VALUE},
    {"gate", "strict", "", TM_SETTING_BAD_VALUE},
    {"gate", "metrics", "wall_per_call_ms", TM_SETTING_DONE},
    {"gate", "metrics", " ,\t", TM_SETTING_BAD_VALUE},
    {"gate", "base", "de\tv", TM_SETTING_BAD_VALUE},
    {"gate", "budgets", "2", TM_SETTING_UNKNOWN_NAME},
    {"gates", "budget", "2", TM_SETTING_UNKNOWN_SECTION},
    {"metric", "floor", "2", TM_SETTING_UNKNOWN_SECTION},
    {"metric hits", "floor", "2", TM_SETTING_DONE},
    {"metric hits", "flor", "2", TM_SETTING_UNKNOWN_NAME},
    {"metric hits", "better", "higher", TM_SETTING_DONE},
    {"metric hits", "better", "up", TM_SETTING_BAD_VALUE},
    {"metric error_rate", "run-wide", "yes", TM_SETTING_BAD_VALUE},
    {"metric hits", "run-wide", "yes", TM_SETTING_DONE},
    {"plugin a*", "min-effect", "1", TM_SETTING_DONE},
    {"plugin a*", "ignore", "yes", TM_SETTING_DONE},
    {"plugin a*", "ignores", "yes", TM_SETTING_UNKNOWN_NAME},
    {"plugins", "ignore", "yes", TM_SETTING_UNKNOWN_SECTION},
};

static void what_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum tm_setting_fault fault = tm_settings_set(&settings, rows[i].section, rows[i].name, rows[i].value);
        if (fault != rows[i].fault)
            fail_msg("[%s] %s = '%s': fault %d, should be %d", rows[i].section, rows[i].name, rows[i].value, (int)fault,
                     (int)rows[i].fault);
    }
}

/* What is refused changes nothing. */
static void what_is_refused_is_not_taken(void **state)
{
    (void)state;
    assert_int_equal(tm_settings_set(&settings, "gate", "budget", "7"), TM_SETTING_DONE);
    assert_int_equal(tm_settings_set(&settings, "gate", "budget", "2000"), TM_SETTING_BAD_VALUE);
    assert_true(settings.rules.budget > 6.9 && settings.rules.budget < 7.1);
    assert_int_equal(tm_settings_set(&settings, "gate", "strict", "yes"), TM_SETTING_DONE);
    assert_int_equal(tm_settings_set(&settings, "gate", "strict", "perhaps"), TM_SETTING_BAD_VALUE);
    assert_true(settings.strictness.strict);
    assert_string_equal(settings.given, "gate\tbudget\t7\ngate\tstrict\tyes\n");
}

/* So many metrics may have limits, each as many as it likes. */
static void limited_metrics_have_a_most(void **state)
{
    char name[64];
    (void)state;
    for (int again = 0; again < 2; again++)
        for (int i = 0; i < TM_LIMITED_METRICS; i++) {
            snprintf(name, sizeof name, "limit m%d", i);
            assert_int_equal(tm_settings_set(&settings, "plugin p", name, "7"), TM_SETTING_DONE);
            assert_int_equal(settings.limits[settings.rules.n_limits - 1].place, i);
        }
    assert_int_equal(tm_settings_set(&settings, "plugin p", "limit m64", "7"), TM_SETTING_TOO_MANY);
}

/* There is room for so many rules for plugins, and no more; for metrics always. */
static void rules_have_a_most(void **state)
{
    char section[64];
    (void)state;
    for (int i = 0; i < TM_PLUGIN_RULES_MAX; i++) {
        snprintf(section, sizeof section, "plugin p%d", i);
        assert_int_equal(tm_settings_set(&settings, section, "ignore", "yes"), TM_SETTING_DONE);
    }
    assert_int_equal(tm_settings_set(&settings, section, "min-effect", "1"), TM_SETTING_DONE); /* of the last one, still */
    assert_int_equal(tm_settings_set(&settings, "plugin q", "ignore", "yes"), TM_SETTING_TOO_MANY);
    assert_int_equal(settings.rules.n_plugins, TM_PLUGIN_RULES_MAX);
    size_t before = settings.rules.n_metrics;
    for (int i = 0; i < 1000; i++) {
        snprintf(section, sizeof section, "metric m%d", i);
        assert_int_equal(tm_settings_set(&settings, section, "floor", "1"), TM_SETTING_DONE);
    }
    assert_int_equal(settings.rules.n_metrics, before + 1000);
}

/* Lines of another version's are not half understood. */
static void lines(void **state)
{
    (void)state;
    assert_int_equal(tm_settings_set_lines(&settings, "gate\tbudget\t3\nplugin a\tignore\tyes\n"), TM_SETTING_DONE);
    assert_int_equal(settings.rules.n_plugins, 1);
    assert_int_equal(tm_settings_set_lines(&settings, "gate\tbudget\t3\ngate\tcolour\tred\n"), TM_SETTING_BAD_VALUE);
    assert_int_equal(tm_settings_set_lines(&settings, "weather\tbudget\t3\n"), TM_SETTING_BAD_VALUE);
    assert_int_equal(tm_settings_set_lines(&settings, "gate\tbudget\n"), TM_SETTING_BAD_VALUE);
}

static int begin(void **state)
{
    (void)state;
    return tm_settings_init(&settings) == TM_SETTING_DONE ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    tm_settings_free(&settings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_understood, begin, end),
        cmocka_unit_test_setup_teardown(what_is_refused_is_not_taken, begin, end),
        cmocka_unit_test_setup_teardown(limited_metrics_have_a_most, begin, end),
        cmocka_unit_test_setup_teardown(rules_have_a_most, begin, end),
        cmocka_unit_test_setup_teardown(lines, begin, end),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
