/* Somebody's SQL. What it may do is a list of what is allowed, not of what is forbidden. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "store/sqlite/db.h"
#include "store/sqlite/sqlext.h"
#include "store/sqlite/tempfiles.h"
#include "store/sqlite/watchdog.h"

enum { MAX_SQL = 1000000, MAX_VALUE = 64 << 20, HEAP_BYTES = 1 << 30, TEMP_GIB = 4 };

static const char *const refused_functions[] = {"load_extension", "writefile", "edit", "readfile", "fts3_tokenizer", "zeroblob"};
static const char *const allowed_pragmas[] = {"table_info", "table_xinfo",      "table_list",     "index_list",
                                              "index_info", "foreign_key_list", "application_id", "user_version"};

static bool listed(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(name, list[i]) == 0)
            return true;
    return false;
}

static int authorize(void *context, int action, const char *first, const char *second, const char *database, const char *trigger)
{
    (void)context, (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return listed(second, refused_functions, sizeof refused_functions / sizeof *refused_functions) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return !second || strncmp(first, "table_", 6) == 0 || strncmp(first, "index_", 6) == 0 || strncmp(first, "foreign", 7) == 0
                   ? (listed(first, allowed_pragmas, sizeof allowed_pragmas / sizeof *allowed_pragmas) ? SQLITE_OK : SQLITE_DENY)
                   : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* Table-valued functions declare their columns when first used, which the authorizer would take for CREATE TABLE: so use them
 * before. */
static void meet_table_functions(tm_store *store)
{
    static const char *const names[] = {"json_each",         "json_tree",         "pragma_table_info", "pragma_table_xinfo",
                                        "pragma_table_list", "pragma_index_list", "pragma_index_info", "pragma_foreign_key_list"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sqlite3_stmt *statement = NULL;
        char sql[80];
        snprintf(sql, sizeof sql, "SELECT 1 FROM %s", names[i]);
        sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
        sqlite3_finalize(statement);
    }
}

static int lock_down(tm_store *store)
{
    static const struct {
        int id, value;
    } limits[] = {
        {SQLITE_LIMIT_SQL_LENGTH, MAX_SQL}, {SQLITE_LIMIT_LENGTH, MAX_VALUE},    {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_EXPR_DEPTH, 200},     {SQLITE_LIMIT_COMPOUND_SELECT, 100}, {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_FUNCTION_ARG, 100},   {SQLITE_LIMIT_WORKER_THREADS, 0},    {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
    };
    if (store->locked_down)
        return 0;
    if (tm_sqlext_register(store->db) != SQLITE_OK || tm_db_exec(store, "PRAGMA query_only = ON; PRAGMA temp_store = FILE") != 0)
        return tm_db_error(store, "use");
    meet_table_functions(store);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(store->db, limits[i].id, limits[i].value);
    sqlite3_hard_heap_limit64(HEAP_BYTES);
    sqlite3_set_authorizer(store->db, authorize, store);
    store->locked_down = true;
    return 0;
}

int tm_sql_error(tm_store *store)
{
    int code = sqlite3_errcode(store->db);
    const char *message = sqlite3_errmsg(store->db);
    if (code == SQLITE_INTERRUPT)
        return tm_db_fail(store, "the query was stopped: it took longer than its time limit (--timeout SECONDS sets it)");
    if (code == SQLITE_AUTH)
        return tm_db_fail(store, "refused: %s; ad hoc SQL may only read the store", message);
    if (code == SQLITE_READONLY)
        return tm_db_fail(store, "refused: ad hoc SQL may only read the store");
    if (code == SQLITE_NOMEM)
        return tm_db_fail(store, "the query needs more memory than it may have (%d MiB)", HEAP_BYTES >> 20);
    if (code == SQLITE_FULL)
        return tm_db_fail(store, "the query needs more room for temporary files than there is, or than it may have (%d GiB)",
                          TEMP_GIB);
    return tm_db_fail(store, "SQL: %s", message);
}

/* Is there anything but blanks, semicolons and comments behind a statement? Asked of SQLite, which knows best. */
static bool only_blanks(tm_store *store, const char *rest)
{
    while (*rest) {
        sqlite3_stmt *more = NULL;
        const char *next = rest;
        int code = sqlite3_prepare_v2(store->db, rest, -1, &more, &next);
        bool blank = code == SQLITE_OK && !more;
        sqlite3_finalize(more);
        if (!blank)
            return false;
        if (next == rest)
            return true;
        rest = next;
    }
    return true;
}

tm_rows *tm_sql(tm_store *store, const char *sql, const struct tm_sql_limits *limits)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = sql;
    tm_sql_end(store);
    if (lock_down(store) != 0)
        return NULL;
    tm_tempfiles_limit(limits->temp_bytes > 0 ? limits->temp_bytes : (int64_t)TEMP_GIB << 30);
    if (limits->seconds > 0 && !(store->watchdog = tm_watchdog_start(store->db, limits->seconds))) {
        tm_db_fail(store, "cannot watch over the query's time: no memory, or no thread");
        return NULL;
    }
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, &rest) != SQLITE_OK)
        tm_sql_error(store);
    else if (!statement)
        tm_db_fail(store, "there is no SQL statement in the query");
    else if (!only_blanks(store, rest))
        tm_db_fail(store, "one statement at a time: there is more behind the first");
    else if (!sqlite3_stmt_readonly(statement) || sqlite3_column_count(statement) == 0)
        tm_db_fail(store, "refused: ad hoc SQL may only read the store");
    else
        return tm_rows_new(store, statement, true);
    sqlite3_finalize(statement);
    tm_sql_end(store);
    return NULL;
}

void tm_sql_end(tm_store *store)
{
    tm_watchdog_stop(store->watchdog);
    store->watchdog = NULL;
}
