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

/* A text that is gone as soon as the call has returned; the last one is overwritten by the next. */
static const char *passing(const char *text)
{
    static char room[16][64];
    static size_t n;
    return strcpy(room[n++ % 16], text);
}

/* All that a call was given may go when it has returned. */
static void what_is_given_may_go(void **state)
{
    (void)state;
    tm_store *store = open_store("gone.db", TM_CREATE);
    struct tm_run run = {.project = passing("site"),
                         .key = passing("n1"),
                         .started_at = 1795140000,
                         .host = passing("ci"),
                         .branch = passing("dev"),
                         .commit_id = passing("c"),
                         .version = passing("4"),
                         .tool = passing("go")};
    struct tm_reading reading = {passing("hits"), passing("count"), 5, passing("higher")};
    struct tm_profile profile = TM_PROFILE_INIT;
    struct tm_spike spike = {10, 5, 99.5, passing("alpha")};
    profile.plugin = passing("alpha"), profile.wall_ns = 1, profile.clock = passing("thread");
    profile.readings = &reading, profile.n_readings = 1;
    assert_int_equal(tm_run_begin(store, &run), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    assert_int_equal(tm_run_spike(store, &spike), 0);
    for (int i = 0; i < 16; i++)
        passing("gone");
    memset(&run, 0xff, sizeof run), memset(&reading, 0xff, sizeof reading);
    memset(&profile, 0xff, sizeof profile), memset(&spike, 0xff, sizeof spike);
    if (tm_run_commit(store, NULL) != 0)
        fail_msg("%s", tm_error(store));
    assert_int_equal(
        number(store,
               "SELECT count(*) FROM run JOIN project USING (project_id) JOIN host USING (host_id) WHERE project.name = 'site' AND "
               "run.key = 'n1' AND host.key = 'ci' AND branch = 'dev' AND commit_id = 'c' AND version = '4' AND tool = 'go'"),
        1);
    assert_int_equal(number(store, "SELECT count(*) FROM metric WHERE name = 'hits' AND unit = 'count' AND better = 'higher'"), 1);
    assert_int_equal(
        number(store, "SELECT count(*) FROM recording JOIN plugin USING (plugin_id) WHERE name = 'alpha' AND clock = 'thread'"), 1);
    assert_int_equal(number(store, "SELECT count(*) FROM spike JOIN plugin USING (plugin_id) WHERE name = 'alpha'"), 1);
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

static int put_spikes(tm_store *store, size_t n, enum tm_outcome *outcome)
{
    const struct tm_run run = {.key = "n1", .started_at = 1795140000, .host = "ci"};
    const struct tm_spike spike = {10, 5, 99.5, "alpha"};
    struct tm_profile profile = full_profile();
    assert_int_equal(tm_run_begin(store, &run), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(tm_run_spike(store, &spike), 0);
    int result = tm_run_commit(store, outcome);
    tm_run_abort(store);
    return result;
}

/* Spikes are told apart by their number alone. */
static void other_spikes_are_another_run(void **state)
{
    enum tm_outcome outcome;
    (void)state;
    tm_store *store = open_store("spikes.db", TM_CREATE);
    assert_int_equal(put_spikes(store, 2, &outcome), 0);
    assert_int_equal(put_spikes(store, 2, &outcome), 0);
    assert_int_equal(outcome, TM_ALREADY);
    expect_error("a spike more", store, put_spikes(store, 3, &outcome), "other spikes");
    expect_error("none", store, put_spikes(store, 0, &outcome), "other spikes");
    tm_close(store);
}

static int put_mode(tm_store *store, const struct tm_run *run, struct tm_profile *profile, enum tm_put_mode mode)
{
    enum tm_outcome outcome;
    struct tm_run_content content = {.run = *run, .profiles = profile, .n_profiles = 1};
    assert_int_equal(tm_begin(store), 0);
    if (tm_put_run(store, &content, mode, &outcome) == 0)
        return tm_commit(store);
    tm_rollback(store);
    return -1;
}

/* Rows are added to the run that they are of, and a run is no repeat of itself. */
static void what_is_of_another_run(void **state)
{
    struct tm_run run = {.key = "n1", .started_at = 1795140000, .host = "ci", .commit_id = "c1"};
    struct tm_profile profile = full_profile();
    (void)state;
    tm_store *store = open_store("another.db", TM_CREATE);
    assert_int_equal(put_mode(store, &run, &profile, TM_PUT), 0);
    profile.plugin = "beta";
    run.commit_id = "c2";
    expect_error("rows of another commit", store, put_mode(store, &run, &profile, TM_PUT_APPEND), "commit");
    assert_int_equal(tm_put_conflict(store), TM_OTHER_RUN);
    assert_int_equal(number(store, "SELECT count(*) FROM profile"), 1);
    run.commit_id = "c1";
    assert_int_equal(put_mode(store, &run, &profile, TM_PUT_APPEND), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM profile"), 2);
    run.repeat_of = "n1";
    expect_error("a repeat of itself", store, put_mode(store, &run, &profile, TM_PUT_REPLACE), "no such run");
    tm_close(store);
}

/* In one transaction of an empty store, back and forth: names are of their project, and each is there once. */
static void plugins_of_two_projects(void **state)
{
    static const char *const projects[] = {"a", "b", "a", "b"};
    static const char *const keys[] = {"n1", "n1", "n2", "n2"};
    (void)state;
    tm_store *store = open_store("projects.db", TM_CREATE);
    assert_int_equal(tm_begin(store), 0);
    for (size_t i = 0; i < 4; i++) {
        struct tm_run run = {.project = projects[i], .key = keys[i], .started_at = 1795140000 + (int64_t)i, .host = "ci"};
        struct tm_profile profiles[] = {full_profile(), full_profile()};
        enum tm_outcome outcome;
        profiles[1].plugin = i % 2 ? "beta" : "gamma";
        const struct tm_run_content content = {.run = run, .profiles = profiles, .n_profiles = 2};
        assert_int_equal(tm_put_run(store, &content, TM_PUT, &outcome), 0);
    }
    assert_int_equal(tm_commit(store), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM plugin"), 4);
    assert_int_equal(number(store, "SELECT max(plugin_id) FROM plugin"), 4);
    assert_int_equal(number(store, "SELECT count(*) FROM profiles WHERE project = 'b' AND plugin = 'beta'"), 2);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_everything),
        cmocka_unit_test(what_is_given_may_go),
        cmocka_unit_test(defaults),
        cmocka_unit_test(same_rows_are_stored_already),
        cmocka_unit_test(differences_are_in_ms_and_kib),
        cmocka_unit_test(every_difference_is_seen),
        cmocka_unit_test(every_difference_of_a_run_is_seen),
        cmocka_unit_test(other_spikes_are_another_run),
        cmocka_unit_test(what_is_of_another_run),
        cmocka_unit_test(plugins_of_two_projects),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
