/* What a connection of the store lets happen, whoever wrote the file: asked of SQLite, and tried. */
#include "tests/unit/fixture.h"

#include "schema/tidemark.h"
#include "store/store.h"

static int setting(tm_store *store, int which)
{
    int value = -1;
    assert_int_equal(sqlite3_db_config(tm_sqlite_db(store), which, -1, &value), SQLITE_OK);
    return value;
}

static int64_t number(tm_store *store, const char *sql)
{
    int64_t value = -1;
    assert_int_equal(tm_sqlite_number(store, sql, &value), 0);
    return value;
}

static int execute(const char *name, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file(name), &db), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static void close_to_strangers(tm_store *store)
{
    assert_int_equal(setting(store, SQLITE_DBCONFIG_DEFENSIVE), 1);
    assert_int_equal(setting(store, SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0);
    assert_int_equal(setting(store, SQLITE_DBCONFIG_ENABLE_TRIGGER), 0);
    assert_int_equal(number(store, "PRAGMA synchronous"), 3); /* EXTRA */
}

static void every_connection(void **state)
{
    (void)state;
    tm_store *writer = open_store("t.db", TM_CREATE);
    close_to_strangers(writer);
    assert_int_equal(setting(writer, SQLITE_DBCONFIG_ENABLE_VIEW), 0);
    tm_close(writer);
    tm_store *reader = open_store("t.db", TM_READONLY);
    close_to_strangers(reader);
    assert_int_equal(setting(reader, SQLITE_DBCONFIG_ENABLE_VIEW), 1);
    assert_int_equal(sqlite3_db_readonly(tm_sqlite_db(reader), "main"), 1);
    tm_close(reader);
}

/* DEFENSIVE: SQL that rewrites the schema's own table does not. */
static void the_schema_is_not_writable(void **state)
{
    (void)state;
    tm_store *store = open_store("t.db", TM_CREATE);
    sqlite3_exec(tm_sqlite_db(store), "PRAGMA writable_schema = 1", NULL, NULL, NULL);
    assert_int_not_equal(sqlite3_exec(tm_sqlite_db(store), "DELETE FROM sqlite_schema", NULL, NULL, NULL), SQLITE_OK);
    tm_close(store);
}

static int times_run;

static void has_effects(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    times_run++;
    sqlite3_result_int(context, 1);
}

/* An untrusted schema: a view runs no function that is not known to be harmless. */
static void views_run_no_function(void **state)
{
    (void)state;
    tm_close(open_store("v.db", TM_CREATE));
    assert_int_equal(execute("v.db", "CREATE VIEW mine AS SELECT has_effects() AS x"), SQLITE_OK);
    tm_store *store = open_store("v.db", TM_READONLY);
    assert_int_equal(sqlite3_create_function(tm_sqlite_db(store), "has_effects", 0, SQLITE_UTF8, NULL, has_effects, NULL, NULL),
                     SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(tm_sqlite_db(store), "SELECT x FROM mine", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(times_run, 0);
    tm_close(store);
}

/* The schema is looked at again as soon as it has changed, also by a connection that has seen it once. */
static void looked_at_again(void **state)
{
    (void)state;
    tm_store *store = open_store("s.db", TM_CREATE);
    assert_int_equal(tm_begin(store), 0);
    tm_rollback(store);
    assert_int_equal(execute("s.db", "CREATE TRIGGER t AFTER INSERT ON profile BEGIN SELECT 1; END"), SQLITE_OK);
    assert_int_equal(tm_begin(store), -1);
    assert_non_null(strstr(tm_error(store), "trigger 't'"));
    assert_int_equal(execute("s.db", "DROP TRIGGER t"), SQLITE_OK);
    assert_int_equal(tm_begin(store), 0);
    tm_rollback(store);
    tm_close(store);
    assert_int_equal(execute("s.db", "DROP VIEW latest"), SQLITE_OK);
    assert_int_equal(tm_open(file("s.db"), TM_READONLY, &store), -1);
    assert_non_null(strstr(tm_error(store), "view 'latest' is missing"));
    tm_close(store);
    assert_int_equal(execute("s.db", "CREATE VIEW latest AS SELECT 1"), SQLITE_OK);
    assert_int_equal(tm_open(file("s.db"), 0, &store), -1);
    assert_non_null(strstr(tm_error(store), "view 'latest' is another"));
    tm_close(store);
}

/* Files that are not what they say, or nothing that this version knows. */
static void other_files(void **state)
{
    static const struct {
        const char *mark, *says;
    } cases[] = {
        {"PRAGMA user_version = 0", "damaged (schema version 0)"},
        {"PRAGMA user_version = -1", "damaged (schema version -1)"},
        {"PRAGMA user_version = 99", "newer"},
        {"PRAGMA application_id = 1", "not a Tidemark store"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tm_store *store;
        unlink(file("o.db"));
        tm_close(open_store("o.db", TM_CREATE));
        assert_int_equal(execute("o.db", cases[i].mark), SQLITE_OK);
        assert_int_equal(tm_open(file("o.db"), TM_CREATE, &store), -1);
        if (!strstr(tm_error(store), cases[i].says))
            fail_msg("%s: %s", cases[i].mark, tm_error(store));
        tm_close(store);
    }
}

struct findings {
    int n;
    char text[2000];
};

static void keep(void *context, const char *rule, const char *place)
{
    struct findings *findings = context;
    size_t used = strlen(findings->text);
    findings->n++;
    snprintf(findings->text + used, sizeof findings->text - used, "%s: %s\n", rule, place);
}

static void put_run(const char *name)
{
    tm_store *store = open_store(name, TM_CREATE);
    struct tm_run run = {.key = "r", .started_at = 1700000000, .host = "h"};
    struct tm_profile profile = TM_PROFILE_INIT;
    profile.plugin = "a";
    profile.calls = 10;
    profile.wall_ns = 1e9;
    assert_int_equal(tm_run_begin(store, &run) || tm_run_add(store, &profile) || tm_run_commit(store, NULL), 0);
    tm_close(store);
}

/* Each kind of damage that `check` looks for, and that it finds that and nothing else. */
static void check_finds(void **state)
{
    static const struct {
        const char *name, *damage, *says;
    } cases[] = {
        {"sound", "SELECT 1", ""},
        {"trigger", "CREATE TRIGGER t AFTER INSERT ON profile BEGIN SELECT 1; END", "trigger 't'"},
        {"CHECK", "UPDATE profile SET calls = -3", "CHECK"},
        {"reference", "UPDATE profile SET plugin_id = 7", "a row of profile refers to a row of plugin that is not there"},
        {"rule", "UPDATE run SET started_at = 253402300800", "runs start between the years 1970 and 9999"},
        {"name", "UPDATE plugin SET name = 'a' || char(7)", "names hold no control characters"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct findings findings = {0};
        char name[32], sql[300];
        snprintf(name, sizeof name, "check-%s.db", cases[i].name);
        put_run(name);
        snprintf(sql, sizeof sql, "PRAGMA ignore_check_constraints = 1; %s", cases[i].damage);
        assert_int_equal(execute(name, sql), SQLITE_OK);
        tm_store *store = open_store(name, TM_ANY_SCHEMA);
        int64_t n = tm_check(store, keep, &findings);
        assert_int_equal(n, findings.n);
        if (*cases[i].says ? n < 1 || !strstr(findings.text, cases[i].says) : n != 0)
            fail_msg("%s: %lld findings: %s", cases[i].name, (long long)n, findings.text);
        tm_close(store);
    }
}

/* Of a file that it may not write SQLite looks at a part alone, and would call it sound. */
static void check_needs_to_write(void **state)
{
    struct findings findings = {0};
    (void)state;
    put_run("readonly.db");
    tm_store *store = open_store("readonly.db", TM_READONLY | TM_ANY_SCHEMA);
    assert_int_equal(tm_check(store, keep, &findings), -1);
    assert_non_null(strstr(tm_error(store), "the file is read-only"));
    tm_close(store);
}

/* Ad hoc SQL is behind several locks, each of which would do: they hold one by one, with the authorizer taken away. */
static void each_lock_of_ad_hoc_sql(void **state)
{
    (void)state;
    put_run("sql.db");
    tm_store *store = open_store("sql.db", TM_READONLY);
    tm_rows *rows = tm_sql(store, "SELECT 1", &(struct tm_sql_limits){0});
    assert_int_equal(tm_rows_next(rows), 1);
    assert_int_equal(tm_rows_close(rows), 0);
    sqlite3 *db = tm_sqlite_db(store);
    assert_int_equal(sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, -1), 0);
    assert_int_equal(sqlite3_hard_heap_limit64(-1), TM_SQLITE_HEAP_BYTES);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL), SQLITE_AUTH);
    sqlite3_set_authorizer(db, NULL, NULL);
    assert_int_equal(number(store, "PRAGMA query_only"), 1);
    assert_int_not_equal(sqlite3_exec(db, "CREATE TEMP TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "ATTACH ':memory:' AS m", NULL, NULL, NULL), SQLITE_OK);
    tm_close(store);
    sqlite3_hard_heap_limit64(0); /* it is the process's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_connection),      cmocka_unit_test(the_schema_is_not_writable),
        cmocka_unit_test(views_run_no_function), cmocka_unit_test(looked_at_again),
        cmocka_unit_test(other_files),           cmocka_unit_test(check_finds),
        cmocka_unit_test(check_needs_to_write),  cmocka_unit_test(each_lock_of_ad_hoc_sql),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
