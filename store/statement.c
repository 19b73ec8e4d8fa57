/* Named statements: prepared lazily, bound by a string of types, kept in the handle. */
#include "store/sqlite/db.h"

#include <stdarg.h>

static sqlite3_stmt *prepared(tm_store *store, enum tm_query query)
{
    sqlite3_stmt **cached = &store->cached[query];
    if (*cached) {
        sqlite3_reset(*cached);
        sqlite3_clear_bindings(*cached);
    } else if (sqlite3_prepare_v3(store->db, tm_queries[query].sql, -1, SQLITE_PREPARE_PERSISTENT, cached, NULL) != SQLITE_OK) {
        tm_db_error(store, "read");
    }
    return *cached;
}

static void bind_number(sqlite3_stmt *statement, int at, char type, int64_t value)
{
    if (type == 'i' || value != TM_UNKNOWN)
        sqlite3_bind_int64(statement, at, value);
}

static void bind_real(sqlite3_stmt *statement, int at, double value)
{
    if (!isnan(value))
        sqlite3_bind_double(statement, at, value);
}

static sqlite3_stmt *bind(tm_store *store, enum tm_query query, const char *types, va_list values)
{
    sqlite3_stmt *statement = prepared(store, query);
    for (int at = 1; statement && types[at - 1]; at++) {
        if (types[at - 1] == 't') {
            sqlite3_bind_text(statement, at, va_arg(values, const char *), -1, SQLITE_STATIC);
        } else if (types[at - 1] == 'r') {
            bind_real(statement, at, va_arg(values, double));
        } else if (types[at - 1] == 'b') {
            const void *blob = va_arg(values, const void *);
            sqlite3_bind_blob64(statement, at, blob, va_arg(values, size_t), SQLITE_STATIC);
        } else {
            bind_number(statement, at, types[at - 1], va_arg(values, int64_t));
        }
    }
    return statement;
}

sqlite3_stmt *tm_db_bind(tm_store *store, enum tm_query query, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = bind(store, query, types, values);
    va_end(values);
    return statement;
}

tm_rows *tm_ask(tm_store *store, enum tm_query query, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = bind(store, query, types, values);
    va_end(values);
    return tm_rows_new(store, statement, false);
}

int tm_do(tm_store *store, enum tm_query query, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = bind(store, query, types, values);
    va_end(values);
    if (!statement)
        return -1;
    int result = sqlite3_step(statement) == SQLITE_DONE ? 0 : tm_db_error(store, "write");
    sqlite3_reset(statement);
    return result;
}

static void bind_value(sqlite3_stmt *statement, int at, const struct tm_value *value)
{
    switch (value->type) {
    case TM_NULL:
        break; /* what is not bound is NULL */
    case TM_INTEGER:
        sqlite3_bind_int64(statement, at, value->integer);
        break;
    case TM_REAL:
        bind_real(statement, at, value->real);
        break;
    case TM_TEXT:
        sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
        break;
    case TM_BLOB:
        sqlite3_bind_blob64(statement, at, value->text, value->size, SQLITE_STATIC);
        break;
    }
}

int tm_do_values(tm_store *store, enum tm_query query, const struct tm_value *values, size_t n)
{
    sqlite3_stmt *statement = prepared(store, query);
    if (!statement)
        return -1;
    for (size_t i = 0; i < n; i++)
        bind_value(statement, (int)i + 1, &values[i]);
    int result = sqlite3_step(statement) == SQLITE_DONE ? 0 : tm_db_error(store, "write");
    sqlite3_reset(statement);
    return result;
}

int tm_get(tm_store *store, int64_t *id, enum tm_query query, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = bind(store, query, types, values);
    va_end(values);
    if (!statement)
        return -1;
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *id = sqlite3_column_int64(statement, 0);
    int result = step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : tm_db_error(store, "use");
    sqlite3_reset(statement);
    return result;
}
