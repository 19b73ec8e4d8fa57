/* Latency sketches in SQL: merging those of many profiles, and reading a percentile of the result. A blob that is no sketch is an
 * error, not a NULL: it would silently be left out. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3

#include "store/sqlite/sqlsketch.h"

#include <errno.h>
#include <stdlib.h>

#include "schema/sketch.h"
#include "store/sqlite/sqlarg.h"

#define MERGE      "sketch_merge"
#define PERCENTILE "sketch_percentile"

struct merge {
    int ready;            /* sum is initialised */
    sqlite3_uint64 blobs; /* merged and not taken back; NULLs do not count */
    struct tm_sketch sum;
};

/* The aggregate's memory, begun with the first blob: groups of NULLs alone never allocate. NULL:
 * no memory, told. */
static struct merge *merge_state(sqlite3_context *ctx)
{
    struct merge *m = sqlite3_aggregate_context(ctx, sizeof *m);

    if (!m) {
        sqlite3_result_error_nomem(ctx);
    } else if (!m->ready) {
        tm_sketch_init(&m->sum);
        m->ready = 1;
    }
    return m;
}

/* Fill an initialised sketch from a blob value; 0, or -1 with the error set. */
static int read_sketch(sqlite3_context *ctx, const char *name, sqlite3_value *value, struct tm_sketch *s)
{
    const void *blob;

    if (sqlite3_value_type(value) != SQLITE_BLOB) {
        tm_sqlarg_fail(ctx, name, "argument is not a sketch but another type");
        return -1;
    }
    blob = sqlite3_value_blob(value);
    if (tm_sketch_decode(s, blob, (size_t)sqlite3_value_bytes(value)) == 0)
        return 0;
    if (errno == ENOMEM)
        sqlite3_result_error_nomem(ctx);
    else
        tm_sqlarg_fail(ctx, name, "argument is not a sketch, or is damaged");
    return -1;
}

static void merge_failed(sqlite3_context *ctx)
{
    if (errno == ENOMEM)
        sqlite3_result_error_nomem(ctx);
    else
        tm_sqlarg_fail(ctx, MERGE, "too many values to count");
}

/* Adds a blob's counts, or takes them back when its row leaves the frame. */
static void merge_change(sqlite3_context *ctx, sqlite3_value *value, int add)
{
    struct merge *m;
    struct tm_sketch s;
    int rc;

    if (sqlite3_value_type(value) == SQLITE_NULL)
        return;
    m = merge_state(ctx);
    if (!m)
        return;
    tm_sketch_init(&s);
    if (read_sketch(ctx, MERGE, value, &s) == 0) {
        rc = add ? tm_sketch_merge(&m->sum, &s) : tm_sketch_unmerge(&m->sum, &s);
        if (rc != 0)
            merge_failed(ctx);
        else if (add)
            m->blobs++;
        else
            m->blobs--;
    }
    tm_sketch_free(&s);
}

void tm_sqlsketch_merge_step(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    merge_change(ctx, argv[0], 1);
}

void tm_sqlsketch_merge_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    merge_change(ctx, argv[0], 0);
}

/* blobs 0 is NULL, not an empty sketch: there was nothing to merge. */
void tm_sqlsketch_merge_value(sqlite3_context *ctx)
{
    struct merge *m = sqlite3_aggregate_context(ctx, 0);
    unsigned char *blob;
    size_t len;

    if (!m || m->blobs == 0)
        return;
    blob = tm_sketch_encode(&m->sum, &len);
    if (!blob)
        sqlite3_result_error_nomem(ctx);
    else
        sqlite3_result_blob64(ctx, blob, len, free);
}

void tm_sqlsketch_merge_final(sqlite3_context *ctx)
{
    struct merge *m = sqlite3_aggregate_context(ctx, 0);

    tm_sqlsketch_merge_value(ctx);
    if (m && m->ready)
        tm_sketch_free(&m->sum);
}

/* NULL, and an empty sketch, have no percentile; p is checked first, so that a wrong one shows on
 * every row. */
void tm_sqlsketch_percentile(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    struct tm_sketch s;
    double p;

    (void)argc;
    if (tm_sqlarg_percent(ctx, PERCENTILE, argv[1], &p) != 0 || sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    tm_sketch_init(&s);
    if (read_sketch(ctx, PERCENTILE, argv[0], &s) == 0 && tm_sketch_count(&s) > 0)
        sqlite3_result_double(ctx, tm_sketch_quantile(&s, p / 100.0));
    tm_sketch_free(&s);
}
