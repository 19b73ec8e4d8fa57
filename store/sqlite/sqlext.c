/* Statistics as functions of SQL: thin adapters, whose every figure comes from analyze/, and whose NAN is NULL. The
 * window functions can take values back, so that a moving median costs the logarithm of the
 * frame for each row, not the frame. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

#include "store/sqlite/sqlext.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/moments.h"
#include "analyze/ordered.h"
#include "analyze/stats.h"
#include "store/sqlite/sqlarg.h"
#include "store/sqlite/sqlpairs.h"
#include "store/sqlite/sqlsketch.h"

/* The values of an order statistic's group or frame. A plain aggregate only
 * appends to the array and selects once, at the end. Once a window asks for
 * a value or takes one back, they move into the ordered set and stay there. */
struct sample {
    double *values; /* while !sliding */
    size_t n, capacity;
    int sliding;
    struct tm_ordered window;
    int has_p;
    double p;
};

/* What differs between median, percentile and mad; the functions' user data. */
struct order_statistic {
    const char *name;
    double (*of_array)(double *x, size_t n, double p); /* may reorder x */
    double (*of_window)(struct tm_ordered *window, double p);
};

/* Adapters with one signature, so that one table serves all three; p is percentile's alone. */
static double median_of_array(double *x, size_t n, double p)
{
    (void)p;
    return tm_median(x, n);
}

static double median_of_window(struct tm_ordered *window, double p)
{
    (void)p;
    return tm_ordered_median(window);
}

static double mad_of_array(double *x, size_t n, double p)
{
    (void)p;
    return tm_mad(x, n, tm_median(x, n));
}

static double mad_of_window(struct tm_ordered *window, double p)
{
    (void)p;
    return tm_ordered_mad(window);
}

static const struct order_statistic median = {"median", median_of_array, median_of_window};
static const struct order_statistic mad = {"mad", mad_of_array, mad_of_window};
static const struct order_statistic percentile = {"percentile", tm_percentile, tm_ordered_percentile};

/* By SQLite's allocator, not by base/array: what a query takes counts against its limit. */
static int sample_append(struct sample *s, double x)
{
    size_t capacity = s->capacity > 0 ? 2 * s->capacity : 16; /* fewer are not worth a second call of realloc */
    double *values;

    if (s->n == s->capacity) {
        values = capacity <= (size_t)-1 / sizeof *values ? sqlite3_realloc64(s->values, capacity * sizeof *values) : NULL;
        if (!values)
            return -1;
        s->values = values;
        s->capacity = capacity;
    }
    s->values[s->n++] = x;
    return 0;
}

/* From the array to the ordered set. */
static int sample_slide(struct sample *s)
{
    size_t i;

    if (s->sliding)
        return 0;
    tm_ordered_init(&s->window);
    s->sliding = 1;
    for (i = 0; i < s->n; i++)
        if (tm_ordered_insert(&s->window, s->values[i]) != 0)
            return -1;
    sqlite3_free(s->values);
    s->values = NULL;
    return 0;
}

static void sample_free(struct sample *s)
{
    sqlite3_free(s->values);
    s->values = NULL;
    if (s->sliding)
        tm_ordered_free(&s->window);
}

/* p must be the same for all rows: as SQLite does, to within 0.001. */
static int check_p(sqlite3_context *ctx, const char *name, struct sample *s, double p)
{
    if (s->has_p && fabs(s->p - p) > 0.001) {
        tm_sqlarg_fail(ctx, name, "second argument is not the same for all rows");
        return -1;
    }
    if (!s->has_p)
        s->p = p;
    s->has_p = 1;
    return 0;
}

/* One row more. percentile's second argument is checked even where the first is NULL, as SQLite's
 * own does. */
static void sample_step(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct order_statistic *what = sqlite3_user_data(ctx);
    struct sample *s;
    double x, p = 0.0;
    int rc;

    if (argc == 2 && tm_sqlarg_percent(ctx, what->name, argv[1], &p) != 0)
        return;
    s = sqlite3_aggregate_context(ctx, sizeof *s);
    if (!s) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    if (check_p(ctx, what->name, s, p) != 0 || tm_sqlarg_number(ctx, what->name, argv[0], &x) != 1)
        return;
    rc = s->sliding ? tm_ordered_insert(&s->window, x) : sample_append(s, x);
    if (rc != 0)
        sqlite3_result_error_nomem(ctx);
}

/* A row leaves the frame. From the first time on, the values are in the ordered set. */
static void sample_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct order_statistic *what = sqlite3_user_data(ctx);
    struct sample *s = sqlite3_aggregate_context(ctx, 0);
    double x;

    (void)argc;
    if (!s || tm_sqlarg_number(ctx, what->name, argv[0], &x) != 1)
        return;
    if (sample_slide(s) != 0)
        sqlite3_result_error_nomem(ctx);
    else
        (void)tm_ordered_erase(&s->window, x);
}

/* The value of a frame in which rows may still come and go. */
static void sample_value(sqlite3_context *ctx)
{
    const struct order_statistic *what = sqlite3_user_data(ctx);
    struct sample *s = sqlite3_aggregate_context(ctx, 0);

    if (!s)
        return;
    if (sample_slide(s) != 0)
        sqlite3_result_error_nomem(ctx);
    else
        sqlite3_result_double(ctx, what->of_window(&s->window, s->p));
}

/* A plain aggregate has never slid: it selects once, in O(n). No context: no row, NULL. */
static void sample_final(sqlite3_context *ctx)
{
    const struct order_statistic *what = sqlite3_user_data(ctx);
    struct sample *s = sqlite3_aggregate_context(ctx, 0);

    if (!s)
        return;
    sqlite3_result_double(ctx, s->sliding ? what->of_window(&s->window, s->p) : what->of_array(s->values, s->n, s->p));
    sample_free(s);
}

/* What differs between variances and deviations: the name, of a sample (1) or a population (0), and whether the root is taken. */
struct spread {
    const char *name;
    int freedom, root;
};

static const struct spread variance = {"variance", 1, 0}, var_samp = {"var_samp", 1, 0}, var_pop = {"var_pop", 0, 0};
static const struct spread stddev = {"stddev", 1, 1}, stddev_samp = {"stddev_samp", 1, 1}, stddev_pop = {"stddev_pop", 0, 1};

/* All zero bytes is an empty struct tm_moments. */
static void spread_change(sqlite3_context *ctx, sqlite3_value *value, int (*change)(struct tm_moments *m, double x))
{
    const struct spread *what = sqlite3_user_data(ctx);
    struct tm_moments *m;
    double x;

    if (tm_sqlarg_number(ctx, what->name, value, &x) != 1)
        return;
    m = sqlite3_aggregate_context(ctx, sizeof *m);
    if (!m)
        sqlite3_result_error_nomem(ctx);
    else if (change(m, x) != 0)
        tm_sqlarg_fail(ctx, what->name, "argument is beyond 1e140");
}

/* final and value are one function: moments own no memory. */
static void spread_step(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    spread_change(ctx, argv[0], tm_moments_add);
}

static void spread_inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    spread_change(ctx, argv[0], tm_moments_remove);
}

static void spread_value(sqlite3_context *ctx)
{
    const struct spread *what = sqlite3_user_data(ctx);
    struct tm_moments *m = sqlite3_aggregate_context(ctx, 0);
    double value = m ? tm_moments_variance(m, what->freedom) : NAN;

    sqlite3_result_double(ctx, what->root ? sqrt(value) : value);
}

struct z_score {
    const char *name;
    double (*of)(double x, double centre, double scale);
};

/* What differs between the two: which centre and scale they are given, and the factor on the scale. */
static const struct z_score zscore = {"zscore", tm_zscore};
static const struct z_score robust_z = {"robust_z", tm_robust_z};

/* NULL if any argument is NULL. */
static void z_scalar(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    const struct z_score *what = sqlite3_user_data(ctx);
    double v[3];
    int i;

    (void)argc;
    for (i = 0; i < 3; i++)
        if (tm_sqlarg_number(ctx, what->name, argv[i], &v[i]) != 1)
            return;
    sqlite3_result_double(ctx, what->of(v[0], v[1], v[2]));
}

/* step, inverse, value and final of window functions; scalar alone of the others. */
static const struct sql_function {
    const char *name;
    int args;
    const void *data;
    void (*scalar)(sqlite3_context *, int, sqlite3_value **);
    void (*step)(sqlite3_context *, int, sqlite3_value **);
    void (*inverse)(sqlite3_context *, int, sqlite3_value **);
    void (*value)(sqlite3_context *);
    void (*final)(sqlite3_context *);
} functions[] = {
    {"median", 1, &median, NULL, sample_step, sample_inverse, sample_value, sample_final},
    {"percentile", 2, &percentile, NULL, sample_step, sample_inverse, sample_value, sample_final},
    {"mad", 1, &mad, NULL, sample_step, sample_inverse, sample_value, sample_final},
    {"variance", 1, &variance, NULL, spread_step, spread_inverse, spread_value, spread_value},
    {"var_samp", 1, &var_samp, NULL, spread_step, spread_inverse, spread_value, spread_value},
    {"var_pop", 1, &var_pop, NULL, spread_step, spread_inverse, spread_value, spread_value},
    {"stddev", 1, &stddev, NULL, spread_step, spread_inverse, spread_value, spread_value},
    {"stddev_samp", 1, &stddev_samp, NULL, spread_step, spread_inverse, spread_value, spread_value},
    {"stddev_pop", 1, &stddev_pop, NULL, spread_step, spread_inverse, spread_value, spread_value},
    {"slope", 2, &tm_sqlpairs_slope, NULL, tm_sqlpairs_step, tm_sqlpairs_inverse, tm_sqlpairs_value, tm_sqlpairs_final},
    {"mann_kendall", 2, &tm_sqlpairs_mann_kendall, NULL, tm_sqlpairs_step, tm_sqlpairs_inverse, tm_sqlpairs_value,
     tm_sqlpairs_final},
    {"corr", 2, NULL, NULL, tm_sqlcorr_step, tm_sqlcorr_inverse, tm_sqlcorr_value, tm_sqlcorr_value},
    {"sketch_merge", 1, NULL, NULL, tm_sqlsketch_merge_step, tm_sqlsketch_merge_inverse, tm_sqlsketch_merge_value,
     tm_sqlsketch_merge_final},
    {"sketch_percentile", 2, NULL, tm_sqlsketch_percentile, NULL, NULL, NULL, NULL},
    {"zscore", 3, &zscore, z_scalar, NULL, NULL, NULL, NULL},
    {"robust_z", 3, &robust_z, z_scalar, NULL, NULL, NULL, NULL},
};

/* Deterministic and innocuous: views and indexes may use them also where the schema is not
 * trusted. */
int tm_sqlext_register(sqlite3 *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    size_t i;
    int rc = SQLITE_OK;

    for (i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++) {
        const struct sql_function *f = &functions[i];
        void *data = (void *)f->data;

        if (f->scalar)
            rc = sqlite3_create_function_v2(db, f->name, f->args, flags, data, f->scalar, NULL, NULL, NULL);
        else
            rc = sqlite3_create_window_function(db, f->name, f->args, flags, data, f->step, f->final, f->value, f->inverse, NULL);
    }
    return rc;
}

#ifndef SQLITE_CORE
/* Found by its name, which SQLite derives from the file's, so always visible. */
__attribute__((visibility("default"))) int sqlite3_tidemarksql_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

int sqlite3_tidemarksql_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    (void)error;
    SQLITE_EXTENSION_INIT2(api);
    return tm_sqlext_register(db);
}
#endif
