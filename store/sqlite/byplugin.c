/* The rows of the view `profiles`, plugin by plugin. SQLite groups by sorting, which costs more than the scan before it; but there
 * are far fewer plugins than rows: one scan lays each row, that is the columns which the query uses, behind the others of its
 * plugin, and only the names are sorted. The scan looks for no plugin's name, of which the view needs one a row.
 *
 * What is laid down is SQLite's memory, and within the limit for ad hoc SQL. */
#include "store/sqlite/byplugin.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/sqlite/heaps.h"

enum {
    COLUMNS_MOST = 63,   /* of the view: what SQLite tells apart of the columns that are used */
    ROW_LEAST = 48,      /* bytes in the file: there are no more rows than that */
    INTEGER_BYTES = 11,  /* laid down, with the room that growing leaves */
    OTHER_BYTES = 32,    /* a time of day as a text; a number takes less */
    HEAPS_MOST_MIB = 768 /* of the 1024 that ad hoc SQL may have: beyond that SQLite sorts, on the disk */
};

struct table {
    sqlite3_vtab base;
    sqlite3 *db;
    char *rows; /* the view without its plugins: in the place of their names are their projects */
    char *names[COLUMNS_MOST];
    bool is_integer[COLUMNS_MOST];
    double rows_most; /* that the store can hold */
    int n, plugin;    /* columns, and which is the plugin's name */
};

static int table_free(sqlite3_vtab *base)
{
    struct table *table = (struct table *)base;
    for (int i = 0; i < table->n; i++)
        sqlite3_free(table->names[i]);
    sqlite3_free(table->rows);
    sqlite3_free(table);
    return SQLITE_OK;
}

/* The text with `what`, which must be there once, replaced: to be freed; NULL: it is not, or no memory. The text given is freed. */
static char *replaced(char *text, const char *what, const char *by)
{
    const char *at = text ? strstr(text, what) : NULL;
    char *result = NULL;
    if (at && !strstr(at + 1, what))
        result = sqlite3_mprintf("%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
    sqlite3_free(text);
    return result;
}

/* From the view's own text, so that what its columns are is said there alone. */
static int read_view(struct table *table)
{
    sqlite3_stmt *ask = NULL;
    int code = sqlite3_prepare_v2(table->db, "SELECT sql FROM main.sqlite_schema WHERE type = 'view' AND name = 'profiles'", -1,
                                  &ask, NULL);
    if (code == SQLITE_OK && sqlite3_step(ask) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(ask, 0);
        const char *select = sql ? strstr(sql, "SELECT") : NULL, *join = sql ? strstr(sql, "\nJOIN plugin ON") : NULL;
        if (select && join)
            table->rows = sqlite3_mprintf("%.*s", (int)(join - select), select);
        table->rows = replaced(table->rows, "plugin.name AS plugin", "project.project_id AS plugin");
        table->rows = replaced(table->rows, "       plugin.plugin_id\n", "       profile.plugin_id\n");
    }
    sqlite3_finalize(ask);
    return code != SQLITE_OK ? code : table->rows ? SQLITE_OK : SQLITE_ERROR;
}

/* Names and types as the view has them: what is compared with a column is then converted as there. */
static int declare(struct table *table)
{
    sqlite3_stmt *ask = NULL;
    int code = sqlite3_prepare_v2(table->db, "SELECT name, type FROM pragma_table_info('profiles', 'main')", -1, &ask, NULL);
    sqlite3_str *sql = sqlite3_str_new(table->db);
    table->plugin = -1;
    while (code == SQLITE_OK && table->n < COLUMNS_MOST && sqlite3_step(ask) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(ask, 0);
        sqlite3_str_appendf(sql, "%s\"%w\" %s", table->n ? ", " : "CREATE TABLE x(", name, sqlite3_column_text(ask, 1));
        table->names[table->n] = sqlite3_mprintf("%s", name);
        if (!table->names[table->n])
            code = SQLITE_NOMEM;
        else if (strcmp(table->names[table->n], "plugin") == 0)
            table->plugin = table->n;
        table->is_integer[table->n] = sqlite3_stricmp((const char *)sqlite3_column_text(ask, 1), "INTEGER") == 0;
        table->n += code == SQLITE_OK;
    }
    sqlite3_finalize(ask);
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (code == SQLITE_OK)
        code = !text ? SQLITE_NOMEM : table->plugin < 0 ? SQLITE_ERROR : sqlite3_declare_vtab(table->db, text);
    sqlite3_free(text);
    return code;
}

static int table_connect(sqlite3 *db, void *data, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
    (void)data, (void)argc, (void)argv, (void)error;
    struct table *table = sqlite3_malloc(sizeof *table);
    if (!table)
        return SQLITE_NOMEM;
    const char *path = sqlite3_db_filename(db, "main");
    struct stat facts;
    *table = (struct table){.db = db};
    table->rows_most = path && stat(path, &facts) == 0 ? (double)facts.st_size / ROW_LEAST : INFINITY;
    int code = read_view(table);
    if (code == SQLITE_OK)
        code = declare(table);
    if (code == SQLITE_OK)
        *out = &table->base;
    else
        table_free(&table->base);
    return code;
}

/* Another function than the one before: a module without would be a table by itself. */
static int table_create(sqlite3 *db, void *data, int argc, const char *const *argv, sqlite3_vtab **out, char **error)
{
    return table_connect(db, data, argc, argv, out, error);
}

static const char *operator_of(int op)
{
    return op == SQLITE_INDEX_CONSTRAINT_EQ   ? "="
           : op == SQLITE_INDEX_CONSTRAINT_GT ? ">"
           : op == SQLITE_INDEX_CONSTRAINT_GE ? ">="
           : op == SQLITE_INDEX_CONSTRAINT_LT ? "<"
           : op == SQLITE_INDEX_CONSTRAINT_LE ? "<="
                                              : NULL;
}

/* The plan is which columns are used, and the scan's SQL. What the query asks of other columns than the plugin's is asked there
 * first; SQLite asks it again. */
static int table_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    const struct table *table = (const struct table *)base;
    sqlite3_str *sql = sqlite3_str_new(table->db);
    uint64_t used = info->colUsed & ~(UINT64_C(1) << table->plugin);
    sqlite3_str_appendf(sql, "%llx SELECT tidemark_collect(?1, plugin_id, plugin", (unsigned long long)used);
    double bytes = 0;
    for (int i = 0; i < table->n; i++)
        if (used >> i & 1) {
            sqlite3_str_appendf(sql, ", \"%w\"", table->names[i]);
            bytes += table->rows_most * (table->is_integer[i] ? INTEGER_BYTES : OTHER_BYTES);
        }
    sqlite3_str_appendf(sql, ") FROM (%s)", table->rows);
    int n = 0;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *asked = &info->aConstraint[i];
        const char *op = operator_of(asked->op), *collation = sqlite3_vtab_collation(info, i);
        if (!asked->usable || !op || asked->iColumn < 0 || asked->iColumn == table->plugin || !collation ||
            sqlite3_stricmp(collation, "BINARY") != 0)
            continue;
        sqlite3_str_appendf(sql, " %s \"%w\" %s ?%d", n ? "AND" : "WHERE", table->names[asked->iColumn], op, n + 2);
        info->aConstraintUsage[i].argvIndex = ++n;
    }
    info->orderByConsumed = bytes <= HEAPS_MOST_MIB * 0x1p20 && info->nOrderBy == 1 && info->aOrderBy[0].iColumn == table->plugin &&
                            !info->aOrderBy[0].desc;
    info->estimatedCost = 1e6; /* there is no other way to read it */
    info->idxStr = sqlite3_str_finish(sql);
    info->needToFreeIdxStr = 1;
    return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

/* ---- reading it ---- */

struct cursor {
    sqlite3_vtab_cursor base;
    struct tm_heaps heaps;
    size_t heap, at, end; /* the row: in which heap, where it begins, and the next one */
    int64_t row;
    bool over;
    int used[COLUMNS_MOST], n_used; /* the columns that are laid down */
    size_t places[COLUMNS_MOST];    /* where each column of the row is */
    bool is_used[COLUMNS_MOST];
};

static int cursor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    struct cursor *cursor = sqlite3_malloc(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct cursor){0};
    *out = &cursor->base;
    return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    tm_heaps_free(&((struct cursor *)base)->heaps);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* Finds the columns of the row at cursor->at. */
static void stand(struct cursor *cursor)
{
    const unsigned char *bytes = cursor->heaps.list[cursor->heap].bytes;
    size_t at = cursor->at;
    for (int i = 0; i < cursor->n_used; i++) {
        cursor->places[cursor->used[i]] = at;
        at += tm_heap_size_at(bytes + at);
    }
    cursor->end = cursor->n_used ? at : at + 1;
}

/* A plugin's rows are not needed any more when the next one's begin. */
static int cursor_next(sqlite3_vtab_cursor *base)
{
    struct cursor *cursor = (struct cursor *)base;
    struct tm_heap *heap = &cursor->heaps.list[cursor->heap];
    cursor->row++;
    cursor->at = cursor->end;
    if (cursor->at == heap->n) {
        sqlite3_free(heap->bytes);
        heap->bytes = NULL;
        cursor->at = 0;
        cursor->over = ++cursor->heap == cursor->heaps.n;
    }
    if (!cursor->over)
        stand(cursor);
    return SQLITE_OK;
}

static int cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *text, int argc, sqlite3_value **argv)
{
    struct cursor *cursor = (struct cursor *)base;
    sqlite3 *db = ((struct table *)base->pVtab)->db;
    sqlite3_stmt *scan = NULL;
    char *sql;
    (void)plan;
    tm_heaps_free(&cursor->heaps);
    uint64_t used = strtoull(text, &sql, 16);
    cursor->n_used = 0;
    for (int i = 0; i < COLUMNS_MOST; i++)
        if ((cursor->is_used[i] = used >> i & 1))
            cursor->used[cursor->n_used++] = i;
    int code = sqlite3_prepare_v2(db, sql, -1, &scan, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_pointer(scan, 1, &cursor->heaps, TM_HEAPS_POINTER, NULL);
    for (int i = 0; i < argc && code == SQLITE_OK; i++)
        code = sqlite3_bind_value(scan, i + 2, argv[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(scan) == SQLITE_ROW ? tm_heaps_name(db, &cursor->heaps) : sqlite3_reset(scan);
    sqlite3_finalize(scan); /* only now: names are of the moment of the rows */
    cursor->heap = cursor->at = 0;
    cursor->row = 0;
    cursor->over = code != SQLITE_OK || cursor->heaps.n == 0;
    if (!cursor->over)
        stand(cursor);
    return code;
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
    return ((struct cursor *)base)->over;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    struct cursor *cursor = (struct cursor *)base;
    const struct tm_heap *heap = &cursor->heaps.list[cursor->heap];
    if (column == ((struct table *)base->pVtab)->plugin) {
        sqlite3_result_text(context, heap->name, -1, SQLITE_STATIC);
        return SQLITE_OK;
    }
    if (column >= 0 && column < COLUMNS_MOST && cursor->is_used[column]) /* at others nobody looks */
        tm_heap_give(context, heap->bytes + cursor->places[column]);
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = ((struct cursor *)base)->row;
    return SQLITE_OK;
}

int tm_byplugin_register(sqlite3 *db)
{
    static const sqlite3_module module = {
        .xCreate = table_create,
        .xConnect = table_connect,
        .xBestIndex = table_best_index,
        .xDisconnect = table_free,
        .xDestroy = table_free,
        .xOpen = cursor_open,
        .xClose = cursor_close,
        .xFilter = cursor_filter,
        .xNext = cursor_next,
        .xEof = cursor_eof,
        .xColumn = cursor_column,
        .xRowid = cursor_rowid,
    };
    int code = sqlite3_create_module_v2(db, TM_BYPLUGIN_MODULE, &module, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(db, "tidemark_collect", -1, SQLITE_UTF8, NULL, NULL, tm_heaps_collect, tm_heaps_collected,
                                          NULL);
    return code;
}
