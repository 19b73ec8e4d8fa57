/* A copy of the store as one file, which SQLite writes page by page in the order of the tables. */
#include <stdio.h>
#include <string.h>

#include "store/sqlite/db.h"

/* The path goes in as a parameter, and never as a name that SQLite would take for something else: "" and ":memory:" are no files.
 */
int tm_sqlite_copy(tm_store *store, const char *path)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = tm_sqlite_db(store);
    char *file = sqlite3_mprintf("%s%s", *path == '/' ? "" : "./", path);
    if (!file)
        return tm_store_fail(store, "out of memory");
    int result = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(statement, 1, file, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result != SQLITE_DONE)
        tm_sqlite_error(store, "copy");
    sqlite3_finalize(statement);
    sqlite3_free(file);
    return result == SQLITE_DONE ? 0 : -1;
}
