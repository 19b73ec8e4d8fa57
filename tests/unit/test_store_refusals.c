/* Values that may not be stored: each is named, and leaves the store as it was. */
#include "tests/unit/store_rules.h"

static char long_name[TM_NAME_MAX + 2];
static const struct tm_reading nameless[] = {{NULL, NULL, 1, NULL}}, empty_name[] = {{"", NULL, 1, NULL}},
                               nan_reading[] = {{"hits", NULL, NAN, NULL}}, infinite[] = {{"hits", NULL, -INFINITY, NULL}},
                               bad_name[] = {{"a\x1b", NULL, 1, NULL}}, bad_unit[] = {{"hits", "m\ns", 1, NULL}},
                               twice[] = {{"hits", NULL, 1, NULL}, {"hits", NULL, 2, NULL}};

#define REAL(member, value, message)                                                                                               \
    {                                                                                                                              \
#member " " #value, {#member, offsetof(struct tm_profile, member), 'r', value, NULL }, NULL, 0, message                    \
    }
#define COUNT(member, value, message)                                                                                              \
    {                                                                                                                              \
#member " " #value, {#member, offsetof(struct tm_profile, member), 'n', value, NULL }, NULL, 0, message                    \
    }
#define TEXT(member, name, text, message)                                                                                          \
    {                                                                                                                              \
        name, {#member, offsetof(struct tm_profile, member), 't', 0, text}, NULL, 0, message                                       \
    }
#define READINGS(name, readings, message)                                                                                          \
    {                                                                                                                              \
        name, {"calls", offsetof(struct tm_profile, calls), 'n', 10, NULL}, readings, sizeof readings / sizeof *readings, message  \
    }

static const struct bad_profile {
    const char *name;
    struct change change;
    const struct tm_reading *readings;
    size_t n_readings;
    const char *message;
} bad_profiles[] = {
    COUNT(calls, -1, "calls"),
    COUNT(calls, INT64_MIN, "calls"),
    COUNT(errors, -2, "errors"),
    COUNT(errors, 11, "more than calls"),
    COUNT(cancelled, -2, "cancelled"),
    COUNT(timeouts, -5, "timeouts"),
    REAL(wall_ns, INFINITY, "wall_ns is not finite"),
    REAL(wall_ns, -1, "wall_ns is negative"),
    REAL(cpu_ns, INFINITY, "cpu_ns is not finite"),
    REAL(cpu_ns, -1e-300, "cpu_ns is negative"),
    REAL(mem_delta_bytes, INFINITY, "mem_delta_bytes is not finite"),
    REAL(mem_delta_bytes, -INFINITY, "mem_delta_bytes is not finite"),
    REAL(peak_mem_bytes, -1, "peak_mem_bytes is negative"),
    REAL(wall_p50_ns, -1, "wall_p50_ns is negative"),
    REAL(wall_p95_ns, INFINITY, "wall_p95_ns is not finite"),
    REAL(wall_p99_ns, -1, "wall_p99_ns is negative"),
    REAL(wall_max_ns, INFINITY, "wall_max_ns is not finite"),
    REAL(occupied_ns, -1, "occupied_ns is negative"),
    REAL(longest_step_ns, INFINITY, "longest_step_ns is not finite"),
    TEXT(plugin, "no plugin", NULL, "missing"),
    TEXT(plugin, "empty plugin", "", "is empty"),
    TEXT(plugin, "long plugin", long_name, "longer than 1024 bytes"),
    TEXT(plugin, "plugin with a line end", "a\nb", "control character"),
    TEXT(plugin, "plugin with U+0085", "a\xc2\x85", "control character"),
    TEXT(plugin, "plugin of broken UTF-8", "a\xff", "not valid UTF-8"),
    TEXT(clock, "clock with a line end", "a\nb", "control character"),
    TEXT(clock, "clock of broken UTF-8", "\xc3", "not valid UTF-8"),
    TEXT(plugin_version, "version with an escape", "\x1b[1m", "control character"),
    TEXT(plugin_version, "long version", long_name, "longer than 1024 bytes"),
    READINGS("metric without a name", nameless, "missing"),
    READINGS("empty metric", empty_name, "is empty"),
    READINGS("metric with an escape", bad_name, "control character"),
    READINGS("unit with a line end", bad_unit, "control character"),
    READINGS("metric of NaN", nan_reading, "not finite"),
    READINGS("infinite metric", infinite, "not finite"),
    READINGS("metric twice", twice, "hits"),
};

/* A profile that says nothing but how often it was called is none. */
static void nothing_measured_is_refused(void **state)
{
    tm_store *store = open_store("empty.db", TM_CREATE);
    struct tm_profile profile = TM_PROFILE_INIT;
    (void)state;
    profile.plugin = "alpha";
    profile.calls = 3;
    expect_error("nothing measured", store, put(store, &night, &profile, 1, NULL), "every measurement is missing");
    profile.errors = 0;
    assert_int_equal(put(store, &night, &profile, 1, NULL), 0);
    tm_close(store);
}

static void bad_profiles_are_refused(void **state)
{
    tm_store *store = open_store("bad.db", TM_CREATE);
    const struct bad_profile *row;
    int failures = 0;
    (void)state;
    memset(long_name, 'x', sizeof long_name - 1);
    uint64_t before = fingerprint("bad.db");
    EACH(row, bad_profiles)
    {
        struct tm_profile profiles[] = {full_profile(), changed_profile(&row->change)};
        if (row->readings)
            profiles[1].readings = row->readings, profiles[1].n_readings = row->n_readings;
        profiles[0].plugin = "sound";
        int result = put(store, &night, profiles, 2, NULL);
        if (result != -1 || !strstr(tm_error(store), row->message) || fingerprint("bad.db") != before) {
            print_message("%s: returned %d, message '%s', expected one with '%s'\n", row->name, result,
                          result ? tm_error(store) : "", row->message);
            failures++;
        }
        before = fingerprint("bad.db");
        if (result == 0 && tm_remove_run(store, NULL, "n1") == 0)
            before = fingerprint("bad.db");
    }
    assert_int_equal(failures, 0);
    struct tm_profile both[] = {full_profile(), full_profile()};
    expect_error("plugin twice", store, put(store, &night, both, 2, NULL), "twice");
    assert_int_equal(number(store, "SELECT count(*) FROM run"), 0);
    tm_close(store);
}

static const struct run_change bad_runs[] = {
    {"no key", {.started_at = 1}, "needs a key"},
    {"empty key", {.key = ""}, "is empty"},
    {"long key", {.key = long_name}, "longer than 1024 bytes"},
    {"key with a line end", {.key = "a\nb"}, "control character"},
    {"empty project", {.key = "n", .project = ""}, "is empty"},
    {"host with an escape", {.key = "n", .host = "\x1b"}, "control character"},
    {"branch of broken UTF-8", {.key = "n", .branch = "\xff"}, "not valid UTF-8"},
    {"empty branch", {.key = "n", .branch = ""}, "is empty"},
    {"commit with a tab", {.key = "n", .commit_id = "a\tb"}, "control character"},
    {"version with U+007F", {.key = "n", .version = "\x7f"}, "control character"},
};

static void bad_runs_are_refused(void **state)
{
    tm_store *store = open_store("badrun.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    const struct run_change *row;
    (void)state;
    memset(long_name, 'x', sizeof long_name - 1);
    uint64_t before = fingerprint("badrun.db");
    EACH(row, bad_runs)
    expect_error(row->name, store, put(store, &row->run, &profile, 1, NULL), row->message);
    assert_int_equal(fingerprint("badrun.db"), before);
    tm_close(store);
}

static const struct {
    const char *name;
    struct tm_spike spike;
} bad_spikes[] = {
    {"no time", {NAN, 1, 90, NULL}},
    {"time before the run", {-1, 1, 90, NULL}},
    {"infinite time", {INFINITY, 1, 90, NULL}},
    {"negative duration", {1, -1, 90, NULL}},
    {"infinite duration", {1, INFINITY, 90, NULL}},
    {"no percentage", {1, 1, NAN, NULL}},
    {"negative percentage", {1, 1, -1, NULL}},
    {"plugin with a line end", {1, 1, 90, "a\nb"}},
    {"empty plugin", {1, 1, 90, ""}},
    {"plugin that did not run", {1, 1, 90, "stranger"}},
};

static void bad_spikes_are_refused(void **state)
{
    tm_store *store = open_store("spikes.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    int failures = 0;
    (void)state;
    for (size_t i = 0; i < sizeof bad_spikes / sizeof *bad_spikes; i++) {
        assert_int_equal(tm_run_begin(store, &night), 0);
        assert_int_equal(tm_run_add(store, &profile), 0);
        if (tm_run_spike(store, &bad_spikes[i].spike) == 0 && tm_run_commit(store, NULL) == 0) {
            print_message("%s: was stored\n", bad_spikes[i].name);
            failures++;
            assert_int_equal(tm_remove_run(store, NULL, "n1"), 0);
        }
        tm_run_abort(store);
    }
    assert_int_equal(failures, 0);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_measured_is_refused),
        cmocka_unit_test(bad_profiles_are_refused),
        cmocka_unit_test(bad_runs_are_refused),
        cmocka_unit_test(bad_spikes_are_refused),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
