/* SQLite's failures in words, and the statements that have nothing but failures to tell. */
#include "store/sqlite/db.h"

/* Of an ad hoc query the cause is mostly one of its limits, which SQLite's own words do not
 * name. */
static int query_error(tm_store *store)
{
    const char *message = sqlite3_errmsg(tm_sqlite_db(store));
    switch (sqlite3_errcode(tm_sqlite_db(store))) {
    case SQLITE_INTERRUPT:
        return tm_store_fail(store, "the query was stopped: it took longer than its time limit (--timeout SECONDS sets it)");
    case SQLITE_AUTH:
        return tm_store_fail(store, "refused: %s; ad hoc SQL may only read the store", message);
    case SQLITE_READONLY:
        return tm_store_fail(store, "refused: ad hoc SQL may only read the store");
    case SQLITE_NOMEM:
        return tm_store_fail(store, "the query needs more memory than it may have (%d MiB)", TM_SQLITE_HEAP_BYTES >> 20);
    case SQLITE_FULL:
        return tm_store_fail(store, "the query needs more room for temporary files than there is, or than it may have (%d GiB)",
                             TM_SQLITE_TEMP_GIB);
    default:
        return tm_store_fail(store, "SQL: %s", message);
    }
}

/* Every other message of SQLite's says enough by itself. */
int tm_sqlite_error(tm_store *store, const char *doing)
{
    if (!doing)
        return query_error(store);
    switch (sqlite3_errcode(tm_sqlite_db(store))) {
    case SQLITE_BUSY:
        return tm_store_fail(store, "cannot %s '%s': locked by another program for more than %d seconds", doing, store->path,
                             TM_LOCK_SECONDS);
    case SQLITE_NOTADB:
        return tm_store_fail(store, "cannot %s '%s': not a Tidemark store (nor any SQLite file)", doing, store->path);
    default:
        return tm_store_fail(store, "cannot %s '%s': %s", doing, store->path, sqlite3_errmsg(tm_sqlite_db(store)));
    }
}

/* No rows, no parameters: pragmas, transactions, schema. */
int tm_sqlite_exec(tm_store *store, const char *sql)
{
    return sqlite3_exec(tm_sqlite_db(store), sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : tm_sqlite_error(store, "use");
}

int tm_sqlite_number(tm_store *store, const char *sql, int64_t *value)
{
    *value = 0;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(tm_sqlite_db(store), sql, -1, &statement, NULL) != SQLITE_OK)
        return tm_sqlite_error(store, "open");
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    else
        tm_sqlite_error(store, "open");
    sqlite3_finalize(statement);
    return step == SQLITE_ROW ? 0 : -1;
}
