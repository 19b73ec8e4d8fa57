/* Statistics of two columns as functions of SQL. Rows in which either is NULL do not count. Trends keep the pairs and are made anew
 * for each frame of a window; a correlation is of sums that can be taken from. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3

#include "store/sqlite/sqlpairs.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "analyze/moments.h"
#include "store/sqlite/sqlarg.h"

const struct tm_sqlpairs tm_sqlpairs_slope = {"slope", tm_pairs_slope, TM_PAIRS_LARGEST};
const struct tm_sqlpairs tm_sqlpairs_mann_kendall = {"mann_kendall", tm_pairs_mann_kendall, DBL_MAX};

/* The pairs of a group or a frame, in the order in which they came; those of rows that have left a frame are the first. */
struct pairs {
    struct tm_point *points; /* by SQLite's allocator: what a query takes counts against its limit */
    size_t left, n, capacity;
};

/* 1 with a pair, 0 if either is NULL, -1 with the error set. */
static int read_pair(sqlite3_context *ctx, const char *name, sqlite3_value **argv, struct tm_point *pair)
{
    int x = tm_sqlarg_number(ctx, name, argv[0], &pair->x);
    int y = x < 0 ? -1 : tm_sqlarg_number(ctx, name, argv[1], &pair->y);
    return y < 0 ? -1 : x && y;
}

/* Room for one more: that of the pairs that have left, where these are half of them. */
static int make_room(struct pairs *p)
{
    size_t capacity = p->capacity > 0 ? 2 * p->capacity : 16; /* fewer are not worth a second call of realloc */
    struct tm_point *points;

    if (p->n < p->capacity)
        return 0;
    if (p->left > p->n / 2) {
        p->n -= p->left;
        memmove(p->points, p->points + p->left, p->n * sizeof *p->points);
        p->left = 0;
        return 0;
    }
    points = capacity <= (size_t)-1 / sizeof *points ? sqlite3_realloc64(p->points, capacity * sizeof *points) : NULL;
    if (!points)
        return -1;
    p->points = points;
    p->capacity = capacity;
    return 0;
}

void tm_sqlpairs_step(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct tm_sqlpairs *what = sqlite3_user_data(ctx);
    struct tm_point pair;
    struct pairs *p;

    (void)argc;
    if (read_pair(ctx, what->name, argv, &pair) != 1)
        return;
    p = sqlite3_aggregate_context(ctx, sizeof *p);
    if (fabs(pair.x) > what->largest || fabs(pair.y) > what->largest)
        tm_sqlarg_fail(ctx, what->name, "argument is beyond 1e75");
    else if (!p || make_room(p) != 0)
        sqlite3_result_error_nomem(ctx);
    else
        p->points[p->n++] = pair;
}

/* Rows leave a frame in the order in which they came. */
void tm_sqlpairs_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct tm_sqlpairs *what = sqlite3_user_data(ctx);
    struct pairs *p = sqlite3_aggregate_context(ctx, 0);
    struct tm_point pair;

    (void)argc;
    if (p && p->left < p->n && read_pair(ctx, what->name, argv, &pair) == 1)
        p->left++;
}

/* NAN becomes NULL. */
void tm_sqlpairs_value(sqlite3_context *ctx)
{
    const struct tm_sqlpairs *what = sqlite3_user_data(ctx);
    struct pairs *p = sqlite3_aggregate_context(ctx, 0);
    size_t n = p ? p->n - p->left : 0, size = tm_pairs_scratch(n);
    void *scratch;

    if (n < 2)
        return;
    scratch = size > 0 ? sqlite3_malloc64(size) : NULL;
    if (scratch)
        sqlite3_result_double(ctx, what->of(p->points + p->left, n, scratch));
    else
        sqlite3_result_error_nomem(ctx);
    sqlite3_free(scratch);
}

void tm_sqlpairs_final(sqlite3_context *ctx)
{
    struct pairs *p = sqlite3_aggregate_context(ctx, 0);

    tm_sqlpairs_value(ctx);
    if (p)
        sqlite3_free(p->points);
}

/* All zero bytes is an empty struct tm_comoments. */
static void corr_change(sqlite3_context *ctx, sqlite3_value **argv, int (*change)(struct tm_comoments *c, double x, double y))
{
    struct tm_comoments *c;
    struct tm_point pair;

    if (read_pair(ctx, "corr", argv, &pair) != 1)
        return;
    c = sqlite3_aggregate_context(ctx, sizeof *c);
    if (!c)
        sqlite3_result_error_nomem(ctx);
    else if (change(c, pair.x, pair.y) != 0)
        tm_sqlarg_fail(ctx, "corr", "argument is beyond 1e140");
}

void tm_sqlcorr_step(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    corr_change(ctx, argv, tm_comoments_add);
}

void tm_sqlcorr_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    corr_change(ctx, argv, tm_comoments_remove);
}

void tm_sqlcorr_value(sqlite3_context *ctx)
{
    struct tm_comoments *c = sqlite3_aggregate_context(ctx, 0);

    if (c)
        sqlite3_result_double(ctx, tm_comoments_correlation(c));
}
