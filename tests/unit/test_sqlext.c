#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "schema/sketch.h"
#include "store/sqlite/sqlext.h"

#define EACH(row, table) for (row = table; row < table + sizeof(table) / sizeof(table[0]); row++)

static int open_database(void **state)
{
    sqlite3 *db;

    if (sqlite3_open(":memory:", &db) != SQLITE_OK || tm_sqlext_register(db) != SQLITE_OK)
        return -1;
    *state = db;
    return 0;
}

static int close_database(void **state)
{
    return sqlite3_close(*state) == SQLITE_OK ? 0 : -1;
}

static void execute(sqlite3 *db, const char *sql)
{
    char *error = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

/* The first column of the first row as text; "NULL"; or "error: ...". */
static void ask(sqlite3 *db, const char *sql, char *answer, size_t size)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
        (void)snprintf(answer, size, "error: %s", sqlite3_errmsg(db));
    else if (sqlite3_column_type(stmt, 0) == SQLITE_NULL)
        (void)snprintf(answer, size, "NULL");
    else
        (void)snprintf(answer, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    (void)sqlite3_finalize(stmt);
}

#define VALUES(list) "(SELECT column1 AS x FROM (VALUES " list "))"
#define SAMPLE       VALUES("(1),(4),(6),(7),(8),(9),(11),(11),(11)")
#define PAIRS        "(SELECT column1 AS x, column2 AS y FROM (VALUES (1,2),(2,1),(3,4),(NULL,9),(3,3),(4,NULL),(5,3)))"
#define Z            "x'545301"                                        /* how a sketch begins */
#define ONE          Z "0001000000000000f03f000000000000f03f01fffe03'" /* the value 1.0 */
#define P_ERROR      "second argument is not a number from 0 to 100"

static const struct query {
    const char *name, *sql, *want;
} queries[] = {
    {"median odd", "SELECT median(x) FROM " SAMPLE, "8.0"},
    {"median even", "SELECT median(x) FROM " VALUES("(1),(2),(3),(10)"), "2.5"},
    {"median of nothing", "SELECT median(x) FROM " VALUES("(1)") " WHERE 0", "NULL"},
    {"median of NULLs", "SELECT median(x) FROM " VALUES("(NULL),(NULL)"), "NULL"},
    {"median ignores NULL", "SELECT median(x) FROM " VALUES("(5),(NULL),(7)"), "6.0"},
    {"median of one", "SELECT median(x) FROM " VALUES("(5)"), "5.0"},
    {"median of text", "SELECT median(x) FROM " VALUES("(5),('7')"), "error: median(): argument is not a number"},
    {"median of blob", "SELECT median(x) FROM " VALUES("(x'00')"), "error: median(): argument is not a number"},
    {"median of Inf", "SELECT median(x) FROM " VALUES("(1),(1e999)"), "error: median(): argument is infinite"},
    {"median of -Inf", "SELECT median(x) FROM " VALUES("(1),(-1e999)"), "error: median(): argument is infinite"},
    {"median distinct", "SELECT median(DISTINCT x) FROM " SAMPLE, "7.0"},
    {"median filtered", "SELECT median(x) FILTER (WHERE x < 8) FROM " SAMPLE, "5.0"},
    {"percentile 0", "SELECT percentile(x, 0) FROM " SAMPLE, "1.0"},
    {"percentile 12.5", "SELECT percentile(x, 12.5) FROM " SAMPLE, "4.0"},
    {"percentile 15", "SELECT percentile(x, 15) FROM " SAMPLE, "4.4"},
    {"percentile 20", "SELECT percentile(x, 20) FROM " SAMPLE, "5.2"},
    {"percentile 80", "SELECT percentile(x, 80) FROM " SAMPLE, "11.0"},
    {"percentile 100", "SELECT percentile(x, 100) FROM " SAMPLE, "11.0"},
    {"percentile 75 of 1..10", "SELECT percentile(x, 75) FROM " VALUES("(1),(2),(3),(4),(5),(6),(7),(8),(9),(10)"), "7.75"},
    {"percentile as text", "SELECT percentile(x, '50') FROM " SAMPLE, "8.0"},
    {"percentile of nothing", "SELECT percentile(x, 50) FROM " SAMPLE " WHERE 0", "NULL"},
    {"percentile of NULLs", "SELECT percentile(NULL, 50) FROM " SAMPLE, "NULL"},
    {"percentile -1", "SELECT percentile(x, -1) FROM " SAMPLE, "error: percentile(): " P_ERROR},
    {"percentile 101", "SELECT percentile(x, 100.1) FROM " SAMPLE, "error: percentile(): " P_ERROR},
    {"percentile NULL", "SELECT percentile(x, NULL) FROM " SAMPLE, "error: percentile(): " P_ERROR},
    {"percentile word", "SELECT percentile(x, 'p95') FROM " SAMPLE, "error: percentile(): " P_ERROR},
    {"percentile 101 beside NULL", "SELECT percentile(NULL, 101) FROM " SAMPLE, "error: percentile(): " P_ERROR},
    {"percentile that varies", "SELECT percentile(x, x) FROM " SAMPLE,
     "error: percentile(): second argument is not the same for all rows"},
    {"percentile that hardly varies", "SELECT percentile(x, 50 + x * 1e-5) < 8.001 FROM " SAMPLE, "1"},
    {"percentile of text", "SELECT percentile(x, 50) FROM " VALUES("('a')"), "error: percentile(): argument is not a number"},
    {"mad", "SELECT mad(x) FROM " SAMPLE, "3.0"},
    {"mad of two", "SELECT mad(x) FROM " VALUES("(1),(2)"), "0.5"},
    {"mad of one", "SELECT mad(x) FROM " VALUES("(5)"), "0.0"},
    {"mad of constant", "SELECT mad(x) FROM " VALUES("(.1),(.1),(.1)"), "0.0"},
    {"mad of nothing", "SELECT mad(x) FROM " SAMPLE " WHERE 0", "NULL"},
    {"mad of text", "SELECT mad(x) FROM " VALUES("('x')"), "error: mad(): argument is not a number"},
    {"stddev", "SELECT stddev(x) FROM " VALUES("(2),(4),(4),(4),(5),(5),(7),(9)"), "2.1380899352994"},
    {"stddev of nothing", "SELECT stddev(x) FROM " SAMPLE " WHERE 0", "NULL"},
    {"stddev of one", "SELECT stddev(x) FROM " VALUES("(3),(NULL)"), "NULL"},
    {"stddev of constant", "SELECT stddev(x) FROM " VALUES("(.1),(.1),(.1)"), "0.0"},
    {"stddev far from 0", "SELECT stddev(x) FROM " VALUES("(1e15+1),(1e15+2),(1e15+3)"), "1.0"},
    {"stddev of Inf", "SELECT stddev(x) FROM " VALUES("(1),(1e999)"), "error: stddev(): argument is infinite"},
    {"stddev of text", "SELECT stddev(x) FROM " VALUES("('3')"), "error: stddev(): argument is not a number"},
    {"stddev too large", "SELECT stddev(x) FROM " VALUES("(1e200)"), "error: stddev(): argument is beyond 1e140"},
    {"variance", "SELECT variance(x) FROM " VALUES("(2),(4),(4),(4),(5),(5),(7),(9)"), "4.57142857142857"},
    {"var_samp", "SELECT var_samp(x) FROM " VALUES("(2),(4),(4),(4),(5),(5),(7),(9)"), "4.57142857142857"},
    {"var_pop", "SELECT var_pop(x) FROM " VALUES("(2),(4),(4),(4),(5),(5),(7),(9)"), "4.0"},
    {"stddev_pop", "SELECT stddev_pop(x) FROM " VALUES("(2),(4),(4),(4),(5),(5),(7),(9)"), "2.0"},
    {"stddev_samp", "SELECT stddev_samp(x) FROM " VALUES("(2),(4),(4),(4),(5),(5),(7),(9)"), "2.1380899352994"},
    {"variance of one", "SELECT variance(x) FROM " VALUES("(3),(NULL)"), "NULL"},
    {"var_pop of one", "SELECT var_pop(x) FROM " VALUES("(3),(NULL)"), "0.0"},
    {"var_pop of nothing", "SELECT var_pop(x) FROM " SAMPLE " WHERE 0", "NULL"},
    {"var_pop of text", "SELECT var_pop(x) FROM " VALUES("('3')"), "error: var_pop(): argument is not a number"},
    {"slope", "SELECT slope(x, y) FROM " PAIRS, "0.5"},
    {"slope of a line", "SELECT slope(x, 3 - 0.25 * x) FROM " SAMPLE, "-0.25"},
    {"slope of one", "SELECT slope(x, x) FROM " VALUES("(3)"), "NULL"},
    {"slope of nothing", "SELECT slope(x, x) FROM " SAMPLE " WHERE 0", "NULL"},
    {"slope of NULLs", "SELECT slope(x, NULL) FROM " SAMPLE, "NULL"},
    {"slope at one x", "SELECT slope(1, x) FROM " SAMPLE, "NULL"},
    {"slope of constant", "SELECT slope(x, 4) FROM " SAMPLE, "0.0"},
    {"slope of Inf", "SELECT slope(x, 1e999) FROM " SAMPLE, "error: slope(): argument is infinite"},
    {"slope of text", "SELECT slope(x, 'y') FROM " SAMPLE, "error: slope(): argument is not a number"},
    {"slope of text beside NULL", "SELECT slope(NULL, 'y') FROM " SAMPLE, "error: slope(): argument is not a number"},
    {"slope too large", "SELECT slope(x, -1e76) FROM " SAMPLE, "error: slope(): argument is beyond 1e75"},
    {"mann_kendall", "SELECT mann_kendall(x, y) FROM " PAIRS, "0.780692521189414"},
    {"mann_kendall of a rise", "SELECT mann_kendall(x, x) FROM " VALUES("(1),(2),(3),(4),(5),(6),(7),(8)"), "3.34038370031141"},
    {"mann_kendall of a fall", "SELECT mann_kendall(-x, x) FROM " VALUES("(1),(2),(3),(4),(5),(6),(7),(8)"), "-3.34038370031141"},
    {"mann_kendall of constant", "SELECT mann_kendall(x, 4) FROM " SAMPLE, "0.0"},
    {"mann_kendall at one x", "SELECT mann_kendall(4, x) FROM " SAMPLE, "NULL"},
    {"mann_kendall of one", "SELECT mann_kendall(x, x) FROM " VALUES("(3)"), "NULL"},
    {"mann_kendall, however large", "SELECT mann_kendall(x, x * 1e300) FROM " VALUES("(1),(2),(3)"), "1.04446593573419"},
    {"mann_kendall of Inf", "SELECT mann_kendall(1e999, x) FROM " SAMPLE, "error: mann_kendall(): argument is infinite"},
    {"corr", "SELECT corr(x, y) FROM " PAIRS, "0.532181156390174"},
    {"corr of a line", "SELECT corr(x, -2 * x) FROM " SAMPLE, "-1.0"},
    {"corr of constant", "SELECT corr(x, 4) FROM " SAMPLE, "NULL"},
    {"corr of one", "SELECT corr(x, x) FROM " VALUES("(3)"), "NULL"},
    {"corr of nothing", "SELECT corr(x, x) FROM " SAMPLE " WHERE 0", "NULL"},
    {"corr of NULLs", "SELECT corr(NULL, x) FROM " SAMPLE, "NULL"},
    {"corr of Inf", "SELECT corr(x, -1e999) FROM " SAMPLE, "error: corr(): argument is infinite"},
    {"corr too large", "SELECT corr(1e141, x) FROM " SAMPLE, "error: corr(): argument is beyond 1e140"},
    {"zscore", "SELECT zscore(5, 3, 2)", "1.0"},
    {"zscore, sd 0", "SELECT zscore(5, 3, 0)", "NULL"},
    {"zscore, sd NULL", "SELECT zscore(5, 3, NULL)", "NULL"},
    {"zscore, x NULL", "SELECT zscore(NULL, 3, 1)", "NULL"},
    {"zscore of text", "SELECT zscore('5', 3, 1)", "error: zscore(): argument is not a number"},
    {"robust_z", "SELECT robust_z(4.4826, 3, 1)", "1.0"},
    {"robust_z, mad 0", "SELECT robust_z(4, 3, 0)", "NULL"},
    {"robust_z, median NULL", "SELECT robust_z(4, NULL, 1)", "NULL"},
    {"robust_z of blob", "SELECT robust_z(4, 1, x'31')", "error: robust_z(): argument is not a number"},
    {"sketch_merge", "SELECT hex(sketch_merge(x)) FROM " VALUES("(" ONE "),(NULL),(" ONE ")"),
     "5453010001000000000000F03F000000000000F03F03FFFE03"},
    {"sketch_merge of nothing", "SELECT sketch_merge(x) FROM " VALUES("(NULL)"), "NULL"},
    {"sketch_merge of empty", "SELECT hex(sketch_merge(x)) FROM " VALUES("(" Z "0000')"), "5453010000"},
    {"sketch_merge of text", "SELECT sketch_merge(x) FROM " VALUES("('TS')"),
     "error: sketch_merge(): argument is not a sketch but another type"},
    {"sketch_merge of any blob", "SELECT sketch_merge(x) FROM " VALUES("(x'00112233')"),
     "error: sketch_merge(): argument is not a sketch, or is damaged"},
    {"sketch_merge of empty blob", "SELECT sketch_merge(x) FROM " VALUES("(x'')"),
     "error: sketch_merge(): argument is not a sketch, or is damaged"},
    {"sketch_merge after a bad one", "SELECT sketch_merge(x) FROM " VALUES("(" ONE "),(x'00')"),
     "error: sketch_merge(): argument is not a sketch, or is damaged"},
    {"sketch_percentile", "SELECT sketch_percentile(" ONE ", 95)", "1.0"},
    {"sketch_percentile of NULL", "SELECT sketch_percentile(NULL, 95)", "NULL"},
    {"sketch_percentile of empty", "SELECT sketch_percentile(" Z "0000', 95)", "NULL"},
    {"sketch_percentile 101", "SELECT sketch_percentile(" ONE ", 101)", "error: sketch_percentile(): " P_ERROR},
    {"sketch_percentile of damage", "SELECT sketch_percentile(" Z "0001', 95)",
     "error: sketch_percentile(): argument is not a sketch, or is damaged"},
    {"sketch_percentile of integer", "SELECT sketch_percentile(7, 95)",
     "error: sketch_percentile(): argument is not a sketch but another type"},
    {"too few arguments", "SELECT percentile(1)", "error: wrong number of arguments to function percentile()"},
};

static void answers(void **state)
{
    const struct query *row;
    char answer[1024];

    EACH(row, queries)
    {
        ask(*state, row->sql, answer, sizeof(answer));
        if (strcmp(answer, row->want) != 0)
            fail_msg("%s: '%s', not '%s'", row->name, answer, row->want);
    }
}

/* An error in one row of a window, as of an aggregate. */
static void windows_report_errors(void **state)
{
    static const char *const aggregates[] = {"median(x)",   "percentile(x, 50)",  "mad(x)",
                                             "stddev(x)",   "sketch_merge(x)",    "var_pop(x)",
                                             "slope(x, 1)", "mann_kendall(1, x)", "corr(x, 1)"};
    char sql[256], answer[256];
    size_t i;

    for (i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++) {
        (void)snprintf(sql, sizeof(sql),
                       "SELECT max(y) FROM (SELECT %s OVER "
                       "(ORDER BY rowid ROWS 1 PRECEDING) AS y FROM w)",
                       aggregates[i]);
        execute(*state, "CREATE TABLE w(x); INSERT INTO w VALUES (1), (2), ('three'), (4)");
        ask(*state, sql, answer, sizeof(answer));
        if (strncmp(answer, "error: ", 7) != 0)
            fail_msg("%s: '%s' is no error", aggregates[i], answer);
        execute(*state, "DROP TABLE w");
    }
}

/* A table of n rows: id, a group, a value that is sometimes NULL or tied, a sketch. */
static void make_table(sqlite3 *db, int n)
{
    sqlite3_stmt *stmt;
    uint64_t seed = 2463534242u;
    int i;

    execute(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, g, x, s BLOB); BEGIN");
    assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO t VALUES (?, ?, ?, ?)", -1, &stmt, NULL), 0);
    for (i = 0; i < n; i++) {
        struct tm_sketch s;
        unsigned char *blob;
        size_t len;
        double x;

        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        x = seed % 5 == 0 ? 3.5 : (double)(seed >> 11) * 0x1p-46;
        tm_sketch_init(&s);
        assert_int_equal(tm_sketch_add(&s, x), 0);
        blob = tm_sketch_encode(&s, &len);
        (void)sqlite3_bind_int(stmt, 1, i);
        (void)sqlite3_bind_int(stmt, 2, i / 60);
        if (seed % 7 != 0)
            (void)sqlite3_bind_double(stmt, 3, x);
        else
            (void)sqlite3_bind_null(stmt, 3);
        (void)sqlite3_bind_blob(stmt, 4, blob, (int)len, free);
        assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
        (void)sqlite3_reset(stmt);
        tm_sketch_free(&s);
    }
    (void)sqlite3_finalize(stmt);
    execute(db, "COMMIT");
}

static const struct frame {
    const char *name, *over, *where; /* rows u of the frame of row t */
} frames[] = {
    {"last 4", "ORDER BY id ROWS 3 PRECEDING", "u.id BETWEEN t.id - 3 AND t.id"},
    {"around", "ORDER BY id ROWS BETWEEN 5 PRECEDING AND 2 FOLLOWING", "u.id BETWEEN t.id - 5 AND t.id + 2"},
    {"before, often empty", "ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING", "u.id BETWEEN t.id - 3 AND t.id - 1"},
    {"so far", "ORDER BY id", "u.id <= t.id"},
    {"so far in the group", "PARTITION BY g ORDER BY id", "u.g = t.g AND u.id <= t.id"},
    {"from here", "ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "u.id >= t.id"},
    {"whole group", "PARTITION BY g", "u.g = t.g"},
    {"others of the group",
     "PARTITION BY g ROWS BETWEEN UNBOUNDED PRECEDING AND "
     "UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
     "u.g = t.g AND u.id <> t.id"},
    {"by range", "ORDER BY id RANGE BETWEEN 10 PRECEDING AND 4 PRECEDING", "u.id BETWEEN t.id - 10 AND t.id - 4"},
    {"by groups", "ORDER BY g GROUPS 1 PRECEDING", "u.g BETWEEN t.g - 1 AND t.g"},
};

static const char *const calls[] = {
    "median(%s.x)",
    "percentile(%s.x, 90)",
    "mad(%s.x)",
    "stddev(%s.x)",
    "var_pop(%s.x)",
    "slope(%1$s.id, %1$s.x)",
    "mann_kendall(%1$s.x, %1$s.id)",
    "corr(%1$s.id, %1$s.x)",
    "sketch_percentile(sketch_merge(%s.s), 50)",
    "sketch_percentile(sketch_merge(%s.s), 100)",
};

/* Each function over each kind of frame, against an aggregate over the same rows. */
static void windows_agree_with_aggregates(void **state)
{
    const struct frame *row;
    char windowed[256], aggregate[256], sql[1024], answer[256], *over;
    size_t i;

    make_table(*state, 200);
    EACH(row, frames)
    {
        for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
            (void)snprintf(aggregate, sizeof(aggregate), calls[i], "u");
            (void)snprintf(windowed, sizeof(windowed), calls[i], "t");
            /* OVER belongs behind the inner call's parenthesis. */
            over = strstr(windowed, "), ");
            over = over != NULL ? over + 1 : windowed + strlen(windowed);
            (void)snprintf(sql, sizeof(sql),
                           "SELECT count(*) || ' of ' || max(a) FROM (SELECT "
                           "%.*s OVER (%s)%s AS a, (SELECT %s FROM t AS u WHERE %s) AS b FROM t) "
                           "WHERE a IS NOT b AND ifnull(abs(a - b) > %s * abs(b), 1)",
                           (int)(over - windowed), windowed, row->over, over, aggregate, row->where,
                           strstr(calls[i], "sketch") ? "0.016" : "1e-14");
            ask(*state, sql, answer, sizeof(answer));
            if (strcmp(answer, "NULL") != 0)
                fail_msg("%s, %s: differs in '%s'", row->name, windowed, answer);
        }
    }
    execute(*state, "DROP TABLE t");
}

/* A merged sketch gives the percentiles of the values themselves, to 1 %. */
static void sketches_agree_with_values(void **state)
{
    static const char *const p[] = {"0", "1", "50", "95", "99", "100"};
    char sql[512], answer[256];
    size_t i;

    make_table(*state, 3000);
    for (i = 0; i < sizeof(p) / sizeof(p[0]); i++) {
        (void)snprintf(sql, sizeof(sql),
                       "SELECT abs(sketch_percentile(sketch_merge(s), %s) / "
                       "percentile(x, %s) - 1) <= 0.01 FROM t WHERE x IS NOT NULL",
                       p[i], p[i]);
        ask(*state, sql, answer, sizeof(answer));
        if (strcmp(answer, "1") != 0)
            fail_msg("p%s: '%s'", p[i], answer);
    }
    execute(*state, "DROP TABLE t");
}

static void constant_windows_have_no_spread(void **state)
{
    char answer[64];

    execute(*state, "CREATE TABLE c(id INTEGER PRIMARY KEY, x); INSERT INTO c SELECT value, "
                    "iif(value < 1000, value * 1e13 / 7, 5.1) FROM (WITH RECURSIVE i(value) AS "
                    "(SELECT 1 UNION ALL SELECT value + 1 FROM i WHERE value < 1100) SELECT value FROM i)");
    ask(*state,
        "SELECT max(sd) || ' ' || count(*) FROM (SELECT id, stddev(x) OVER "
        "(ORDER BY id ROWS 9 PRECEDING) AS sd FROM c) WHERE id >= 1009",
        answer, sizeof(answer));
    assert_string_equal(answer, "0.0 92");
    execute(*state, "DROP TABLE c");
}

/* Views and indexes may use only what is innocuous and deterministic. */
static void usable_in_an_untrusted_schema(void **state)
{
    char answer[256];

    execute(*state, "PRAGMA trusted_schema = 0; CREATE TABLE v(x); INSERT INTO v VALUES (1), (2), (6);"
                    "CREATE INDEX vz ON v(zscore(x, 1, 1)); CREATE VIEW vv AS SELECT median(x) AS m FROM v");
    ask(*state, "SELECT m FROM vv", answer, sizeof(answer));
    assert_string_equal(answer, "2.0");
    execute(*state, "DROP VIEW vv; DROP TABLE v");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(windows_report_errors),
        cmocka_unit_test(windows_agree_with_aggregates),
        cmocka_unit_test(sketches_agree_with_values),
        cmocka_unit_test(constant_windows_have_no_spread),
        cmocka_unit_test(usable_in_an_untrusted_schema),
    };

    return cmocka_run_group_tests(tests, open_database, close_database);
}
