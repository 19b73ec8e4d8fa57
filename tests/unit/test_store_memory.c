/* A store whose SQLite runs out of memory, at each of its allocations in turn: the answer is the one there is with memory enough,
 * or a failure, and never another one. */
#include "tests/unit/fixture.h"

#include <sys/resource.h>

static sqlite3_mem_methods plain;
static long countdown; /* allocations until one fails; 0: none does */
static bool failed;

static bool fails_now(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    return failed = true;
}

static void *failing_malloc(int size)
{
    return fails_now() ? NULL : plain.xMalloc(size);
}

static void *failing_realloc(void *block, int size)
{
    return fails_now() ? NULL : plain.xRealloc(block, size);
}

static int set_up(void **state)
{
    sqlite3_mem_methods methods;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain) != SQLITE_OK)
        return -1;
    methods = plain;
    methods.xMalloc = failing_malloc;
    methods.xRealloc = failing_realloc;
    /* No small blocks from elsewhere: each is to be an allocation that may fail. */
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK || sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK)
        return -1;
    return make_scratch(state);
}

static const struct tm_run night = {.key = "n1", .started_at = 1795140000, .host = "ci", .branch = "dev", .commit_id = "c1"};

/* Names longer than what a page holds of a row: reading them takes memory. */
static char long_plugin[TM_NAME_MAX + 1];

static void make_store(const char *name)
{
    tm_store *store = open_store(name, TM_CREATE);
    struct tm_profile profiles[] = {full_profile(), full_profile()};
    memset(long_plugin, 'x', sizeof long_plugin - 1);
    profiles[1].plugin = long_plugin;
    if (put(store, &night, profiles, 2, NULL) != 0)
        fail_msg("%s", tm_error(store));
    tm_close(store);
}

/* An attempt under want of memory: 1 where the answer is the right one, -1 where it failed, 0 where it is wrong. */
typedef int attempt(tm_store *store);

/* Opens the store with memory enough, then lets the n-th allocation fail, for each n until none did. */
static void try_all(const char *name, unsigned flags, attempt *tried)
{
    long n = 0, failures = 0;
    do {
        tm_store *store = open_store(name, flags);
        failed = false;
        countdown = ++n;
        int result = tried(store);
        countdown = 0;
        if (result == 0)
            fail_msg("%s, allocation %ld failed: the answer is wrong; '%s'", name, n, tm_error(store));
        if (result < 0 && !*tm_error(store))
            fail_msg("%s, allocation %ld failed: no message", name, n);
        failures += result < 0;
        tm_close(store);
    } while (failed);
    if (failures == 0)
        fail_msg("%s: of %ld failed allocations none was noticed", name, n);
}

static int put_mode(tm_store *store, enum tm_put_mode mode, enum tm_outcome *outcome)
{
    struct tm_profile profiles[] = {full_profile(), full_profile()};
    profiles[1].plugin = long_plugin;
    struct tm_run_content content = {.run = night, .profiles = profiles, .n_profiles = 2};
    if (tm_begin(store) != 0)
        return -1;
    if (tm_put_run(store, &content, mode, outcome) == 0 && tm_commit(store) == 0)
        return 0;
    tm_rollback(store);
    return -1;
}

/* The same run again: stored already. */
static int put_again(tm_store *store)
{
    enum tm_outcome outcome;
    if (put_mode(store, TM_PUT, &outcome) != 0)
        return strstr(tm_error(store), "stored already") || tm_put_conflict(store) != TM_NO_CONFLICT ? 0 : -1;
    return outcome == TM_ALREADY;
}

/* What could not be compared must not count as changed, and be written anew. */
static int replace_by_the_same(tm_store *store)
{
    enum tm_outcome outcome;
    if (put_mode(store, TM_PUT_REPLACE, &outcome) != 0)
        return -1;
    return outcome == TM_ALREADY;
}

static void comparing(void **state)
{
    (void)state;
    make_store("again.db");
    try_all("again.db", 0, put_again);
    try_all("again.db", 0, replace_by_the_same);
}

/* A run is stored with its profile and that one's two readings, or not at all. */
static void writing(void **state)
{
    (void)state;
    make_store("write.db");
    tm_store *store = open_store("write.db", 0);
    int64_t without = -1, rows = 0;
    long n = 0, stored = 0;
    do {
        char key[32];
        struct tm_profile profile = full_profile();
        struct tm_run run = night;
        snprintf(key, sizeof key, "w%ld", n);
        run.key = key, run.started_at += n;
        failed = false;
        countdown = ++n;
        stored += put(store, &run, &profile, 1, NULL) == 0;
        countdown = 0;
    } while (failed);
    assert_true(n > 10 && stored >= 1);
    assert_int_equal(tm_sqlite_number(store, "SELECT count(*) FROM run WHERE run_id NOT IN (SELECT run_id FROM profile)", &without),
                     0);
    assert_int_equal(without, 0);
    assert_int_equal(tm_sqlite_number(store, "SELECT 2 * count(*) FROM profile", &rows), 0);
    assert_int_equal(tm_sqlite_number(store, "SELECT count(*) FROM reading", &without), 0);
    assert_int_equal(without, rows);
    assert_int_equal(tm_sqlite_number(store, "SELECT count(*) - 1 FROM run", &without), 0);
    assert_int_equal(without, stored);
    tm_close(store);
}

static int list_all(tm_store *store)
{
    int n = 0, step = -1;
    bool right = true;
    tm_rows *rows = tm_list_plugins(store, &(struct tm_scope){0});
    while (rows && (step = tm_rows_next(rows)) == 1)
        right = strcmp(tm_row_text(rows, "plugin"), n++ == 0 ? "alpha" : long_plugin) == 0 && right;
    if (tm_rows_close(rows) != 0 || step != 0)
        return -1;
    return right && n == 2;
}

/* A reader of one row learns of it when it closes. */
static int read_one(tm_store *store)
{
    tm_rows *rows = tm_ask(store, TM_Q_RUN_FIND, "it", (int64_t)1, "n1");
    int step = rows ? tm_rows_next(rows) : -1;
    bool right = step == 1 && strcmp(tm_row_text(rows, "branch"), "dev") == 0 && strcmp(tm_row_text(rows, "host"), "ci") == 0;
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    return right;
}

static void reading(void **state)
{
    (void)state;
    make_store("read.db");
    try_all("read.db", TM_READONLY, list_all);
    try_all("read.db", TM_READONLY, read_one);
}

static void count_finding(void *context, const char *rule, const char *place)
{
    (void)rule, (void)place;
    ++*(int *)context;
}

/* Damage that is there is found; SQLite counts a page that it has no memory for as a finding, too. */
static int check(tm_store *store)
{
    int told = 0;
    int64_t found = tm_check(store, count_finding, &told);
    return found < 0 ? -1 : found >= 2 && told == found;
}

static void checking(void **state)
{
    (void)state;
    make_store("check.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file("check.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA ignore_check_constraints = 1; UPDATE profile SET wall_ns = -1 WHERE plugin_id = 1;"
                                  "PRAGMA foreign_keys = 0; UPDATE run SET repeat_of = 77",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    try_all("check.db", 0, check);
    /* SQLite reads no CHECK of a file that it may not write. */
    tm_store *reader = open_store("check.db", TM_READONLY);
    assert_int_equal(check(reader), -1);
    assert_non_null(strstr(tm_error(reader), "is read-only"));
    tm_close(reader);
}

/* A view that is gone is found, or nothing is said of the schema: without memory it is never ours. */
static void comparing_schemas(void **state)
{
    (void)state;
    make_store("schema.db");
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file("schema.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP VIEW latest; CREATE VIEW mine AS SELECT 1", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    tm_store *store = open_store("schema.db", TM_ANY_SCHEMA);
    long n = 0;
    do {
        int told = 0;
        failed = false;
        countdown = ++n;
        int64_t found = tm_sqlite_compare_schema(store, count_finding, &told);
        countdown = 0;
        if (found != -1 && (found != 1 || told != 1))
            fail_msg("allocation %ld failed: %d differences", n, told);
        n += n / 10; /* some 10,000 allocations: fewer and fewer are tried */
    } while (failed);
    assert_true(n > 1000);
    tm_close(store);
}

/* A store that is made under want of memory is whole, or there is none. */
static void making(void **state)
{
    (void)state;
    long n = 0;
    do {
        tm_store *store;
        unlink(file("new.db"));
        failed = false;
        countdown = ++n;
        int result = tm_open(file("new.db"), TM_CREATE, &store);
        countdown = 0;
        if (result != 0 && !*tm_error(store))
            fail_msg("allocation %ld failed: no message", n);
        tm_close(store);
        store = open_store("new.db", TM_CREATE);
        int64_t views = 0;
        sqlite3_stmt *statement;
        assert_int_equal(
            sqlite3_prepare_v2(tm_sqlite_db(store), "SELECT count(*) FROM sqlite_schema WHERE type = 'view'", -1, &statement, NULL),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        views = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        assert_int_equal(views, 11);
        tm_close(store);
        n += n / 10; /* some 1,000 allocations: fewer and fewer are tried */
    } while (failed);
}

/* What SQLite refuses to bind would be stored as NULL. */
static void a_value_too_large_is_no_null(void **state)
{
    (void)state;
    static char sketch[3000] = "TS-";
    tm_store *store = open_store("large.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    profile.latency = sketch, profile.latency_size = sizeof sketch;
    sqlite3_limit(tm_sqlite_db(store), SQLITE_LIMIT_LENGTH, 2000);
    assert_int_equal(put(store, &night, &profile, 1, NULL), -1);
    assert_non_null(strstr(tm_error(store), "too big"));
    tm_close(store);
}

/* The first test: what this machine is is read once. With no file descriptor but the journal's left, it cannot be; a host by
 * another name would begin another history. */
static void a_machine_that_is_not_known_is_no_other(void **state)
{
    (void)state;
    tm_store *store = open_store("machine.db", TM_CREATE);
    struct tm_run here = {.key = "n1", .started_at = 1};
    struct tm_profile profile = full_profile();
    struct rlimit limit, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int next = dup(0);
    close(next);
    few = limit;
    few.rlim_cur = (rlim_t)next + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int result = put(store, &here, &profile, 1, NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(result, -1);
    assert_non_null(strstr(tm_error(store), "cannot identify this machine"));
    assert_int_equal(put(store, &here, &profile, 1, NULL), 0);
    assert_int_equal(tm_has_host(store, tm_host()), 1);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_that_is_not_known_is_no_other),
        cmocka_unit_test(comparing),
        cmocka_unit_test(writing),
        cmocka_unit_test(reading),
        cmocka_unit_test(checking),
        cmocka_unit_test(comparing_schemas),
        cmocka_unit_test(making),
        cmocka_unit_test(a_value_too_large_is_no_null),
    };
    return cmocka_run_group_tests(tests, set_up, remove_scratch);
}
