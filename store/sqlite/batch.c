/* tm_batch: the profiles at hand as a table, so that INSERT ... SELECT takes them in one
 * statement: binding and stepping row by row costs 1.7 times as much. Its columns are the ids of
 * run and plugin, then the fields of the table profile, in the order of schema/fields.c.
 *
 * A virtual table of the least kind: read from first to last, nothing written, no index. SQLite
 * calls the functions below through a table of pointers; those that do nothing are demanded all
 * the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/fields.h"
#include "store/sqlite/db.h"

enum { FIRST_FIELD = 2 }; /* the column behind the ids */

struct cursor {
    sqlite3_vtab_cursor base;
    size_t at;
};

struct table {
    sqlite3_vtab base;
    const struct tm_sqlite *shown; /* whose batch_rows it has */
    const struct tm_field *fields[TM_FIELDS_MAX];
};

/* Finds the fields and writes CREATE TABLE. */
static void describe(struct table *table, char *sql, size_t size)
{
    size_t used = (size_t)snprintf(sql, size, "CREATE TABLE t (run_id, plugin_id"), n = 0;
    for (size_t i = 0; i < tm_n_fields; i++)
        if (!tm_fields[i].recorder) {
            table->fields[n++] = &tm_fields[i];
            used += (size_t)snprintf(sql + used, size - used, ", %s", tm_fields[i].column);
        }
    snprintf(sql + used, size - used, ")");
}

/* Declares the table when a connection first uses it. `shown` is the connection's own struct,
 * which outlives it. */
static int table_connect(sqlite3 *db, void *shown, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
    (void)argc, (void)argv, (void)error;
    char sql[100 + TM_FIELDS_MAX * 32]; /* no column's name is as long */
    struct table *table = calloc(1, sizeof *table);
    if (!table)
        return SQLITE_NOMEM;
    table->shown = shown;
    describe(table, sql, sizeof sql);
    int result = sqlite3_declare_vtab(db, sql);
    if (result == SQLITE_OK)
        *out = &table->base;
    else
        free(table);
    return result;
}

static int table_disconnect(sqlite3_vtab *table)
{
    free(table);
    return SQLITE_OK;
}

/* Any cost does: there is one way to read it. */
static int table_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1000; /* of a night's rows */
    return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    struct cursor *cursor = calloc(1, sizeof *cursor);
    *out = cursor ? &cursor->base : NULL;
    // cppcheck-suppress memleak ; SQLite has it, by a pointer to its first member
    return cursor ? SQLITE_OK : SQLITE_NOMEM;
}

static int cursor_close(sqlite3_vtab_cursor *cursor)
{
    free(cursor);
    return SQLITE_OK;
}

/* A new pass: from the first row. */
static int cursor_filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc, sqlite3_value **argv)
{
    (void)plan, (void)text, (void)argc, (void)argv;
    ((struct cursor *)cursor)->at = 0;
    return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *cursor)
{
    ((struct cursor *)cursor)->at++;
    return SQLITE_OK;
}

/* The cursor's table; SQLite sets pVtab. */
static const struct table *table_of(const sqlite3_vtab_cursor *cursor)
{
    return (const struct table *)cursor->pVtab;
}

static int cursor_eof(sqlite3_vtab_cursor *cursor)
{
    return ((struct cursor *)cursor)->at >= table_of(cursor)->shown->batch_count;
}

/* What is not recorded gives no result, which is NULL. */
static void give_field(sqlite3_context *context, const struct tm_field *field, const struct tm_profile *profile)
{
    double real;
    int64_t count;
    switch (field->type) {
    case TM_FIELD_REAL:
        if (!isnan(real = tm_field_real(field, profile)))
            sqlite3_result_double(context, real);
        break;
    case TM_FIELD_COUNT:
        if ((count = tm_field_count(field, profile)) != TM_UNKNOWN)
            sqlite3_result_int64(context, count);
        break;
    case TM_FIELD_TEXT:
        if (tm_field_text(field, profile))
            sqlite3_result_text(context, tm_field_text(field, profile), -1, SQLITE_STATIC);
        break;
    }
}

/* The ids first, then the fields of the table profile. */
static int cursor_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    const struct table *table = table_of(cursor);
    const struct tm_batch_row *row = &table->shown->batch_rows[((struct cursor *)cursor)->at];
    if (column >= FIRST_FIELD)
        give_field(context, table->fields[column - FIRST_FIELD], row->profile);
    else
        sqlite3_result_int64(context, column == 0 ? table->shown->batch_run : row->plugin_id);
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)((struct cursor *)cursor)->at;
    return SQLITE_OK;
}

/* No xCreate: the table exists without being made, and is in no file. */
int tm_sqlite_register_batch(tm_store *store)
{
    static const sqlite3_module module = {
        .xConnect = table_connect,
        .xBestIndex = table_best_index,
        .xDisconnect = table_disconnect,
        .xOpen = cursor_open,
        .xClose = cursor_close,
        .xFilter = cursor_filter,
        .xNext = cursor_next,
        .xEof = cursor_eof,
        .xColumn = cursor_column,
        .xRowid = cursor_rowid,
    };
    int code = sqlite3_create_module(tm_sqlite_db(store), "tm_batch", &module, tm_sqlite_of(store));
    return code == SQLITE_OK ? 0 : tm_sqlite_error(store, "use");
}

/* The rows are the caller's, and shown only while the statement runs. */
int tm_sqlite_add_profiles(tm_store *store, int64_t run_id, const struct tm_batch_row *rows, size_t n)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    if (!own->add_profiles)
        own->add_profiles = (sqlite3_stmt *)tm_sqlite_prepare(store, TM_Q_PROFILES_ADD);
    if (!own->add_profiles)
        return -1;
    own->batch_run = run_id;
    own->batch_rows = rows;
    own->batch_count = n;
    int result = sqlite3_step(own->add_profiles) == SQLITE_DONE ? 0 : tm_sqlite_error(store, "write");
    int64_t written = sqlite3_changes64(own->db);
    if (result == 0 && written != (int64_t)n)
        result = tm_store_fail(store, "cannot write '%s': of %zu profiles it took %lld", store->path, n, (long long)written);
    sqlite3_reset(own->add_profiles);
    return result;
}
