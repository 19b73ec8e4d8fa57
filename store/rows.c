/* Rows of a statement, one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite/db.h"

struct tm_rows {
    tm_store *store;
    sqlite3_stmt *statement;
    bool owned;
    bool failed;        /* a step has: the store's message says why */
    bool out_of_memory; /* a value could not be read */
    int hint;           /* where looking for a column by name begins: behind the one found last */
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

static int tell_out_of_memory(const tm_rows *rows)
{
    return tm_db_fail(rows->store, "cannot read '%s': out of memory", rows->store->path);
}

int tm_rows_next(tm_rows *rows)
{
    if (rows->out_of_memory)
        return tell_out_of_memory(rows);
    int step = sqlite3_step(rows->statement);
    if (step == SQLITE_ROW)
        return 1;
    if (step == SQLITE_DONE)
        return 0;
    rows->failed = true;
    return rows->owned ? tm_sql_error(rows->store) : tm_db_error(rows->store, "read");
}

/* What a reader's handle remembers changes while rows are read: the handle itself is never const memory. */
static tm_rows *state_of(const tm_rows *rows)
{
    return (tm_rows *)(uintptr_t)rows;
}

/* A text is never NULL, and a blob only where it is empty, unless there was no memory. */
static void check_pointer(const tm_rows *rows, const struct tm_value *value)
{
    if (!value->text && (value->type == TM_TEXT || value->size > 0 || sqlite3_errcode(rows->store->db) == SQLITE_NOMEM))
        state_of(rows)->out_of_memory = true;
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
        check_pointer(rows, &value);
        break;
    case SQLITE_BLOB:
        value.type = TM_BLOB;
        value.text = sqlite3_column_blob(statement, column);
        value.size = (size_t)sqlite3_column_bytes(statement, column);
        check_pointer(rows, &value);
        break;
    default:
        break;
    }
    return state_of(rows)->out_of_memory ? (struct tm_value){.type = TM_NULL} : value;
}

const char *tm_rows_text(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_TEXT ? value.text : "";
}

int tm_rows_column(const tm_rows *rows, const char *name)
{
    int width = tm_rows_width(rows);
    for (int i = 0; i < width; i++) {
        int column = rows->hint + i < width ? rows->hint + i : rows->hint + i - width;
        if (strcmp(tm_rows_name(rows, column), name) == 0) {
            state_of(rows)->hint = column + 1 < width ? column + 1 : 0;
            return column;
        }
    }
    return -1;
}

static int column_of(const tm_rows *rows, const char *name)
{
    int column = tm_rows_column(rows, name);
    if (column < 0) {
        fprintf(stderr, "tidemark: a statement has no column '%s'\n", name);
        abort();
    }
    return column;
}

struct tm_value tm_row_value(const tm_rows *rows, const char *name)
{
    return tm_rows_value(rows, column_of(rows, name));
}

int64_t tm_row_integer(const tm_rows *rows, const char *name)
{
    struct tm_value value = tm_row_value(rows, name);
    return value.type == TM_INTEGER ? value.integer : value.type == TM_REAL ? (int64_t)value.real : 0;
}

double tm_row_real(const tm_rows *rows, const char *name)
{
    struct tm_value value = tm_row_value(rows, name);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

const char *tm_row_text(const tm_rows *rows, const char *name)
{
    return tm_rows_text(rows, column_of(rows, name));
}

int tm_rows_close(tm_rows *rows)
{
    if (!rows)
        return 0;
    int result = rows->out_of_memory ? tell_out_of_memory(rows) : rows->failed ? -1 : 0;
    if (rows->owned) {
        sqlite3_finalize(rows->statement);
        tm_sql_end(rows->store);
    } else {
        sqlite3_reset(rows->statement);
    }
    free(rows);
    return result;
}
