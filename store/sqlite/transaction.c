/* Transactions begin as writers (BEGIN IMMEDIATE), whatever they do first: one that began as a
 * reader could not be made to wait. */
#include "store/sqlite/db.h"

/* References are enforced or not from outside a transaction only, so it is set for each.
 * IMMEDIATE waits in the busy handler; a reader that wants to write later gets SQLITE_BUSY at
 * once, for waiting would deadlock. Under the lock nobody changes the schema any more. */
int tm_sqlite_begin(tm_store *store, bool references)
{
    int set = sqlite3_db_config(tm_sqlite_db(store), SQLITE_DBCONFIG_ENABLE_FKEY, (int)references, NULL);
    if (set != SQLITE_OK)
        return tm_sqlite_error(store, "use");
    if (tm_sqlite_exec(store, "BEGIN IMMEDIATE") != 0)
        return -1;
    if (!tm_sqlite_of(store)->guarded || tm_sqlite_verify_schema(store) == 0)
        return 0;
    tm_sqlite_rollback(store);
    return -1;
}

int tm_sqlite_commit(tm_store *store)
{
    if (sqlite3_exec(tm_sqlite_db(store), "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return tm_sqlite_error(store, "write");
}

/* What fails here has been rolled back by SQLite itself, or will be when the store is closed. A store that could not be opened
 * again has no connection. */
void tm_sqlite_rollback(tm_store *store)
{
    sqlite3 *db = store->connection ? tm_sqlite_db(store) : NULL;
    if (db && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

/* Of the file's, as this connection sees it: what it writes itself does not count. */
int tm_sqlite_version(tm_store *store, int64_t *version)
{
    return tm_sqlite_number(store, "PRAGMA main.data_version", version);
}

/* Pages that are free stay in the file, for what comes. */
int tm_sqlite_used(tm_store *store, int64_t *bytes)
{
    int64_t pages, empty, size;
    if (tm_sqlite_number(store, "PRAGMA main.page_count", &pages) != 0 ||
        tm_sqlite_number(store, "PRAGMA main.freelist_count", &empty) != 0 ||
        tm_sqlite_number(store, "PRAGMA main.page_size", &size) != 0)
        return -1;
    *bytes = (pages - empty) * size;
    return 0;
}

/* Begins as a reader, for once. What lies before the tables of somebody who only reads is kept in memory; that cannot be said
 * later. */
int tm_sqlite_snapshot(tm_store *store)
{
    if (!sqlite3_get_autocommit(tm_sqlite_db(store)))
        return 0;
    bool reader = sqlite3_db_readonly(tm_sqlite_db(store), "main") == 1;
    return tm_sqlite_exec(store, reader ? "PRAGMA temp_store = MEMORY; BEGIN" : "BEGIN");
}

/* Nothing was written but such copies, which stay. */
void tm_sqlite_snapshot_end(tm_store *store)
{
    if (!sqlite3_get_autocommit(tm_sqlite_db(store)) && sqlite3_exec(tm_sqlite_db(store), "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        tm_sqlite_rollback(store);
}

/* The copies end with the connection. */
int tm_sqlite_aside(tm_store *store)
{
    return tm_sqlite_snapshot(store) == 0 ? tm_sqlite_exec(store, tm_aside_tables) : -1;
}
