/* Prepared statements: the engine's part of store/statement.c and store/rows.c. A tm_statement
 * is a sqlite3_stmt. */
#include "store/sqlite/db.h"

/* tm_statement is a name for it that the rest of the store may know. */
static sqlite3_stmt *native(tm_statement *statement)
{
    return (sqlite3_stmt *)statement;
}

/* PERSISTENT: it is kept as long as the handle. */
tm_statement *tm_sqlite_prepare(tm_store *store, enum tm_query query)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(tm_sqlite_db(store), tm_queries[query].sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK)
        tm_sqlite_error(store, "read");
    return (tm_statement *)statement;
}

void tm_sqlite_finalize(tm_statement *statement)
{
    sqlite3_finalize(native(statement));
}

/* STATIC: what is given stays until the statement is cleared, and is not copied. */
int tm_sqlite_bind(tm_statement *statement, int at, const struct tm_value *value)
{
    int code = SQLITE_OK;
    switch (value->type) {
    case TM_NULL:
        break;
    case TM_INTEGER:
        code = sqlite3_bind_int64(native(statement), at, value->integer);
        break;
    case TM_REAL:
        code = sqlite3_bind_double(native(statement), at, value->real);
        break;
    case TM_TEXT:
        code = sqlite3_bind_text(native(statement), at, value->text, -1, SQLITE_STATIC);
        break;
    case TM_BLOB:
        code = sqlite3_bind_blob64(native(statement), at, value->text, value->size, SQLITE_STATIC);
        break;
    }
    return code == SQLITE_OK ? 0 : -1;
}

/* Why it failed, the connection knows: tm_sqlite_error() asks. */
int tm_sqlite_step(tm_statement *statement)
{
    int step = sqlite3_step(native(statement));
    return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

void tm_sqlite_reset(tm_statement *statement)
{
    sqlite3_reset(native(statement));
}

void tm_sqlite_clear(tm_statement *statement)
{
    sqlite3_reset(native(statement));
    sqlite3_clear_bindings(native(statement));
}

int tm_sqlite_width(tm_statement *statement)
{
    return sqlite3_column_count(native(statement));
}

/* NULL only without memory: a name that fits no column makes the reader stop. */
const char *tm_sqlite_column(tm_statement *statement, int column)
{
    const char *name = sqlite3_column_name(native(statement), column);
    return name ? name : "";
}

/* SQLite gives NULL for a text it has no memory for, and for a blob also where it is empty. */
static int check_pointer(sqlite3_stmt *statement, const struct tm_value *value)
{
    if (value->text ||
        (value->type == TM_BLOB && value->size == 0 && sqlite3_errcode(sqlite3_db_handle(statement)) != SQLITE_NOMEM))
        return 0;
    return -1;
}

/* Numbers, which most values are, are taken from the column itself: looking it up anew for its type and for its value took most of
 * the time. A connection of one thread, as ours are, may do so. */
int tm_sqlite_value(tm_statement *statement, int column, struct tm_value *value)
{
    sqlite3_stmt *row = native(statement);
    sqlite3_value *found = sqlite3_column_value(row, column);
    switch (sqlite3_value_type(found)) {
    case SQLITE_INTEGER:
        value->type = TM_INTEGER;
        value->integer = sqlite3_value_int64(found);
        return 0;
    case SQLITE_FLOAT:
        value->type = TM_REAL;
        value->real = sqlite3_value_double(found);
        return 0;
    case SQLITE_TEXT:
        value->type = TM_TEXT;
        /* The text first, then its size: the first call may convert, the second then measures
         * what it made. */
        value->text = (const char *)sqlite3_column_text(row, column);
        value->size = (size_t)sqlite3_column_bytes(row, column);
        return check_pointer(row, value);
    case SQLITE_BLOB:
        value->type = TM_BLOB;
        value->text = sqlite3_column_blob(row, column);
        value->size = (size_t)sqlite3_column_bytes(row, column);
        return check_pointer(row, value);
    default:
        value->type = TM_NULL;
        return 0;
    }
}
