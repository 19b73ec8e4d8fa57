/* tm_gate() of the library: what it tells, what it refuses, and that a refusal changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gate/session.h"
#include "schema/tidemark.h"
#include "store/store.h"

enum { DAY = 86400, START = 1700000000 };

/* Nights 0..n-1 of three plugins; 'slow' takes twice as long from night `from` on. */
static tm_store *make_store(const char *path, int n, int from)
{
    static const char *const names[] = {"calm", "slow", "third"};
    tm_store *store;
    unlink(path);
    assert_int_equal(tm_open(path, TM_CREATE, &store), 0);
    for (int night = 0; night < n; night++) {
        char key[32];
        snprintf(key, sizeof key, "n%02d", night);
        struct tm_run run = {.key = key, .started_at = START + (int64_t)night * DAY, .host = "h"};
        assert_int_equal(tm_run_begin(store, &run), 0);
        for (int i = 0; i < 3; i++) {
            struct tm_profile profile = TM_PROFILE_INIT;
            profile.plugin = names[i];
            profile.calls = 10;
            profile.wall_ns = 1e9 * (1 + 0.01 * ((night * 7 + i) % 5)) * (i == 1 && night >= from ? 2 : 1);
            assert_int_equal(tm_run_add(store, &profile), 0);
        }
        assert_int_equal(tm_run_commit(store, NULL), 0);
    }
    return store;
}

static const struct tm_gate_verdict *find(const tm_gate_result *result, const char *plugin)
{
    for (size_t i = 0; i < tm_gate_count(result); i++)
        if (strcmp(tm_gate_verdict(result, i)->plugin, plugin) == 0)
            return tm_gate_verdict(result, i);
    return NULL;
}

static void tells_a_regression(void **state)
{
    (void)state;
    tm_store *store = make_store("tells.db", 24, 22);
    tm_gate_result *result;
    assert_int_equal(tm_gate(store, NULL, &result), 0);
    tm_close(store); /* a result outlives its store */
    const struct tm_gate_summary *summary = tm_gate_summary(result);
    assert_int_equal(summary->exit_code, TM_GATE_FAIL);
    assert_string_equal(summary->outcome, "fail");
    assert_string_equal(summary->run, "n23");
    assert_int_equal(summary->plugins, 3);
    const struct tm_gate_verdict *slow = find(result, "slow");
    assert_non_null(slow);
    assert_string_equal(slow->verdict, "regressed");
    assert_string_equal(slow->metric, "wall_per_call_ms");
    assert_string_equal(slow->unit, "ms");
    assert_string_equal(slow->since_run, "n22");
    assert_string_equal(slow->last_good_run, "n21");
    assert_true(slow->effect > 0.9 && slow->effect < 1.1 && !slow->effect_is_amount);
    assert_true(slow->evidence > slow->needed);
    assert_null(find(result, "calm")); /* passes only where they are asked for */
    assert_null(tm_gate_verdict(result, tm_gate_count(result)));
    tm_gate_free(result);
}

static void tells_passes_where_asked(void **state)
{
    (void)state;
    tm_store *store = make_store("passes.db", 20, 99);
    struct tm_gate_options options = {.passes = 1};
    tm_gate_result *result;
    assert_int_equal(tm_gate(store, &options, &result), 0);
    assert_int_equal(tm_gate_summary(result)->exit_code, TM_GATE_PASS);
    assert_int_equal(tm_gate_count(result), 3);
    assert_string_equal(find(result, "calm")->verdict, "pass");
    tm_gate_free(result);
    tm_close(store);
}

static void takes_settings_by_name(void **state)
{
    (void)state;
    tm_store *store = make_store("settings.db", 24, 22);
    static const struct tm_setting ignore[] = {{"plugin sl*", "ignore", "yes"}, {"gate", "budget", "0.4"}};
    struct tm_gate_options options = {.settings = ignore, .n_settings = 2};
    tm_gate_result *result;
    assert_int_equal(tm_gate(store, &options, &result), 0);
    assert_int_equal(tm_gate_summary(result)->exit_code, TM_GATE_PASS);
    tm_gate_free(result);
    tm_close(store);
}

static void too_young_is_not_judged(void **state)
{
    (void)state;
    tm_store *store = make_store("young.db", 3, 99);
    static const struct tm_setting allow = {"gate", "allow-unjudged", "yes"};
    struct tm_gate_options options = {.settings = &allow, .n_settings = 1};
    tm_gate_result *result;
    assert_int_equal(tm_gate(store, NULL, &result), 0);
    assert_int_equal(tm_gate_summary(result)->exit_code, TM_GATE_UNJUDGED);
    tm_gate_free(result);
    assert_int_equal(tm_gate(store, &options, &result), 0);
    assert_int_equal(tm_gate_summary(result)->exit_code, TM_GATE_PASS);
    tm_gate_free(result);
    tm_close(store);
}

static const struct refused {
    const char *name;
    struct tm_gate_options options;
    struct tm_setting setting;
    const char *message;
} refused[] = {
    {"an unknown run", {.run = "n99"}, {0}, "no run 'n99' to judge"},
    {"an unknown project", {.project = "web"}, {0}, "there is no run to judge"},
    {"an unknown setting", {0}, {"gate", "bugdet", "1"}, "no setting 'bugdet = 1' in [gate]"},
    {"a bad value", {0}, {"gate", "budget", "-1"}, "no setting 'budget = -1' in [gate]"},
    {"an unknown metric", {0}, {"gate", "metrics", "wall_per_cal_ms"}, "no metric 'wall_per_cal_ms'"},
    {"a setting without a value", {0}, {"gate", "budget", NULL}, "setting 1 lacks its section, name or value"},
    {"a run that is too old", {0}, {"gate", "max-age", "0.0001"}, "days"},
};

static void refuses_and_changes_nothing(void **state)
{
    (void)state;
    tm_store *store = make_store("refuses.db", 12, 99);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct tm_gate_options options = refused[i].options;
        tm_gate_result *result = (tm_gate_result *)&options;
        int64_t judged = -1;
        if (refused[i].setting.section) {
            options.settings = &refused[i].setting;
            options.n_settings = 1;
        }
        print_message("%s\n", refused[i].name);
        assert_int_equal(tm_gate(store, &options, &result), -1);
        assert_null(result);
        assert_non_null(strstr(tm_error(store), refused[i].message));
        assert_int_equal(tm_get(store, &judged, TM_Q_LINEAGES_ANY, ""), 0);
    }
    tm_close(store);
}

/* The gate on two days that were judged in one go, or night by night, says the same. */
static void gates_night_by_night(void **state)
{
    (void)state;
    tm_store *store = make_store("nightly.db", 8, 99);
    tm_gate_result *result;
    for (int night = 8; night < 24; night++) {
        char key[32];
        snprintf(key, sizeof key, "n%02d", night);
        struct tm_run run = {.key = key, .started_at = START + (int64_t)night * DAY, .host = "h"};
        struct tm_profile profile = TM_PROFILE_INIT;
        profile.plugin = "slow";
        profile.calls = 10;
        profile.wall_ns = 1e9 * (1 + 0.01 * ((night * 7 + 1) % 5)) * (night >= 22 ? 2 : 1);
        assert_int_equal(tm_run_begin(store, &run), 0);
        assert_int_equal(tm_run_add(store, &profile), 0);
        assert_int_equal(tm_run_commit(store, NULL), 0);
        assert_int_equal(tm_gate(store, NULL, &result), 0);
        const struct tm_gate_verdict *slow = find(result, "slow");
        assert_true((night == 23) == (slow && strcmp(slow->verdict, "regressed") == 0));
        assert_int_equal(tm_gate_summary(result)->missing, 2);
        tm_gate_free(result);
    }
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_regression),          cmocka_unit_test(tells_passes_where_asked),
        cmocka_unit_test(takes_settings_by_name),      cmocka_unit_test(too_young_is_not_judged),
        cmocka_unit_test(refuses_and_changes_nothing), cmocka_unit_test(gates_night_by_night),
    };
    const char *scratch = getenv("TMPDIR");
    if (scratch && chdir(scratch) != 0)
        return 1;
    return cmocka_run_group_tests_name("gate library", tests, NULL, NULL);
}
