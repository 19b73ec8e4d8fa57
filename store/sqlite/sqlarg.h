/* Arguments of the functions for SQL: what they may be, and what is said of those that may not. */
#ifndef TM_STORE_SQLITE_SQLARG_H
#define TM_STORE_SQLITE_SQLARG_H

#include <sqlite3.h>

/* Fails with "NAME(): WHAT". */
void tm_sqlarg_fail(sqlite3_context *ctx, const char *name, const char *what);

/* The percentile, 0 to 100, that the function called `name` was given: 0, or -1 with the error set on ctx. Text that reads as a
 * number is a number. */
int tm_sqlarg_percent(sqlite3_context *ctx, const char *name, sqlite3_value *value, double *p);

/* 1 with a finite number in *x, 0 for NULL, -1 with the error set on ctx. */
int tm_sqlarg_number(sqlite3_context *ctx, const char *name, sqlite3_value *value, double *x);

#endif
