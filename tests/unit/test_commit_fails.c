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
    int64_t removed;
    return tm_prune(tested, NULL, FIRST + DAY, false, &removed);
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

int main(void)
{
    static struct write run = {put_one_more, "SELECT count(*) FROM run"}, gate = {gate_once, "SELECT count(*) > 0 FROM judgement"},
                        rename = {rename_once, "SELECT count(*) FROM plugin WHERE name = 'b'"},
                        removed = {remove_once, "SELECT -count(*) FROM run"}, pruned = {prune_once, "SELECT -count(*) FROM run"};
    const struct CMUnitTest tests[] = {
        {"a run", fails_whole, NULL, NULL, &run},          {"a gate", fails_whole, NULL, NULL, &gate},
        {"a rename", fails_whole, NULL, NULL, &rename},    {"a removed run", fails_whole, NULL, NULL, &removed},
        {"pruned runs", fails_whole, NULL, NULL, &pruned},
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
