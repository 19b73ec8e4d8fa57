/* Functions for SQL of two columns: slope, mann_kendall and corr, for sqlext.c's table. */
#ifndef TM_STORE_SQLITE_SQLPAIRS_H
#define TM_STORE_SQLITE_SQLPAIRS_H

#include <sqlite3.h>

#include "analyze/pairs.h"

/* What differs between those of all pairs; the functions' user data. */
struct tm_sqlpairs {
    const char *name;
    double (*of)(const struct tm_point *points, size_t n, void *scratch);
    double largest; /* magnitude of an argument */
};

extern const struct tm_sqlpairs tm_sqlpairs_slope, tm_sqlpairs_mann_kendall;

void tm_sqlpairs_step(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlpairs_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlpairs_value(sqlite3_context *ctx);
void tm_sqlpairs_final(sqlite3_context *ctx);

/* corr's value and final are one function: its sums own no memory. */
void tm_sqlcorr_step(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlcorr_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv);
void tm_sqlcorr_value(sqlite3_context *ctx);

#endif
