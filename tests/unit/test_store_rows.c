/* What is kept of a run, and how the same run, given again, is told from another one. */
#include "tests/unit/store_rules.h"

static void stores_everything(void **state)
{
    tm_store *store = open_store("all.db", TM_CREATE);
    struct tm_run run = {
        .project = "site", .key = "n1", .started_at = 1795140000, .host = "ci", .branch = "dev", .commit_id = "c", .version = "4"};
    struct tm_profile profile = full_profile();
    struct tm_spike spikes[] = {{10, 5, 99.5, "alpha"}, {20, 1, 80, NULL}};
    enum tm_outcome outcome = TM_ALREADY;
    (void)state;
    assert_int_equal(tm_run_begin(store, &run), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(tm_run_spike(store, &spikes[i]), 0);
    assert_int_equal(tm_run_commit(store, &outcome), 0);
    assert_int_equal(outcome, TM_STORED);
    assert_int_equal(
        number(store,
               "SELECT count(*) FROM run JOIN project USING (project_id) JOIN host USING (host_id) WHERE project.name = 'site' AND "
               "run.key = 'n1' AND started_at = 1795140000 AND host.key = 'ci' AND branch = 'dev' AND commit_id = 'c' AND version "
               "= '4'"),
        1);
    assert_int_equal(
        number(store,
               "SELECT count(*) FROM profile WHERE calls = 10 AND errors = 1 AND wall_ns = 100 AND cpu_ns = 50 AND "
               "mem_delta_bytes = -5 AND peak_mem_bytes = 1024 AND wall_p50_ns = 9 AND wall_p95_ns = 11 AND wall_p99_ns = 12 AND "
               "wall_max_ns = 13"),
        1);
    assert_int_equal(
        number(store,
               "SELECT count(*) FROM recording WHERE occupied_ns = 60 AND longest_step_ns = 12 AND cancelled = 2 AND timeouts = 0 "
               "AND clock = 'thread' AND plugin_version = '1.2' AND latency = x'54532d61'"),
        1);
    assert_int_equal(number(store, "SELECT count(*) FROM reading JOIN metric USING (metric_id) WHERE (name, unit, value) IN "
                                   "(VALUES ('hits', 'count', 5), ('queue_us', 'us', 7.5))"),
                     2);
    assert_int_equal(
        number(store, "SELECT count(*) FROM spike WHERE (at_ms, duration_ms, cpu_percent) IN (VALUES (10, 5, 99.5), (20, 1, 80))"),
        2);
    assert_int_equal(number(store, "SELECT count(*) FROM spike WHERE plugin_id IS NULL"), 1);
    tm_close(store);
}

static void defaults(void **state)
{
    tm_store *store = open_store("defaults.db", TM_CREATE);
    struct tm_run run = {.key = "n1", .started_at = 0};
    struct tm_profile profile = TM_PROFILE_INIT;
    (void)state;
    profile.plugin = "alpha", profile.wall_ns = 0;
    assert_int_equal(put(store, &run, &profile, 1, NULL), 0);
    assert_int_equal(
        number(
            store,
            "SELECT count(*) FROM profiles WHERE project = 'default' AND branch = 'main' AND host <> '' AND commit_id IS NULL AND "
            "calls = 1 AND coalesce(errors, cpu_ms, mem_delta_kb, peak_mem_kb, wall_p50_ms, wall_max_ms, clock) IS NULL"),
        1);
    assert_int_equal(number(store, "SELECT count(*) FROM recording"), 0);
    assert_int_equal(number(store, "SELECT host.key = 'x' FROM run JOIN host USING (host_id)"), 0);
    tm_close(store);
}

static const struct change changes[] = {
    {"calls", offsetof(struct tm_profile, calls), 'n', 11, NULL},
    {"errors", offsetof(struct tm_profile, errors), 'n', 0, NULL},
    {"errors", offsetof(struct tm_profile, errors), 'n', -1, NULL},
    {"wall_ms", offsetof(struct tm_profile, wall_ns), 'r', 101, NULL},
    {"cpu_ms", offsetof(struct tm_profile, cpu_ns), 'r', 50.000001, NULL},
    {"cpu_ms", offsetof(struct tm_profile, cpu_ns), 'r', NAN, NULL},
    {"mem_delta_kb", offsetof(struct tm_profile, mem_delta_bytes), 'r', 5, NULL},
    {"peak_mem_kb", offsetof(struct tm_profile, peak_mem_bytes), 'r', 0, NULL},
    {"wall_p50_ms", offsetof(struct tm_profile, wall_p50_ns), 'r', 8, NULL},
    {"wall_p95_ms", offsetof(struct tm_profile, wall_p95_ns), 'r', 10, NULL},
    {"wall_p99_ms", offsetof(struct tm_profile, wall_p99_ns), 'r', NAN, NULL},
    {"wall_max_ms", offsetof(struct tm_profile, wall_max_ns), 'r', 14, NULL},
    {"occupied_ms", offsetof(struct tm_profile, occupied_ns), 'r', 61, NULL},
    {"longest_step_ms", offsetof(struct tm_profile, longest_step_ns), 'r', NAN, NULL},
    {"cancelled", offsetof(struct tm_profile, cancelled), 'n', 3, NULL},
    {"timeouts", offsetof(struct tm_profile, timeouts), 'n', -1, NULL},
    {"clock", offsetof(struct tm_profile, clock), 't', 0, "process"},
    {"clock", offsetof(struct tm_profile, clock), 't', 0, NULL},
    {"plugin_version", offsetof(struct tm_profile, plugin_version), 't', 0, "1.3"},
    {"latency", offsetof(struct tm_profile, latency), 't', 0, "TS-b"},
    {"latency", offsetof(struct tm_profile, latency), 't', 0, NULL},
};

static void same_rows_are_stored_already(void **state)
{
    tm_store *store = open_store("same.db", TM_CREATE);
    struct tm_profile two[] = {full_profile(), TM_PROFILE_INIT}, turned[2];
    enum tm_outcome outcome = TM_ALREADY;
    (void)state;
    two[1].plugin = "beta", two[1].wall_ns = 3;
    turned[0] = two[1], turned[1] = two[0];
    assert_int_equal(put(store, &night, two, 2, &outcome), 0);
    assert_int_equal(outcome, TM_STORED);
    uint64_t before = fingerprint("same.db");
    struct tm_run less = {.key = night.key, .started_at = night.started_at};
    assert_int_equal(put(store, &less, turned, 2, &outcome), 0);
    assert_int_equal(outcome, TM_ALREADY);
    assert_int_equal(put(store, &night, two, 2, NULL), 0);
    assert_int_equal(fingerprint("same.db"), before);
    expect_error("fewer", store, put(store, &night, two, 1, NULL), "'beta'");
    expect_error("none", store, put(store, &night, two, 0, NULL), "is stored, but not given");
    tm_close(store);
}

/* In words that the CSV files and the views use, with as many digits as it takes. */
static void differences_are_in_ms_and_kib(void **state)
{
    tm_store *store = open_store("units.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    (void)state;
    profile.wall_ns = 7e6, profile.cpu_ns = 0.1e6, profile.peak_mem_bytes = 2048;
    assert_int_equal(put(store, &night, &profile, 1, NULL), 0);
    profile.wall_ns = 7000001;
    expect_error("wall", store, put(store, &night, &profile, 1, NULL), "has wall_ms 7.000001, stored is 7");
    profile.wall_ns = 7e6, profile.peak_mem_bytes = 1536;
    expect_error("memory", store, put(store, &night, &profile, 1, NULL), "has peak_mem_kb 1.5, stored is 2");
    profile.peak_mem_bytes = NAN;
    expect_error("no memory", store, put(store, &night, &profile, 1, NULL), "has peak_mem_kb none, stored is 2");
    profile.peak_mem_bytes = 2048, profile.cpu_ns = nextafter(0.1e6, 1e6);
    expect_error("the next double", store, put(store, &night, &profile, 1, NULL), "has cpu_ms 0.10000000000000002, stored is 0.1");
    tm_close(store);
}

static void every_difference_is_seen(void **state)
{
    tm_store *store = open_store("differ.db", TM_CREATE);
    struct tm_profile stored = full_profile();
    const struct change *row;
    char message[100];
    (void)state;
    assert_int_equal(put(store, &night, &stored, 1, NULL), 0);
    uint64_t before = fingerprint("differ.db");
    EACH(row, changes)
    {
        struct tm_profile profile = changed_profile(row);
        snprintf(message, sizeof message, row->at == offsetof(struct tm_profile, latency) ? "another latency" : "has %s",
                 row->name);
        expect_error(row->name, store, put(store, &night, &profile, 1, NULL), message);
    }
    struct tm_reading readings[] = {{"hits", "count", 6, NULL}, {"queue_us", "us", 7.5, NULL}, {"more", NULL, 1, NULL}};
    struct tm_profile other = full_profile();
    other.readings = readings;
    expect_error("a reading", store, put(store, &night, &other, 1, NULL), "hits");
    readings[0].value = 5, readings[1].metric = "others";
    expect_error("another reading", store, put(store, &night, &other, 1, NULL), "others");
    readings[1].metric = "queue_us", other.n_readings = 3;
    expect_error("a reading more", store, put(store, &night, &other, 1, NULL), "other metrics");
    other.n_readings = 1;
    expect_error("a reading less", store, put(store, &night, &other, 1, NULL), "other metrics");
    assert_int_equal(fingerprint("differ.db"), before);
    tm_close(store);
}

static const struct run_change run_changes[] = {
    {"start", {.key = "n1", .started_at = 1795140001, .host = "ci"}, "start time"},
    {"host", {.key = "n1", .started_at = 1795140000, .host = "other"}, "host"},
    {"branch", {.key = "n1", .started_at = 1795140000, .branch = "dev"}, "branch"},
    {"commit", {.key = "n1", .started_at = 1795140000, .commit_id = "c"}, "commit"},
    {"version", {.key = "n1", .started_at = 1795140000, .version = "4"}, "version"},
    {"repeat", {.key = "n1", .started_at = 1795140000, .repeat_of = "n0"}, "repeated run"},
    {"itself", {.key = "n2", .started_at = 1, .repeat_of = "n2"}, "no such run"},
    {"repeat of none", {.key = "n2", .started_at = 1, .repeat_of = "n7"}, "no such run"},
    {"repeat of other project", {.project = "site", .key = "n2", .started_at = 1, .repeat_of = "n1"}, "no such run"},
};

static void every_difference_of_a_run_is_seen(void **state)
{
    tm_store *store = open_store("runs.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    const struct run_change *row;
    (void)state;
    struct tm_run zeroth = {.key = "n0", .started_at = 1, .host = "ci"};
    assert_int_equal(put(store, &zeroth, &profile, 1, NULL), 0);
    assert_int_equal(put(store, &night, &profile, 1, NULL), 0);
    uint64_t before = fingerprint("runs.db");
    EACH(row, run_changes)
    expect_error(row->name, store, put(store, &row->run, &profile, 1, NULL), row->message);
    assert_int_equal(fingerprint("runs.db"), before);
    struct tm_run elsewhere = {.project = "site", .key = "n1", .started_at = 5, .host = "laptop"};
    enum tm_outcome outcome;
    assert_int_equal(put(store, &elsewhere, &profile, 1, &outcome), 0);
    assert_int_equal(outcome, TM_STORED);
    assert_int_equal(number(store, "SELECT count(*) FROM plugin WHERE name = 'alpha'"), 2);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_everything),
        cmocka_unit_test(defaults),
        cmocka_unit_test(same_rows_are_stored_already),
        cmocka_unit_test(differences_are_in_ms_and_kib),
        cmocka_unit_test(every_difference_is_seen),
        cmocka_unit_test(every_difference_of_a_run_is_seen),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
