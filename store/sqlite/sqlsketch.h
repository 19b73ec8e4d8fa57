#ifndef TM_STORE_SQLITE_SQLSKETCH_H
#define TM_STORE_SQLITE_SQLSKETCH_H

#include <sqlite3.h>

/* The sketch functions of store/sqlite/sqlext.h, for its table. */
void tm_sqlsketch_merge_step(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlsketch_merge_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlsketch_merge_value(sqlite3_context *ctx);
void tm_sqlsketch_merge_final(sqlite3_context *ctx);
void tm_sqlsketch_percentile(sqlite3_context *ctx, int argc, sqlite3_value **argv);

#endif
