/* A commit that fails: the call says so, the transaction is gone, and the same call works afterwards. Another connection that reads
 * keeps the lock that a commit needs, which is the one failure that leaves SQLite's transaction open. */
#include <time.h>

#include "tests/unit/fixture.h"

#include "schema/tidemark.h"
#include "store/store.h"

static tm_store *tested;
static sqlite3 *reader;

enum { FIRST = 1700000000, DAY = 86400, NIGHTS = 12 };

static int put_night(int night, const char *key)
{
    struct tm_run run = {.key = key, .started_at = FIRST + (int64_t)night * DAY, .host = "h"};
    struct tm_profile profile = TM_PROFILE_INIT;
    profile.plugin = "a";
    profile.calls = 10;
    profile.wall_ns = 1e9 + night;
    return tm_run_begin(tested, &run) || tm_run_add(tested, &profile) || tm_run_commit(tested, NULL) ? -1 : 0;
}

static int make_store(void **state)
{
    char key[16];
    if (make_scratch(state) != 0)
        return -1;
    tested = open_store("t.db", TM_CREATE);
    for (int night = 0; night < NIGHTS; night++) {
        snprintf(key, sizeof key, "n%02d", night);
        if (put_night(night, key) != 0)
            return -1;
    }
    sqlite3_busy_timeout(tm_sqlite_db(tested), 0); /* nobody waits for two minutes here */
    return 0;
}

static int remove_store(void **state)
{
    tm_close(tested);
    return remove_scratch(state);
}

static void begin_reading(void)
{
    assert_int_equal(sqlite3_open_v2(file("t.db"), &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM profile", NULL, NULL, NULL), SQLITE_OK);
}

static void end_reading(void)
{
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
}

static int64_t number(const char *sql)
{
    int64_t value = -1;
    sqlite3 *db;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open_v2(file("t.db"), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    if (sqlite3_step(row) == SQLITE_ROW)
        value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return value;
}

/* One call that writes, done twice: it fails and leaves everything as it was, then it works. */
struct write {
    int (*call)(void);
    const char *changed; /* 0 before, more afterwards */
};

/* A run whose commit failed is open still, to be committed again. */
static int put_one_more(void)
{
    return tested->pending ? tm_run_commit(tested, NULL) : put_night(NIGHTS, "more");
}

static int gate_once(void)
{
    tm_gate_result *result;
    int code = tm_gate(tested, NULL, &result);
    if (code != 0)
        assert_null(result);
    tm_gate_free(result);
    return code;
}

static int rename_once(void)
{
    return tm_rename_plugin(tested, NULL, "a", "b");
}

static int remove_once(void)
{
    return tm_remove_run(tested, NULL, "n03");
}

static int prune_once(void)
{
    struct tm_pruned pruned;
    const struct tm_prune_wish wish = {.before = FIRST + DAY, .keep_runs = TM_UNKNOWN, .needed = TM_UNKNOWN};
    return tm_prune(tested, &wish, &pruned);
}

static void fails_whole(void **state)
{
    const struct write *write = *state;
    const int64_t before = number(write->changed);
    begin_reading();
    assert_int_equal(write->call(), -1);
    assert_non_null(strstr(tm_error(tested), "locked"));
    end_reading();
    assert_int_equal(number(write->changed), before);
    assert_int_equal(tm_begin(tested), 0); /* no transaction is left open */
    assert_int_equal(tm_commit(tested), 0);
    assert_int_equal(number(write->changed), before);
    assert_int_equal(write->call(), 0);
    assert_int_equal(number(write->changed), before + 1);
}

/* A full disk in the middle of a run: by the statement that adds profiles, and by those that add readings one by one. */
static void full_disk(void **state)
{
    enum { MANY = 4000 };
    static struct tm_reading readings[MANY];
    static char names[MANY][16];
    char limit[60];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "m%d", i);
        readings[i] = (struct tm_reading){.metric = names[i], .value = i};
    }
    for (int many_readings = 0; many_readings < 2; many_readings++) {
        struct tm_run run = {.key = many_readings ? "readings" : "profiles", .started_at = FIRST, .host = "h"};
        struct tm_profile profile = TM_PROFILE_INIT;
        profile.calls = 10;
        profile.wall_ns = 1e9;
        profile.readings = readings;
        profile.n_readings = many_readings ? MANY : 0;
        const int64_t before = number("SELECT count(*) FROM run");
        snprintf(limit, sizeof limit, "PRAGMA max_page_count = %lld", (long long)number("PRAGMA page_count") + 4);
        assert_int_equal(tm_run_begin(tested, &run), 0);
        for (int i = 0; i < (many_readings ? 1 : MANY); i++) {
            profile.plugin = names[i];
            assert_int_equal(tm_run_add(tested, &profile), 0);
        }
        assert_int_equal(sqlite3_exec(tm_sqlite_db(tested), limit, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(tm_run_commit(tested, NULL), -1);
        assert_non_null(strstr(tm_error(tested), "full"));
        assert_int_equal(number("SELECT count(*) FROM run"), before);
        assert_int_equal(sqlite3_exec(tm_sqlite_db(tested), "PRAGMA max_page_count = 1000000", NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(tm_run_commit(tested, NULL), 0);
        assert_int_equal(number("SELECT count(*) FROM run"), before + 1);
    }
}

/* Nothing is written and nothing is ended where no transaction was begun. */
static void without_a_transaction(void **state)
{
    enum tm_outcome outcome;
    struct tm_run_content content = {.run = {.key = "x", .started_at = FIRST, .host = "h"}};
    (void)state;
    assert_int_equal(tm_commit(tested), -1);
    assert_non_null(strstr(tm_error(tested), "no transaction is open"));
    assert_int_equal(tm_put_run(tested, &content, TM_PUT, &outcome), -1);
    assert_non_null(strstr(tm_error(tested), "no transaction is open"));
    assert_int_equal(tm_begin(tested), 0);
    assert_int_equal(tm_begin(tested), -1);
    assert_non_null(strstr(tm_error(tested), "open already"));
    tm_rollback(tested);
}

int main(void)
{
    static struct write run = {put_one_more, "SELECT count(*) FROM run"}, gate = {gate_once, "SELECT count(*) > 0 FROM judgement"},
                        rename = {rename_once, "SELECT count(*) FROM plugin WHERE name = 'b'"},
                        removed = {remove_once, "SELECT -count(*) FROM run"}, pruned = {prune_once, "SELECT -count(*) FROM run"};
    const struct CMUnitTest tests[] = {
        {"a run", fails_whole, NULL, NULL, &run},          {"a gate", fails_whole, NULL, NULL, &gate},
        {"a rename", fails_whole, NULL, NULL, &rename},    {"a removed run", fails_whole, NULL, NULL, &removed},
        {"pruned runs", fails_whole, NULL, NULL, &pruned}, cmocka_unit_test(full_disk),
        cmocka_unit_test(without_a_transaction),
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
