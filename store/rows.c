/* Rows of a statement, one after the other, their columns by number or by name. A value for
 * which there was no memory must not pass for NULL: the handle remembers it, and reading on or
 * closing tells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "store/handle.h"

struct tm_rows {
    tm_store *store;
    const struct tm_engine *engine;
    tm_statement *statement;
    bool ad_hoc;
    bool failed;       /* a step has: the store's message says why */
    const char *fault; /* a value could not be read: why; NULL: all could */
    int hint;          /* where looking for a column by name begins: behind the one found last */
};

/* A named statement is kept for the next time, an ad hoc one goes. */
static void end_statement(tm_store *store, tm_statement *statement, bool ad_hoc)
{
    if (ad_hoc)
        store->engine->query_end(store, statement);
    else
        store->engine->reset(statement);
}

/* The statement is ended where there is no memory for its reader: nobody else would. */
tm_rows *tm_rows_new(tm_store *store, tm_statement *statement, bool ad_hoc)
{
    tm_rows *rows = statement ? malloc(sizeof *rows) : NULL;
    if (rows) {
        *rows = (tm_rows){.store = store, .engine = store->engine, .statement = statement, .ad_hoc = ad_hoc};
    } else if (statement) {
        tm_store_fail(store, "out of memory");
        end_statement(store, statement, ad_hoc);
    }
    return rows;
}

int tm_rows_width(const tm_rows *rows)
{
    return rows->engine->width(rows->statement);
}

const char *tm_rows_name(const tm_rows *rows, int column)
{
    return rows->engine->column(rows->statement, column);
}

/* One message for both places: reading on, and closing. */
static int tell_fault(const tm_rows *rows)
{
    return tm_store_fail(rows->store, "cannot read '%s': %s", rows->store->path, rows->fault);
}

int tm_rows_next(tm_rows *rows)
{
    if (rows->fault)
        return tell_fault(rows);
    int step = rows->engine->step(rows->statement);
    if (step < 0) {
        rows->failed = true;
        rows->engine->error(rows->store, rows->ad_hoc ? NULL : "read");
    }
    return step;
}

/* What a reader's handle remembers changes while rows are read; the handle itself is never const
 * memory. */
static tm_rows *state_of(const tm_rows *rows)
{
    return (tm_rows *)(uintptr_t)rows;
}

/* The first reason is kept. */
static struct tm_value unreadable(const tm_rows *rows, const char *fault)
{
    if (!rows->fault)
        state_of(rows)->fault = fault;
    return (struct tm_value){.type = TM_NULL};
}

/* Names have at most TM_NAME_MAX bytes, settings some KiB; what a file of any origin holds would be
 * escaped and copied in every form. */
enum { LONGEST_TEXT = 1 << 20 };

struct tm_value tm_rows_any_value(const tm_rows *rows, int column)
{
    struct tm_value value = {.type = TM_NULL};
    if (rows->engine->value(rows->statement, column, &value) != 0)
        return unreadable(rows, "out of memory");
    return value;
}

struct tm_value tm_rows_value(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_any_value(rows, column);
    if (value.type == TM_TEXT && value.size > LONGEST_TEXT && !rows->ad_hoc)
        return unreadable(rows, "damaged: a name or text of more than a MiB");
    return value;
}

const char *tm_rows_text(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_TEXT ? value.text : "";
}

/* Looked for from behind the last one found: reading in the statement's order compares once a
 * column. */
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

/* A misspelt column would read as NULL for ever; a program that has one stops at its first run. */
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
    return tm_value_integer(&value);
}

int64_t tm_row_time(const tm_rows *rows, const char *name)
{
    int64_t seconds = tm_row_integer(rows, name);
    if (tm_time_known(seconds))
        return seconds;
    unreadable(rows, "damaged: a time that is not between the years 1970 and 9999");
    return 0;
}

/* Integers too: an expression may give either. */
double tm_row_real(const tm_rows *rows, const char *name)
{
    struct tm_value value = tm_row_value(rows, name);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

const char *tm_row_text(const tm_rows *rows, const char *name)
{
    return tm_rows_text(rows, column_of(rows, name));
}

/* What failed while reading is told here at the latest; the message may be another one's by now,
 * so it is made anew. */
int tm_rows_close(tm_rows *rows)
{
    if (!rows)
        return 0;
    int result = rows->fault ? tell_fault(rows) : rows->failed ? -1 : 0;
    end_statement(rows->store, rows->statement, rows->ad_hoc);
    free(rows);
    return result;
}
