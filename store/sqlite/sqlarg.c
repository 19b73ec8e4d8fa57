/* Reading the arguments of the functions for SQL. Like sqlext.c and sqlsketch.c it is compiled into the program, and without
 * SQLITE_CORE into the loadable module, where SQLite is reached through a table of pointers. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3

#include "store/sqlite/sqlarg.h"

#include <math.h>

void tm_sqlarg_fail(sqlite3_context *ctx, const char *name, const char *what)
{
    char *message = sqlite3_mprintf("%s(): %s", name, what);
    if (message)
        sqlite3_result_error(ctx, message, -1);
    else
        sqlite3_result_error_nomem(ctx);
    sqlite3_free(message);
}

int tm_sqlarg_percent(sqlite3_context *ctx, const char *name, sqlite3_value *value, double *p)
{
    int type = sqlite3_value_numeric_type(value);
    *p = sqlite3_value_double(value);
    if ((type == SQLITE_INTEGER || type == SQLITE_FLOAT) && *p >= 0 && *p <= 100)
        return 0;
    tm_sqlarg_fail(ctx, name, "second argument is not a number from 0 to 100");
    return -1;
}

/* SQLite converts text that looks like a number; here it is an error, since a column of text is a
 * mistake. */
int tm_sqlarg_number(sqlite3_context *ctx, const char *name, sqlite3_value *value, double *x)
{
    int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL)
        return 0;
    *x = sqlite3_value_double(value);
    if ((type == SQLITE_INTEGER || type == SQLITE_FLOAT) && isfinite(*x))
        return 1;
    tm_sqlarg_fail(ctx, name, type == SQLITE_INTEGER || type == SQLITE_FLOAT ? "argument is infinite" : "argument is not a number");
    return -1;
}
