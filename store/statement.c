/* Named statements: prepared at first use, kept in the handle, bound by a string of types or by
 * an array of values. A call names its query and its values; SQL stands in schema/queries.sql
 * alone. */
#include <stdarg.h>
#include <string.h>

#include "store/handle.h"

/* The statement, prepared or cleared of what it was given last time. Between uses it is reset,
 * and holds no lock. NULL, with the message. */
static tm_statement *prepared(tm_store *store, enum tm_query query)
{
    tm_statement **cached = &store->cached[query];
    if (*cached)
        store->engine->clear(*cached);
    else
        *cached = store->engine->prepare(store, query);
    return *cached;
}

/* What SQL takes for NULL is left unbound. */
static bool is_null(const struct tm_value *value)
{
    return value->type == TM_NULL || (value->type == TM_REAL && isnan(value->real)) ||
           ((value->type == TM_TEXT || value->type == TM_BLOB) && !value->text);
}

/* NULL where it fails: the statement is reset then. */
static tm_statement *bind(tm_store *store, enum tm_query query, const struct tm_value *values, size_t n)
{
    tm_statement *statement = prepared(store, query);
    for (size_t i = 0; statement && i < n; i++)
        if (!is_null(&values[i]) && store->engine->bind(statement, (int)i + 1, &values[i]) != 0) {
            store->engine->error(store, "use");
            store->engine->reset(statement);
            return NULL;
        }
    return statement;
}

/* Room for the values of a call; no statement has as many parameters (tests/unit prepares them
 * all). */
enum { VALUES = 32 };

/* The letters are store.h's. What is no letter of these is an integer: there is no message for a
 * fault of the program. */
static size_t read_values(struct tm_value values[VALUES], const char *types, va_list arguments)
{
    size_t n = 0;
    for (; n < VALUES && types[n]; n++) {
        struct tm_value *value = &values[n];
        *value = (struct tm_value){.type = TM_INTEGER};
        if (types[n] == 't') {
            value->type = TM_TEXT;
            value->text = va_arg(arguments, const char *);
        } else if (types[n] == 'r') {
            value->type = TM_REAL;
            value->real = va_arg(arguments, double);
        } else if (types[n] == 'b') {
            value->type = TM_BLOB;
            value->text = va_arg(arguments, const void *);
            value->size = va_arg(arguments, size_t);
        } else {
            value->integer = va_arg(arguments, int64_t);
            if (types[n] == 'n' && value->integer == TM_UNKNOWN)
                value->type = TM_NULL;
        }
    }
    return n;
}

/* The shared way of the three calls that take a string of types. */
static tm_statement *bind_types(tm_store *store, enum tm_query query, const char *types, va_list arguments)
{
    struct tm_value values[VALUES];
    return bind(store, query, values, read_values(values, types, arguments));
}

/* Values are bound before this returns; what they point to must stay until the rows are closed. */
tm_rows *tm_ask(tm_store *store, enum tm_query query, const char *types, ...)
{
    va_list arguments;
    va_start(arguments, types);
    tm_statement *statement = bind_types(store, query, types, arguments);
    va_end(arguments);
    return tm_rows_new(store, statement, false);
}

/* Steps a statement that returns no row. */
static int run_statement(tm_store *store, tm_statement *statement)
{
    if (!statement)
        return -1;
    int result = store->engine->step(statement) == 0 ? 0 : store->engine->error(store, "write");
    store->engine->reset(statement);
    return result;
}

int tm_do(tm_store *store, enum tm_query query, const char *types, ...)
{
    va_list arguments;
    va_start(arguments, types);
    tm_statement *statement = bind_types(store, query, types, arguments);
    va_end(arguments);
    return run_statement(store, statement);
}

int tm_do_values(tm_store *store, enum tm_query query, const struct tm_value *values, size_t n)
{
    return run_statement(store, bind(store, query, values, n));
}

/* Reset in any case: an open statement would hold a lock until the handle is closed. */
int tm_get(tm_store *store, int64_t *value, enum tm_query query, const char *types, ...)
{
    va_list arguments;
    va_start(arguments, types);
    tm_statement *statement = bind_types(store, query, types, arguments);
    va_end(arguments);
    if (!statement)
        return -1;
    struct tm_value found = {.type = TM_NULL};
    int step = store->engine->step(statement);
    if (step < 0 || (step == 1 && store->engine->value(statement, 0, &found) != 0))
        step = store->engine->error(store, "use");
    if (step == 1)
        *value = tm_value_integer(&found);
    store->engine->reset(statement);
    return step;
}
