/* Queries of the user's own: how long they may take, and how much room. */
#include "tests/unit/store_rules.h"

#include <time.h>

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
        /* two files, of which each would do */
        COUNT_TO(60000) ", u AS MATERIALIZED (SELECT randomblob(100) AS x FROM t), v AS MATERIALIZED (SELECT randomblob(100) AS x "
                        "FROM t) "
                        "SELECT (SELECT count(*) FROM u), (SELECT count(*) FROM v)",
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

/* What failed while reading is told when it happens, and again at the end: a reader that looks at one of them is told. */
static void failures_are_told_twice(void **state)
{
    static const char long_name[] = "UPDATE plugin SET name = printf('%.*c', 2000000, 'x') WHERE plugin_id = 1";
    (void)state;
    tm_store *store = open_store("failing.db", TM_CREATE);
    const struct tm_run run = {.key = "n1", .started_at = 1795140000, .host = "h"};
    struct tm_profile profiles[] = {full_profile(), full_profile()};
    profiles[1].plugin = "beta";
    assert_int_equal(put(store, &run, profiles, 2, NULL), 0);
    assert_int_equal(sqlite3_exec(tm_sqlite_db(store), long_name, NULL, NULL, NULL), SQLITE_OK);
    tm_close(store);
    store = open_store("failing.db", TM_READONLY);
    tm_rows *rows = tm_list_plugins(store, &(struct tm_scope){0});
    bool read = true; /* until the damaged name */
    while (read)
        read = tm_rows_next(rows) == 1 && *tm_row_text(rows, "plugin");
    expect_error("reading on behind what is damaged", store, tm_rows_next(rows), "more than a MiB");
    expect_error("closing behind what is damaged", store, tm_rows_close(rows), "more than a MiB");
    rows =
        tm_sql(store, "SELECT abs(-9223372036854775807 - n) FROM (SELECT 0 AS n UNION ALL SELECT 1)", &(struct tm_sql_limits){0});
    assert_int_equal(tm_rows_next(rows), 1);
    expect_error("a step that fails", store, tm_rows_next(rows), "overflow");
    expect_error("closing behind it", store, tm_rows_close(rows), "overflow");
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_queries_are_stopped),
        cmocka_unit_test(temporary_files_are_bounded),
        cmocka_unit_test(failures_are_told_twice),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
