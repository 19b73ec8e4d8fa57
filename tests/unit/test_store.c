/* The store through its C interfaces: what is refused, what is compared, and what is kept. */
#include "tests/unit/fixture.h"

#include <time.h>

static void write_file(const char *name, const char *bytes, size_t size)
{
    FILE *out = fopen(file(name), "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

/* FNV-1a of a file's bytes, 0 if there is none. */
static uint64_t fingerprint(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    FILE *in = fopen(file(name), "r");
    for (int c; in && (c = getc(in)) != EOF;)
        hash = (hash ^ (unsigned)c) * 0x100000001b3u;
    return in ? fclose(in), hash : 0;
}

static void execute(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

static int64_t number(tm_store *store, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(tm_sqlite_db(store), sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(tm_sqlite_db(store)));
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static void expect_error(const char *row, tm_store *store, int result, const char *message)
{
    if (result != -1 || !strstr(tm_error(store), message))
        fail_msg("%s: returned %d, message '%s', expected one with '%s'", row, result, result ? tm_error(store) : "", message);
}

static const struct tm_run night = {.key = "n1", .started_at = 1795140000, .host = "ci"};

/* ---- opening ---- */

static void make_text(const char *name)
{
    write_file(name, "plugin,wall_ms\nalpha,1\n", 23);
}

static void make_noise(const char *name)
{
    char bytes[20000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    write_file(name, bytes, sizeof bytes);
}

static void make_empty(const char *name)
{
    write_file(name, "", 0);
}

static void make_with(const char *name, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file(name), &db), SQLITE_OK);
    execute(db, sql);
    sqlite3_close(db);
}

static void make_foreign(const char *name)
{
    make_with(name, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
}

static void make_foreign_id(const char *name)
{
    make_with(name, "CREATE TABLE run (x); PRAGMA application_id = 1234; PRAGMA user_version = 1");
}

static void make_foreign_empty(const char *name)
{
    make_with(name, "PRAGMA application_id = 1234");
}

static void make_newer(const char *name)
{
    tm_close(open_store(name, TM_CREATE));
    make_with(name, "PRAGMA user_version = 1000");
}

static void make_directory(const char *name)
{
    assert_int_equal(mkdir(file(name), 0777), 0);
}

static void make_nothing(const char *name)
{
    (void)name;
}

static const struct refusal {
    const char *name;
    void (*make)(const char *name);
    unsigned flags[3];
    int n_flags;
    const char *message;
} refusals[] = {
    {"text", make_text, {TM_CREATE, 0, TM_READONLY}, 3, "not a Tidemark store"},
    {"noise", make_noise, {TM_CREATE, 0, TM_READONLY}, 3, "not a Tidemark store"},
    {"foreign", make_foreign, {TM_CREATE, 0, TM_READONLY}, 3, "another program's database"},
    {"foreign_id", make_foreign_id, {TM_CREATE, 0, TM_READONLY}, 3, "another program's database"},
    {"foreign_empty", make_foreign_empty, {TM_CREATE, 0, TM_READONLY}, 3, "another program's database"},
    {"newer", make_newer, {TM_CREATE, 0, TM_READONLY}, 3, "newer Tidemark"},
    {"directory", make_directory, {TM_CREATE, 0, TM_READONLY}, 3, "cannot open"},
    {"empty", make_empty, {0, TM_READONLY}, 2, "an empty database"},
    {"missing", make_nothing, {0, TM_READONLY}, 2, "no store at"},
};

static void refuses_and_leaves_alone(void **state)
{
    const struct refusal *row;
    (void)state;
    EACH(row, refusals)
    {
        row->make(row->name);
        uint64_t before = fingerprint(row->name);
        for (int i = 0; i < row->n_flags; i++) {
            tm_store *store;
            int result = tm_open(file(row->name), row->flags[i], &store);
            expect_error(row->name, store, result, row->message);
            if (row->make != make_directory && !strstr(tm_error(store), row->name))
                fail_msg("%s: the message '%s' does not name the file", row->name, tm_error(store));
            tm_close(store);
            if (fingerprint(row->name) != before)
                fail_msg("%s: the file was altered", row->name);
        }
    }
    assert_int_equal(access(file("missing"), F_OK), -1);
}

/* Root may read everything, so it is somebody else for a while. */
static void refuses_what_it_may_not_read(void **state)
{
    enum { NOBODY = 65534 };
    uid_t me = geteuid();
    tm_store *store;
    (void)state;
    tm_close(open_store("locked.db", TM_CREATE));
    assert_int_equal(chmod(file("locked.db"), 0), 0);
    if (me == 0 && seteuid(NOBODY) != 0)
        return;
    int result = tm_open(file("locked.db"), TM_READONLY, &store);
    assert_int_equal(seteuid(me), 0);
    expect_error("unreadable", store, result, "locked.db");
    tm_close(store);
}

static void opens_again(void **state)
{
    (void)state;
    make_empty("again.db");
    tm_close(open_store("again.db", TM_CREATE));
    uint64_t before = fingerprint("again.db");
    for (unsigned flags = 0; flags <= (TM_CREATE | TM_READONLY); flags++)
        tm_close(open_store("again.db", flags));
    assert_int_equal(fingerprint("again.db"), before);
    tm_close(NULL);
}

static void readers_cannot_write(void **state)
{
    (void)state;
    tm_close(open_store("reader.db", TM_CREATE));
    uint64_t before = fingerprint("reader.db");
    tm_store *store = open_store("reader.db", TM_READONLY);
    struct tm_profile profile = full_profile();
    expect_error("put", store, put(store, &night, &profile, 1, NULL), "readonly");
    expect_error("remove", store, tm_remove_run(store, NULL, "n1"), "");
    tm_close(store);
    assert_int_equal(fingerprint("reader.db"), before);
}

/* ---- one run ---- */

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

/* A member of the full profile, and another value for it. */
static const struct change {
    const char *name;
    size_t at;
    char type; /* n count, r real, t text */
    double value;
    const char *text;
} changes[] = {
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

static struct tm_profile changed_profile(const struct change *change)
{
    struct tm_profile profile = full_profile();
    char *at = (char *)&profile + change->at;
    if (change->type == 'n')
        *(int64_t *)at = (int64_t)change->value;
    else if (change->type == 'r')
        *(double *)at = change->value;
    else
        *(const char **)at = change->text;
    return profile;
}

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
    struct tm_reading readings[] = {{"hits", "count", 6}, {"queue_us", "us", 7.5}, {"more", NULL, 1}};
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

static const struct run_change {
    const char *name;
    struct tm_run run;
    const char *message;
} run_changes[] = {
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

/* ---- what may not be stored ---- */

static char long_name[TM_NAME_MAX + 2];
static const struct tm_reading nameless[] = {{NULL, NULL, 1}}, empty_name[] = {{"", NULL, 1}},
                               nan_reading[] = {{"hits", NULL, NAN}}, infinite[] = {{"hits", NULL, -INFINITY}},
                               bad_name[] = {{"a\x1b", NULL, 1}}, bad_unit[] = {{"hits", "m\ns", 1}},
                               twice[] = {{"hits", NULL, 1}, {"hits", NULL, 2}};

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
    REAL(wall_ns, NAN, "wall_ns is missing"),
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

/* ---- how calls follow one another ---- */

static void misuse_is_an_error(void **state)
{
    tm_store *store = open_store("misuse.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    struct tm_spike spike = {1, 1, 90, NULL};
    (void)state;
    expect_error("add before begin", store, tm_run_add(store, &profile), "no run was begun");
    expect_error("spike before begin", store, tm_run_spike(store, &spike), "no run was begun");
    expect_error("commit before begin", store, tm_run_commit(store, NULL), "no run was begun");
    tm_run_abort(store);
    assert_int_equal(tm_run_begin(store, &night), 0);
    expect_error("begin twice", store, tm_run_begin(store, &night), "'n1' is not committed yet");
    tm_run_abort(store);
    assert_int_equal(tm_run_begin(store, &night), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    assert_int_equal(tm_run_commit(store, NULL), 0);
    expect_error("commit twice", store, tm_run_commit(store, NULL), "no run was begun");
    expect_error("store commit without begin", store, tm_commit(store), "no transaction");
    struct tm_run_content content = {.run = night, .profiles = &profile, .n_profiles = 1};
    enum tm_outcome outcome;
    expect_error("put without begin", store, tm_put_run(store, &content, TM_PUT, &outcome), "no transaction");
    assert_int_equal(tm_begin(store), 0);
    expect_error("two transactions", store, tm_begin(store), "open already");
    tm_rollback(store);
    tm_rollback(store);
    tm_close(store);
}

static void closing_aborts(void **state)
{
    tm_store *store = open_store("closing.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    (void)state;
    uint64_t before = fingerprint("closing.db");
    assert_int_equal(tm_run_begin(store, &night), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    tm_close(store);
    assert_int_equal(fingerprint("closing.db"), before);
}

static void texts_are_copied(void **state)
{
    tm_store *store = open_store("copies.db", TM_CREATE);
    char key[] = "n1", plugin[] = "alpha", metric[] = "hits", blob[] = "TS";
    struct tm_reading reading = {metric, NULL, 1};
    struct tm_run run = {.key = key, .started_at = 1, .host = key};
    struct tm_profile profile = TM_PROFILE_INIT;
    (void)state;
    profile.plugin = plugin, profile.wall_ns = 1, profile.readings = &reading, profile.n_readings = 1, profile.latency = blob,
    profile.latency_size = 2;
    assert_int_equal(tm_run_begin(store, &run), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    char *const texts[] = {key, plugin, metric, blob};
    for (size_t i = 0; i < 4; i++)
        memset(texts[i], '?', 1);
    memset(&reading, 0, sizeof reading);
    assert_int_equal(tm_run_commit(store, NULL), 0);
    assert_int_equal(number(store,
                            "SELECT count(*) FROM profiles JOIN reading USING (run_id, plugin_id) JOIN metric USING (metric_id) "
                            "WHERE run = 'n1' AND plugin = 'alpha' AND metric.name = 'hits' AND value = 1 AND latency = x'5453'"),
                     1);
    tm_close(store);
}

/* After a commit that failed, the run is still there: to be completed, committed again, or aborted. */
static void a_failed_commit_keeps_the_run(void **state)
{
    tm_store *store = open_store("failed.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    struct tm_spike spike = {1, NAN, 90, "beta"};
    (void)state;
    assert_int_equal(tm_run_begin(store, &night), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    assert_int_equal(tm_run_spike(store, &spike), 0);
    expect_error("commit", store, tm_run_commit(store, NULL), "'beta' has no profile in the run");
    assert_int_equal(number(store, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM plugin)"), 0);
    expect_error("begin", store, tm_run_begin(store, &night), "'n1' is not committed yet");
    expect_error("commit again", store, tm_run_commit(store, NULL), "'beta' has no profile in the run");
    profile.plugin = "beta";
    assert_int_equal(tm_run_add(store, &profile), 0);
    assert_int_equal(tm_run_commit(store, NULL), 0);
    assert_int_equal(
        number(store, "SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM spike WHERE duration_ms IS NULL)"), 3);
    tm_close(store);
}

static void names_the_missing_directory(void **state)
{
    tm_store *store;
    (void)state;
    int result = tm_open(file("no/such/x.db"), TM_CREATE, &store);
    expect_error("directory", store, result, "there is no directory");
    if (!strstr(tm_error(store), "/no/such'"))
        fail_msg("the message '%s' does not name the directory", tm_error(store));
    tm_close(store);
}

static void transactions_are_whole(void **state)
{
    tm_store *writer = open_store("whole.db", TM_CREATE), *reader = open_store("whole.db", TM_READONLY);
    struct tm_profile profile = full_profile();
    struct tm_run_content first = {.run = night, .profiles = &profile, .n_profiles = 1}, second = first;
    enum tm_outcome outcome;
    (void)state;
    second.run.key = "n2";
    assert_int_equal(tm_begin(writer), 0);
    assert_int_equal(tm_put_run(writer, &first, TM_PUT, &outcome), 0);
    assert_int_equal(tm_put_run(writer, &second, TM_PUT, &outcome), 0);
    assert_int_equal(number(reader, "SELECT count(*) FROM run"), 0);
    tm_rollback(writer);
    assert_int_equal(
        number(writer, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM plugin) + (SELECT count(*) FROM metric)"), 0);
    assert_int_equal(tm_begin(writer), 0);
    assert_int_equal(tm_put_run(writer, &second, TM_PUT, &outcome), 0);
    assert_int_equal(tm_put_run(writer, &first, TM_PUT, &outcome), 0);
    assert_int_equal(tm_commit(writer), 0);
    assert_int_equal(number(reader, "SELECT count(*) FROM profiles"), 2);
    tm_close(writer);
    tm_close(reader);
}

static void runs_do_not_come_back(void **state)
{
    static const enum tm_put_mode modes[] = {TM_PUT, TM_PUT_APPEND, TM_PUT_REPLACE};
    struct tm_profile alpha = full_profile(), beta = full_profile();
    char name[20];
    (void)state;
    beta.plugin = "beta";
    for (int stored = 0; stored < 2; stored++)
        for (int i = 0; i < 3; i++) {
            struct tm_run_content a = {.run = night, .profiles = &alpha, .n_profiles = 1}, b = a,
                                  again = {.run = night, .profiles = &beta, .n_profiles = 1};
            enum tm_outcome outcome;
            b.run.key = "n2";
            snprintf(name, sizeof name, "back%d%d.db", stored, i);
            tm_store *store = open_store(name, TM_CREATE);
            if (stored)
                assert_int_equal(put(store, &night, &alpha, 1, NULL), 0);
            assert_int_equal(tm_begin(store), 0);
            assert_int_equal(tm_put_run(store, &a, modes[i], &outcome), 0);
            assert_int_equal(tm_put_run(store, &b, modes[i], &outcome), 0);
            int result = tm_put_run(store, &again, modes[i], &outcome);
            if (result != -1 || !strstr(tm_error(store), "comes again"))
                fail_msg("mode %d, %s before: the run's rows did not follow one another, and nobody said so", i,
                         stored ? "stored" : "not stored");
            tm_rollback(store);
            tm_close(store);
        }
}

/* Many runs: the set of those that were put grows, and still knows the first. */
static void none_of_many_runs_comes_back(void **state)
{
    tm_store *store = open_store("many.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    char key[20];
    enum tm_outcome outcome;
    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(tm_begin(store), 0);
        for (int i = 0; i <= 300; i++) {
            struct tm_run_content content = {.run = night, .profiles = &profile, .n_profiles = 1};
            content.run.key = key;
            snprintf(key, sizeof key, "n%d", i % 300);
            int result = tm_put_run(store, &content, TM_PUT, &outcome);
            if (i == 300)
                expect_error("the first", store, result, "run 'n0' comes again");
            else if (result != 0 || outcome != (round ? TM_ALREADY : TM_STORED))
                fail_msg("%s: returned %d, outcome %d: %s", key, result, outcome, tm_error(store));
        }
        assert_int_equal(tm_commit(store), 0);
    }
    tm_close(store);
}

static void put_once(tm_store *store, const struct tm_run_content *content, enum tm_put_mode mode, int expected,
                     enum tm_outcome outcome)
{
    enum tm_outcome found = TM_STORED;
    assert_int_equal(tm_begin(store), 0);
    int result = tm_put_run(store, content, mode, &found);
    if (result != expected || (result == 0 && found != outcome))
        fail_msg("mode %d: returned %d, outcome %d: %s", mode, result, found, tm_error(store));
    if (result == 0)
        assert_int_equal(tm_commit(store), 0);
    tm_rollback(store);
}

static void appends(void **state)
{
    tm_store *store = open_store("append.db", TM_CREATE);
    struct tm_profile profiles[] = {full_profile(), full_profile(), full_profile()};
    struct tm_run_content content = {.run = night, .profiles = profiles, .n_profiles = 2};
    (void)state;
    profiles[1].plugin = "beta", profiles[2].plugin = "gamma";
    put_once(store, &content, TM_PUT_APPEND, 0, TM_STORED);
    put_once(store, &content, TM_PUT_APPEND, 0, TM_ALREADY);
    struct tm_profile *beta = &profiles[1];
    content.profiles = beta; /* one that is there, one that is not */
    put_once(store, &content, TM_PUT, -1, TM_STORED);
    put_once(store, &content, TM_PUT_APPEND, 0, TM_STORED);
    put_once(store, &content, TM_PUT_APPEND, 0, TM_ALREADY);
    beta->wall_ns = 5;
    put_once(store, &content, TM_PUT_APPEND, -1, TM_STORED);
    content.run.started_at++;
    put_once(store, &content, TM_PUT_APPEND, -1, TM_STORED);
    assert_int_equal(number(store, "SELECT count(*) FROM profiles WHERE wall_ms = 1e-4"), 3);
    assert_int_equal(number(store, "SELECT count(*) FROM reading"), 6);
    assert_int_equal(number(store, "SELECT count(*) FROM recording"), 3);
    tm_close(store);
}

static void replaces(void **state)
{
    tm_store *store = open_store("replace.db", TM_CREATE);
    struct tm_profile profiles[] = {full_profile(), full_profile()}, bare = TM_PROFILE_INIT;
    struct tm_spike spike = {1, 1, 90, "alpha"};
    struct tm_run_content content = {.run = night, .profiles = profiles, .n_profiles = 2, .spikes = &spike, .n_spikes = 1};
    (void)state;
    content.run.commit_id = "c";
    profiles[1].plugin = "beta";
    put_once(store, &content, TM_PUT_REPLACE, 0, TM_STORED);
    put_once(store, &content, TM_PUT_REPLACE, 0, TM_ALREADY);
    bare.plugin = "gamma", bare.wall_ns = 7;
    content = (struct tm_run_content){.run = {.key = "n1", .started_at = 5, .branch = "dev"}, .profiles = &bare, .n_profiles = 1};
    put_once(store, &content, TM_PUT_REPLACE, 0, TM_STORED);
    assert_int_equal(number(store, "SELECT count(*) FROM profiles WHERE run = 'n1' AND started_at = 5 AND branch = 'dev' AND "
                                   "commit_id = 'c' AND host = 'ci' "
                                   "AND plugin = 'gamma'"),
                     1);
    assert_int_equal(
        number(store, "SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM reading) + (SELECT count(*) FROM recording) + "
                      "(SELECT count(*) FROM spike)"),
        1);
    tm_close(store);
}

/* Each value that is wrong at the command line is wrong here, too. */
static void upkeep(void **state)
{
    tm_store *store = open_store("upkeep.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    int64_t removed;
    (void)state;
    assert_int_equal(put(store, &night, &profile, 1, NULL), 0);
    expect_error("no run", store, tm_remove_run(store, NULL, "n2"), "no run 'n2'");
    expect_error("no project", store, tm_remove_run(store, "site", "n1"), "'site'");
    expect_error("no plugin", store, tm_rename_plugin(store, NULL, "beta", "gamma"), "no plugin 'beta'");
    expect_error("bad name", store, tm_rename_plugin(store, NULL, "alpha", "a\nb"), "control character");
    expect_error("no metric", store, tm_describe_metric(store, "misses", "lower", NULL), "no metric 'misses'");
    expect_error("no direction", store, tm_describe_metric(store, "hits", "sideways", NULL), "sideways");
    expect_error("bad unit", store, tm_describe_metric(store, "hits", NULL, "a\x1b"), "control character");
    assert_int_equal(tm_describe_metric(store, "hits", "higher", NULL), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM metric WHERE name = 'hits' AND better = 'higher' AND unit = 'count'"), 1);
    assert_int_equal(tm_prune(store, NULL, night.started_at, &removed), 0);
    assert_int_equal(removed, 0);
    assert_int_equal(tm_prune(store, "site", night.started_at + 1, &removed), 0);
    assert_int_equal(removed, 0);
    assert_int_equal(tm_prune(store, NULL, night.started_at + 1, &removed), 0);
    assert_int_equal(removed, 1);
    assert_int_equal(
        number(store, "SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM reading) + (SELECT count(*) FROM recording)"),
        0);
    tm_close(store);
}

/* ---- ad hoc queries ---- */

/* Reads all rows: 0, or -1 and what went wrong. */
static int ask(tm_store *store, const char *sql, const struct tm_sql_limits *limits)
{
    tm_rows *rows = tm_sql(store, sql, limits);
    int step = rows ? 1 : -1;
    while (step == 1)
        step = tm_rows_next(rows);
    tm_rows_close(rows);
    return step;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

#define COUNT_TO(n) "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT " #n ") "

/* Also where a step takes a tenth of a second, so that a million of them take a day. */
static const struct {
    const char *name, *sql;
} slow_queries[] = {
    {"many short steps", COUNT_TO(1000000000000) "SELECT count(*) FROM t"},
    {"some long steps", COUNT_TO(1000000) "SELECT sum(length(hex(randomblob(20000000 + n)))) FROM t"},
    {"long steps in a sorter", COUNT_TO(1000000) "SELECT n FROM t ORDER BY length(hex(randomblob(20000000 + n)))"},
};

static void slow_queries_are_stopped(void **state)
{
    tm_close(open_store("slow.db", TM_CREATE));
    tm_store *store = open_store("slow.db", TM_READONLY);
    (void)state;
    for (size_t i = 0; i < sizeof slow_queries / sizeof *slow_queries; i++) {
        double start = now();
        expect_error(slow_queries[i].name, store, ask(store, slow_queries[i].sql, &(struct tm_sql_limits){.seconds = 0.2}),
                     "time limit");
        if (now() - start > 10)
            fail_msg("%s: took %g seconds", slow_queries[i].name, now() - start);
    }
    /* The limit ends with its query. */
    assert_int_equal(ask(store, COUNT_TO(3000000) "SELECT count(*) FROM t", &(struct tm_sql_limits){0}), 0);
    assert_int_equal(ask(store, "SELECT 1", &(struct tm_sql_limits){.seconds = 1}), 0);
    tm_close(store);
}

/* Temporary files are bounded together, and given back. */
static void temporary_files_are_bounded(void **state)
{
    static const char *const queries[] = {
        COUNT_TO(200000) "SELECT n, randomblob(100) AS x FROM t ORDER BY x",
        COUNT_TO(200000) "SELECT count(DISTINCT hex(randomblob(100))) FROM t",
        COUNT_TO(
            200000) ", u AS MATERIALIZED (SELECT randomblob(100) AS x FROM t) SELECT count(*) FROM u, (SELECT 1 FROM u LIMIT 2)",
    };
    struct tm_sql_limits small = {.temp_bytes = 8 << 20}, large = {0};
    tm_close(open_store("temporary.db", TM_CREATE));
    tm_store *store = open_store("temporary.db", TM_READONLY);
    (void)state;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
            expect_error(queries[i], store, ask(store, queries[i], &small), "temporary files");
            if (ask(store, queries[i], &large) != 0)
                fail_msg("%s: %s", queries[i], tm_error(store));
        }
    assert_int_equal(ask(store, COUNT_TO(1000) "SELECT n, randomblob(100) AS x FROM t ORDER BY x", &small), 0);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_and_leaves_alone),
        cmocka_unit_test(refuses_what_it_may_not_read),
        cmocka_unit_test(opens_again),
        cmocka_unit_test(readers_cannot_write),
        cmocka_unit_test(stores_everything),
        cmocka_unit_test(defaults),
        cmocka_unit_test(same_rows_are_stored_already),
        cmocka_unit_test(differences_are_in_ms_and_kib),
        cmocka_unit_test(every_difference_is_seen),
        cmocka_unit_test(every_difference_of_a_run_is_seen),
        cmocka_unit_test(bad_profiles_are_refused),
        cmocka_unit_test(bad_runs_are_refused),
        cmocka_unit_test(bad_spikes_are_refused),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(closing_aborts),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(a_failed_commit_keeps_the_run),
        cmocka_unit_test(names_the_missing_directory),
        cmocka_unit_test(transactions_are_whole),
        cmocka_unit_test(runs_do_not_come_back),
        cmocka_unit_test(none_of_many_runs_comes_back),
        cmocka_unit_test(appends),
        cmocka_unit_test(replaces),
        cmocka_unit_test(upkeep),
        cmocka_unit_test(slow_queries_are_stopped),
        cmocka_unit_test(temporary_files_are_bounded),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
