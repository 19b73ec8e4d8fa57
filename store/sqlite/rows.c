/* Rows of a statement, one after the other. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/sqlite/db.h"

struct tm_rows {
    tm_store *store;
    sqlite3_stmt *statement;
    bool owned;
};

tm_rows *tm_rows_new(tm_store *store, sqlite3_stmt *statement, bool owned)
{
    tm_rows *rows = statement ? malloc(sizeof *rows) : NULL;
    if (rows) {
        *rows = (tm_rows){.store = store, .statement = statement, .owned = owned};
    } else if (statement) {
        tm_db_fail(store, "out of memory");
        if (owned) {
            sqlite3_finalize(statement);
            tm_sql_end(store);
        }
    }
    return rows;
}

int tm_rows_width(const tm_rows *rows)
{
    return sqlite3_column_count(rows->statement);
}

const char *tm_rows_name(const tm_rows *rows, int column)
{
    const char *name = sqlite3_column_name(rows->statement, column);
    return name ? name : "";
}

int tm_rows_next(tm_rows *rows)
{
    int step = sqlite3_step(rows->statement);
    if (step == SQLITE_ROW)
        return 1;
    if (step == SQLITE_DONE)
        return 0;
    return rows->owned ? tm_sql_error(rows->store) : tm_db_error(rows->store, "read");
}

struct tm_value tm_rows_value(const tm_rows *rows, int column)
{
    struct tm_value value = {.type = TM_NULL};
    sqlite3_stmt *statement = rows->statement;
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        value.type = TM_INTEGER;
        value.integer = sqlite3_column_int64(statement, column);
        break;
    case SQLITE_FLOAT:
        value.type = TM_REAL;
        value.real = sqlite3_column_double(statement, column);
        break;
    case SQLITE_TEXT:
        value.type = TM_TEXT;
        value.text = (const char *)sqlite3_column_text(statement, column);
        value.size = (size_t)sqlite3_column_bytes(statement, column);
        break;
    case SQLITE_BLOB:
        value.type = TM_BLOB;
        value.text = sqlite3_column_blob(statement, column);
        value.size = (size_t)sqlite3_column_bytes(statement, column);
        break;
    default:
        break;
    }
    return value;
}

const char *tm_rows_text(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_TEXT && value.text ? value.text : "";
}

void tm_rows_close(tm_rows *rows)
{
    if (!rows)
        return;
    if (rows->owned) {
        sqlite3_finalize(rows->statement);
        tm_sql_end(rows->store);
    } else {
        sqlite3_reset(rows->statement);
    }
    free(rows);
}
