/* A run stored in parts: once each, whole, in any order, and the same in the end. */
#include "tests/unit/store_rules.h"

enum { PARTS = 4 };

static const char *const names[PARTS] = {"box:1", "box:2", "cat:1", "dog"};

/* Figures that do not add up alike in every order, and plugins that not every part has. */
static void fill(struct tm_profile profiles[3], int part)
{
    static const char *const plugins[] = {"alpha", "beta", "gamma"};
    static struct tm_reading readings[PARTS];
    readings[part] = (struct tm_reading){"hits", "count", 0.1 * (part + 1), NULL};
    for (int i = 0; i < 3; i++) {
        profiles[i] = (struct tm_profile)TM_PROFILE_INIT;
        profiles[i].plugin = plugins[i];
        profiles[i].calls = 1 + part;
        profiles[i].wall_ns = 1e9 / 3 + 1e-3 * part * (part + i);
        profiles[i].cpu_ns = 0.1 * (part + 1);
        profiles[i].peak_mem_bytes = 1000.0 * (part + 1);
        profiles[i].readings = &readings[part], profiles[i].n_readings = i == 0;
    }
}

static struct tm_run run_of(int part)
{
    return (struct tm_run){.key = "n1", .part = names[part], .started_at = 1795140000 + 10 * part, .host = part < 2 ? "b" : "a"};
}

/* The last part has no gamma. */
static int put_part(tm_store *store, const struct tm_run *run, int part, enum tm_outcome *outcome)
{
    struct tm_profile profiles[3];
    fill(profiles, part);
    return put(store, run, profiles, part == PARTS - 1 ? 2 : 3, outcome);
}

static char *text(tm_store *store, const char *sql)
{
    sqlite3_stmt *statement;
    with_views(store);
    if (sqlite3_prepare_v2(tm_sqlite_db(store), sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(tm_sqlite_db(store)));
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    char *copy = strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return copy;
}

/* Every bit of the run that its parts make. */
static char *whole(tm_store *store)
{
    return text(
        store, "SELECT (SELECT key || started_at || branch || (SELECT key FROM host WHERE host.host_id = run.host_id) FROM run) || "
               "(SELECT group_concat(line, ';') FROM (SELECT name || ' ' || calls || ' ' || hex(format('%!.20g', wall_ns)) || ' ' "
               "|| format('%!.20g', cpu_ns) || ' ' || peak_mem_bytes AS line FROM profile JOIN plugin USING (plugin_id) ORDER BY "
               "name)) || (SELECT group_concat(line, ';') FROM (SELECT plugin.name || ' ' || metric.name || ' ' || "
               "format('%!.20g', value) AS line FROM reading JOIN plugin USING (plugin_id) JOIN metric USING (metric_id) ORDER BY "
               "1))");
}

/* All orders of the parts, by the number of the order. */
static void order_of(int number, int order[PARTS])
{
    int left[PARTS] = {0, 1, 2, 3}, n = PARTS;
    for (int i = 0; i < PARTS; i++) {
        int at = number % n;
        number /= n;
        order[i] = left[at];
        memmove(&left[at], &left[at + 1], (size_t)(n - at - 1) * sizeof *left);
        n--;
    }
}

static void any_order_gives_the_same(void **state)
{
    char *first = NULL;
    (void)state;
    for (int nth = 0; nth < 24; nth++) {
        char name[32];
        int order[PARTS];
        snprintf(name, sizeof name, "order-%d.db", nth);
        tm_store *store = open_store(name, TM_CREATE);
        order_of(nth, order);
        for (int i = 0; i < PARTS; i++) {
            struct tm_run run = run_of(order[i]);
            enum tm_outcome outcome = TM_ALREADY;
            if (put_part(store, &run, order[i], &outcome) != 0)
                fail_msg("order %d: %s", nth, tm_error(store));
            assert_int_equal(outcome, TM_STORED);
        }
        char *found = whole(store);
        first = first ? first : strdup(found);
        assert_string_equal(found, first);
        free(found);
        assert_int_equal(number(store, "SELECT count(*) FROM parts"), PARTS);
        assert_int_equal(tm_check(store, NULL, NULL), 0);
        tm_close(store);
    }
    assert_non_null(strstr(first, "n11795140000mainb")); /* the earliest start, and the host of the part that is named first */
    free(first);
}

static void a_part_is_stored_once(void **state)
{
    (void)state;
    tm_store *store = open_store("once.db", TM_CREATE);
    struct tm_run run = run_of(0), other = run_of(0);
    enum tm_outcome outcome = TM_STORED;
    assert_int_equal(put_part(store, &run, 0, &outcome), 0);
    assert_int_equal(put_part(store, &run, 0, &outcome), 0);
    assert_int_equal(outcome, TM_ALREADY);
    assert_int_equal(number(store, "SELECT calls FROM profiles WHERE plugin = 'alpha'"), 1);
    expect_error("other rows", store, put_part(store, &run, 1, &outcome),
                 "part 'box:1' of run 'n1' is stored already with other rows: plugin 'alpha' has calls 2, stored is 1");
    tm_run_abort(store);
    other.started_at++;
    expect_error("another start", store, put_part(store, &other, 0, &outcome), "is stored already with another start time");
    tm_run_abort(store);
    other = run_of(1), other.branch = "dev";
    expect_error("another branch", store, put_part(store, &other, 1, &outcome), "another branch: given 'dev', stored 'main'");
    tm_run_abort(store);
    assert_int_equal(number(store, "SELECT count(*) FROM part"), 1);
    tm_close(store);
}

static void whole_runs_and_parts_do_not_mix(void **state)
{
    (void)state;
    tm_store *store = open_store("mixed.db", TM_CREATE);
    struct tm_run run = run_of(0), part = run_of(1);
    enum tm_outcome outcome = TM_STORED;
    run.part = NULL;
    assert_int_equal(put_part(store, &run, 0, &outcome), 0);
    expect_error("a part of a whole run", store, put_part(store, &part, 1, &outcome),
                 "run 'n1' is stored whole already: part 'box:2' cannot be added to it");
    tm_run_abort(store);
    run.key = part.key = "n2";
    assert_int_equal(put_part(store, &part, 1, &outcome), 0);
    run.started_at = part.started_at, run.host = part.host;
    expect_error("a whole run of one in parts", store, put_part(store, &run, 0, &outcome), "run 'n2' is stored already");
    tm_run_abort(store);
    part.part = "a\tb";
    expect_error("a bad name", store, put_part(store, &part, 1, &outcome), "part 'a\\x09b'");
    tm_run_abort(store);
    tm_close(store);
}

/* The part that gives way, and the run that does. */
static void replacing_is_of_what_is_given(void **state)
{
    (void)state;
    tm_store *store = open_store("replace.db", TM_CREATE);
    struct tm_profile profiles[3];
    struct tm_run_content content = {.profiles = profiles, .n_profiles = 3};
    enum tm_outcome outcome = TM_STORED;
    for (int i = 0; i < 2; i++) {
        struct tm_run run = run_of(i);
        assert_int_equal(put_part(store, &run, i, &outcome), 0);
    }
    fill(profiles, 3);
    content.run = run_of(1);
    assert_int_equal(tm_begin(store), 0);
    assert_int_equal(tm_put_run(store, &content, TM_PUT_REPLACE, &outcome), 0);
    assert_int_equal(tm_commit(store), 0);
    assert_int_equal(number(store, "SELECT calls FROM profiles WHERE plugin = 'alpha'"), 1 + 4);
    assert_int_equal(number(store, "SELECT count(*) FROM part_profile"), 6);
    content.run.part = NULL;
    assert_int_equal(tm_begin(store), 0);
    assert_int_equal(tm_put_run(store, &content, TM_PUT_REPLACE, &outcome), 0);
    assert_int_equal(tm_commit(store), 0);
    assert_int_equal(number(store, "SELECT calls FROM profiles WHERE plugin = 'alpha'"), 4);
    assert_int_equal(number(store, "SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM part_profile)"), 0);
    content.run.part = "x";
    assert_int_equal(tm_begin(store), 0);
    expect_error("append", store, tm_put_run(store, &content, TM_PUT_APPEND, &outcome), "nothing is appended to it");
    tm_rollback(store);
    assert_int_equal(tm_check(store, NULL, NULL), 0);
    tm_close(store);
}

static void a_part_goes_with_its_run(void **state)
{
    (void)state;
    tm_store *store = open_store("gone.db", TM_CREATE);
    struct tm_run run = run_of(0);
    struct tm_spike spike = {3, 1, 90, "alpha"};
    struct tm_profile profiles[3];
    fill(profiles, 0);
    assert_int_equal(tm_run_begin(store, &run), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tm_run_add(store, &profiles[i]), 0);
    assert_int_equal(tm_run_spike(store, &spike), 0);
    assert_int_equal(tm_run_commit(store, NULL), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM spikes"), 1);
    assert_int_equal(number(store, "SELECT count(*) FROM part_spike"), 1);
    assert_int_equal(tm_remove_run(store, NULL, "n1"), 0);
    assert_int_equal(number(store,
                            "SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM part_profile) + (SELECT count(*) FROM "
                            "part_reading) + (SELECT count(*) FROM part_spike)"),
                     0);
    tm_close(store);
}

static void a_part_without_a_name_is_this_process(void **state)
{
    char machine[256] = "", expected[300];
    (void)state;
    tm_store *store = open_store("own.db", TM_CREATE);
    struct tm_run run = run_of(0);
    enum tm_outcome outcome = TM_STORED;
    run.part = "";
    assert_int_equal(put_part(store, &run, 0, &outcome), 0);
    gethostname(machine, sizeof machine - 1);
    snprintf(expected, sizeof expected, "%s:%ld", machine, (long)getpid());
    char *name = text(store, "SELECT name FROM part");
    assert_string_equal(name, expected);
    free(name);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_gives_the_same),        cmocka_unit_test(a_part_is_stored_once),
        cmocka_unit_test(whole_runs_and_parts_do_not_mix), cmocka_unit_test(replacing_is_of_what_is_given),
        cmocka_unit_test(a_part_goes_with_its_run),        cmocka_unit_test(a_part_without_a_name_is_this_process),
    };
    return cmocka_run_group_tests_name("parts", tests, make_scratch, remove_scratch);
}
