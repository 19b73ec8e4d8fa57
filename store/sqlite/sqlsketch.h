#ifndef TM_STORE_SQLITE_SQLSKETCH_H
#define TM_STORE_SQLITE_SQLSKETCH_H

#include <sqlite3.h>

/* The sketch functions of store/sqlite/sqlext.h, for its table. */
void tm_sqlsketch_merge_step(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlsketch_merge_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlsketch_merge_value(sqlite3_context *ctx);
void tm_sqlsketch_merge_final(sqlite3_context *ctx);
void tm_sqlsketch_percentile(sqlite3_context *ctx, int argc, sqlite3_value **argv);

/*
 * Shared by both: p of the function called `name`, 0 .. 100, into *p.  0, or
 * -1 with the error set on ctx.  Text that reads as a number is a number.
 */
int tm_sqlext_percent(sqlite3_context *ctx, const char *name, sqlite3_value *value, double *p);

/* Fail with "NAME(): WHAT". */
void tm_sqlext_fail(sqlite3_context *ctx, const char *name, const char *what);

#endif
