/* Somebody's SQL. What it may do is a list of what is allowed, not of what is forbidden. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "store/sqlite/byplugin.h"
#include "store/sqlite/db.h"
#include "store/sqlite/sqlext.h"
#include "store/sqlite/tempfiles.h"
#include "store/sqlite/watchdog.h"

/* A query of a MB is none that somebody wrote; a value of 64 MiB is larger than a latency sketch
 * can be, and bounds what a function like hex() builds. */
enum { MAX_SQL = 1000000, MAX_VALUE = 64 << 20 };

/* Functions that reach beyond the store, where SQLite has them at all; zeroblob takes memory
 * that no row has. */
static const char *const refused_functions[] = {"load_extension", "writefile", "edit", "readfile", "fts3_tokenizer", "zeroblob"};
/* Those that describe the schema; with a value they would set something. */
static const char *const allowed_pragmas[] = {"table_info", "table_xinfo",      "table_list",     "index_list",
                                              "index_info", "foreign_key_list", "application_id", "user_version"};

static bool listed(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(name, list[i]) == 0)
            return true;
    return false;
}

/* SQLite asks at every step of preparing a statement. Whatever is not known here is denied. */
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
    /* A pragma with a value sets it, but for those whose value is a table's or index's name. */
    case SQLITE_PRAGMA:
        return !second || strncmp(first, "table_", 6) == 0 || strncmp(first, "index_", 6) == 0 || strncmp(first, "foreign", 7) == 0
                   ? (listed(first, allowed_pragmas, sizeof allowed_pragmas / sizeof *allowed_pragmas) ? SQLITE_OK : SQLITE_DENY)
                   : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* Table-valued functions declare their columns when first used, which the authorizer would take
 * for CREATE TABLE: so use them before. */
static void meet_table_functions(sqlite3 *db)
{
    static const char *const names[] = {"json_each",         "json_tree",         "pragma_table_info", "pragma_table_xinfo",
                                        "pragma_table_list", "pragma_index_list", "pragma_index_info", "pragma_foreign_key_list"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sqlite3_stmt *statement = NULL;
        char sql[80];
        snprintf(sql, sizeof sql, "SELECT 1 FROM %s", names[i]);
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        sqlite3_finalize(statement);
    }
}

/* Once for a connection, which runs nothing but ad hoc SQL afterwards. The limits keep a query
 * from being larger than anybody would write it, and so from taking the parser or the planner
 * long; 0 forbids. */
static int lock_down(tm_store *store)
{
    static const struct {
        int id, value;
    } limits[] = {
        {SQLITE_LIMIT_SQL_LENGTH, MAX_SQL}, {SQLITE_LIMIT_LENGTH, MAX_VALUE},    {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_EXPR_DEPTH, 200},     {SQLITE_LIMIT_COMPOUND_SELECT, 100}, {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_FUNCTION_ARG, 100},   {SQLITE_LIMIT_WORKER_THREADS, 0},    {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
    };
    struct tm_sqlite *own = tm_sqlite_of(store);
    if (own->locked_down)
        return 0;
    if (tm_sqlite_exec(store, "PRAGMA query_only = ON; PRAGMA temp_store = FILE") != 0)
        return -1;
    meet_table_functions(own->db);
    if (tm_byplugin_register(own->db) != SQLITE_OK)
        return tm_sqlite_error(store, "use");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(own->db, limits[i].id, limits[i].value);
    /* Of the whole process: a command that runs ad hoc SQL does nothing else. */
    sqlite3_hard_heap_limit64(TM_SQLITE_HEAP_BYTES);
    if (sqlite3_set_authorizer(own->db, authorize, NULL) != SQLITE_OK)
        return tm_sqlite_error(store, "use");
    own->locked_down = true;
    return 0;
}

/* Is there nothing but blanks, semicolons and comments behind a statement? Asked of SQLite,
 * which knows best. */
static bool only_blanks(sqlite3 *db, const char *rest)
{
    while (*rest) {
        sqlite3_stmt *more = NULL;
        const char *next = rest;
        int code = sqlite3_prepare_v2(db, rest, -1, &more, &next);
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

/* ---- GROUP BY plugin without a sort ---- */

enum plan { SORTS_FOR_GROUPS, READS_BY_PLUGIN, OTHER_PLAN };

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* By plugin reads what has no other source than our table, and sorts at most its result. */
static enum plan plan_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *explain = NULL;
    char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    bool sorts = false, only_ours = true, ours = false;
    int code = text ? sqlite3_prepare_v2(db, text, -1, &explain, NULL) : SQLITE_NOMEM;
    while (code == SQLITE_OK && sqlite3_step(explain) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(explain, 3);
        bool is_ours =
            detail && begins(detail, "SCAN ") && strstr(detail, "VIRTUAL TABLE INDEX 0:") && strstr(detail, "tidemark_collect");
        bool is_group = detail && begins(detail, "USE TEMP B-TREE FOR GROUP BY");
        sorts = sorts || is_group;
        only_ours = only_ours && detail && !(ours && is_ours) && (is_ours || (!is_group && begins(detail, "USE TEMP B-TREE FOR ")));
        ours = ours || is_ours;
    }
    sqlite3_finalize(explain);
    sqlite3_free(text);
    return sorts ? SORTS_FOR_GROUPS : ours && only_ours ? READS_BY_PLUGIN : OTHER_PLAN;
}

/* Our own words, which the authorizer would refuse. */
static int run_unlocked(sqlite3 *db, const char *sql)
{
    sqlite3_set_authorizer(db, NULL, NULL);
    int code = sqlite3_exec(db, "PRAGMA query_only = OFF", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    int locked = sqlite3_exec(db, "PRAGMA query_only = ON", NULL, NULL, NULL);
    sqlite3_set_authorizer(db, authorize, NULL);
    return code == SQLITE_OK ? locked : code;
}

static int leave_source(tm_store *store)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    if (!own->by_plugin)
        return 0;
    own->by_plugin = false;
    return run_unlocked(own->db, "DROP TABLE temp.profiles") == SQLITE_OK ? 0 : tm_sqlite_error(store, "use");
}

/* A query that would sort all rows to group them by plugin reads the view from a table that has them in that order: a temporary
 * table of the view's name stands before it, until the query ends or where it is of no use. */
static int choose_source(tm_store *store, const char *sql)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    if (plan_of(own->db, sql) != SORTS_FOR_GROUPS)
        return 0;
    int code = run_unlocked(own->db, "CREATE VIRTUAL TABLE temp.profiles USING " TM_BYPLUGIN_MODULE);
    if (code == SQLITE_ERROR)
        return 0; /* an older store's view, or none */
    if (code != SQLITE_OK)
        return tm_sqlite_error(store, "use");
    own->by_plugin = true;
    return plan_of(own->db, sql) == READS_BY_PLUGIN ? 0 : leave_source(store);
}

/* ---- a query ---- */

/* Of a statement that may run: the same, or one of another source. */
static tm_statement *from_best_source(tm_store *store, const char *sql, sqlite3_stmt *statement)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    int result = choose_source(store, sql);
    if (result == 0 && own->by_plugin) {
        sqlite3_finalize(statement);
        statement = NULL;
        if (sqlite3_prepare_v2(own->db, sql, -1, &statement, NULL) != SQLITE_OK)
            result = tm_sqlite_error(store, NULL);
    }
    if (result == 0)
        return (tm_statement *)statement;
    tm_sqlite_query_end(store, (tm_statement *)statement);
    return NULL;
}

/* The watch starts before the statement is prepared: a planner can be kept busy too. */
tm_statement *tm_sqlite_query(tm_store *store, const char *sql, const struct tm_sql_limits *limits)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    sqlite3_stmt *statement = NULL;
    const char *rest = sql;
    tm_sqlite_query_end(store, NULL);
    if (lock_down(store) != 0)
        return NULL;
    tm_tempfiles_limit(limits->temp_bytes > 0 ? limits->temp_bytes : (int64_t)TM_SQLITE_TEMP_GIB << 30);
    if (limits->seconds > 0 && !(own->watchdog = tm_watchdog_start(own->db, limits->seconds))) {
        tm_store_fail(store, "cannot watch over the query's time: no memory, or no thread");
        return NULL;
    }
    /* Four doors, each with its own words: not SQL, nothing there, more than one, not reading. */
    if (sqlite3_prepare_v2(own->db, sql, -1, &statement, &rest) != SQLITE_OK)
        tm_sqlite_error(store, NULL);
    else if (!statement)
        tm_store_fail(store, "there is no SQL statement in the query");
    else if (!only_blanks(own->db, rest))
        tm_store_fail(store, "expected one statement, found more after the first");
    else if (!sqlite3_stmt_readonly(statement) || sqlite3_column_count(statement) == 0)
        tm_store_fail(store, "refused: ad hoc SQL may only read the store");
    else
        return from_best_source(store, sql, statement);
    tm_sqlite_query_end(store, (tm_statement *)statement);
    return NULL;
}

void tm_sqlite_query_end(tm_store *store, tm_statement *statement)
{
    tm_sqlite_finalize(statement);
    leave_source(store);
    tm_watchdog_stop(tm_sqlite_of(store)->watchdog);
    tm_sqlite_of(store)->watchdog = NULL;
}
