/* From runs to a week's rows, and from these to sums in memory. The values of a run are what the judge sees of it: the columns of
 * its queries, whose names are the metrics', with repeats pooled. */
#include "store/weeks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/fact_values.h"
#include "store/handle.h"

int tm_week_fail(tm_store *store, enum tm_week_fault fault, const char *plugin)
{
    if (fault == TM_WEEK_TOO_FAR)
        return tm_store_fail(store, "cannot roll up plugin '%s': its values lie too far apart to be summed", plugin);
    if (fault == TM_WEEK_DAMAGED)
        return tm_store_fail(store, "'%s' is damaged: the latency sketch of plugin '%s' is none", store->path, plugin);
    return tm_store_fail(store, "out of memory");
}

int tm_week_find(tm_store *store, const struct tm_week_place *place, int64_t *id)
{
    *id = 0;
    return tm_get(store, id, TM_Q_WEEK_FIND, "itii", place->project, place->branch, place->host, place->begins_at) < 0 ? -1 : 0;
}

/* Calls `see` with each row. */
static int each(tm_store *store, tm_rows *rows, struct tm_week_sums *sums,
                int (*see)(tm_store *, const tm_rows *, struct tm_week_sums *))
{
    int step = rows ? 1 : -1, result = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1)
        result = see(store, rows, sums);
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

static int see_run(tm_store *store, const tm_rows *rows, struct tm_week_sums *sums)
{
    const char *key;
    if (tm_fact_text(store, rows, "key", &key) != 0)
        return -1;
    return tm_week_add_run(sums, key ? key : "") == TM_WEEK_DONE ? 0 : tm_week_fail(store, TM_WEEK_NO_MEMORY, "");
}

/* What a run, or a week, has summed up of a plugin. `strict`: a sketch that is none is a fault. */
static int see_total(tm_store *store, const tm_rows *rows, struct tm_week_sums *sums, bool strict)
{
    const char *name;
    int64_t id = tm_row_integer(rows, "plugin_id");
    struct tm_week_plugin plugin = {0};
    if (tm_fact_text(store, rows, "plugin", &name) != 0)
        return -1;
    plugin.calls = tm_fact_count(rows, "calls");
    plugin.errors = tm_fact_count(rows, "errors");
    if (tm_fact_real(store, rows, "wall_ns", &plugin.wall_ns) != 0 || tm_fact_real(store, rows, "cpu_ns", &plugin.cpu_ns) != 0)
        return -1;
    struct tm_value latency = tm_row_value(rows, "latency");
    plugin.latency = latency.type == TM_BLOB ? latency.text : NULL;
    plugin.latency_size = latency.size;
    struct tm_week_sum *sum = tm_week_sum_of(sums, id, name ? name : "");
    enum tm_week_fault fault = sum ? tm_week_sum_add(sums, sum, &plugin) : TM_WEEK_NO_MEMORY;
    return fault == TM_WEEK_DONE || (fault == TM_WEEK_DAMAGED && !strict) ? 0 : tm_week_fail(store, fault, name);
}

static int see_stored_total(tm_store *store, const tm_rows *rows, struct tm_week_sums *sums)
{
    return see_total(store, rows, sums, true);
}

/* Hosts may store any bytes as a sketch; what is none has no percentiles to lose, and keeps no run. */
static int see_run_total(tm_store *store, const tm_rows *rows, struct tm_week_sums *sums)
{
    return see_total(store, rows, sums, false);
}

static int add_value(tm_store *store, struct tm_week_sums *sums, struct tm_week_sum *sum, const char *metric,
                     const struct tm_week_value *value)
{
    if (!sum)
        return tm_fact_damaged(store, "a value is of no plugin of its run or week");
    enum tm_week_fault fault = tm_week_sum_add_value(sums, sum, metric, value);
    return fault == TM_WEEK_DONE ? 0 : tm_week_fail(store, fault, sum->plugin);
}

static int see_stored_value(tm_store *store, const tm_rows *rows, struct tm_week_sums *sums)
{
    const char *metric;
    struct tm_week_sum *sum = tm_week_sum_find(sums, tm_row_integer(rows, "plugin_id"));
    if (tm_fact_text(store, rows, "metric", &metric) != 0)
        return -1;
    const struct tm_week_value value = {tm_row_integer(rows, "n"), tm_row_real(rows, "mean"), tm_row_real(rows, "m2"),
                                        tm_row_real(rows, "least"), tm_row_real(rows, "most")};
    if (!metric || !tm_week_value_sound(&value))
        return tm_fact_damaged(store, "a week's values cannot be those of its runs");
    return add_value(store, sums, sum, metric, &value);
}

int tm_week_read(tm_store *store, int64_t id, struct tm_week_sums *sums)
{
    if (each(store, tm_ask(store, TM_Q_WEEK_RUNS_OF, "i", id), sums, see_run) != 0 ||
        each(store, tm_ask(store, TM_Q_WEEK_TOTALS_OF, "i", id), sums, see_stored_total) != 0)
        return -1;
    return each(store, tm_ask(store, TM_Q_WEEK_VALUES_OF, "i", id), sums, see_stored_value);
}

static int add_one(tm_store *store, struct tm_week_sums *sums, struct tm_week_sum *sum, const char *metric, double value)
{
    const struct tm_week_value one = {1, value, 0, value, value};
    if (isinf(value))
        return tm_fact_damaged(store, "a number is infinite");
    return isnan(value) ? 0 : add_value(store, sums, sum, metric, &one);
}

/* Every number of the row but its plugin's is a metric; errors are in error_rate. */
static int see_sample(tm_store *store, const tm_rows *rows, struct tm_week_sums *sums)
{
    static const char *const others[] = {"plugin_id", "plugin", "errors", "clock"};
    struct tm_week_sum *sum = tm_week_sum_find(sums, tm_row_integer(rows, "plugin_id"));
    int result = 0;
    for (int i = 0; i < tm_rows_width(rows) && result == 0; i++) {
        const char *name = tm_rows_name(rows, i);
        bool metric = true;
        for (size_t o = 0; o < sizeof others / sizeof *others; o++)
            metric = metric && strcmp(name, others[o]) != 0;
        if (metric)
            result = add_one(store, sums, sum, name, tm_row_real(rows, name));
    }
    return result;
}

static int see_reading(tm_store *store, const tm_rows *rows, struct tm_week_sums *sums)
{
    const char *metric;
    struct tm_week_sum *sum = tm_week_sum_find(sums, tm_row_integer(rows, "plugin_id"));
    if (tm_fact_text(store, rows, "metric", &metric) != 0)
        return -1;
    return add_one(store, sums, sum, metric ? metric : "", tm_row_real(rows, "value"));
}

int tm_week_roll(tm_store *store, int64_t run, struct tm_week_sums *sums)
{
    int64_t repeats = 0;
    if (tm_get(store, &repeats, TM_Q_RUN_REPEATED, "i", run) < 0)
        return -1;
    enum tm_query samples = repeats ? TM_Q_NIGHT_SAMPLES_POOLED : TM_Q_NIGHT_SAMPLES,
                  readings = repeats ? TM_Q_NIGHT_READINGS_POOLED : TM_Q_NIGHT_READINGS;
    if (each(store, tm_ask(store, TM_Q_ROLLED_TOTALS, "i", run), sums, see_run_total) != 0 ||
        each(store, tm_ask(store, samples, "iii", run, (int64_t)0, INT64_MAX), sums, see_sample) != 0)
        return -1;
    return each(store, tm_ask(store, readings, "iii", run, (int64_t)0, INT64_MAX), sums, see_reading);
}

/* A metric's name is stored once; `known` are those of which that is sure. */
static int name_metric(tm_store *store, struct tm_names *known, const char *metric)
{
    if (tm_names_get(known, metric))
        return 0;
    int64_t id;
    if (tm_get(store, &id, TM_Q_WEEK_METRIC_ADD, "t", metric) < 0)
        return -1;
    return tm_names_put(known, metric, 1) == 0 ? 0 : tm_store_fail(store, "out of memory");
}

static int write_values(tm_store *store, int64_t week, const struct tm_week_sum *sum, struct tm_names *known)
{
    for (size_t i = 0; i < sum->n_metrics; i++) {
        const struct tm_week_value *value = &sum->metrics[i].value;
        const char *metric = sum->metrics[i].metric;
        if (name_metric(store, known, metric) != 0 || tm_do(store, TM_Q_WEEK_VALUE_ADD, "iitirrrr", week, sum->plugin_id, metric,
                                                            value->n, value->mean, value->m2, value->least, value->most) != 0)
            return -1;
    }
    return 0;
}

static int write_plugin(tm_store *store, int64_t week, const struct tm_week_sum *sum, struct tm_names *known)
{
    size_t size = 0;
    bool measured = tm_sketch_count(&sum->latency) > 0;
    unsigned char *latency = measured ? tm_sketch_encode(&sum->latency, &size) : NULL;
    if (measured && !latency)
        return tm_store_fail(store, "out of memory");
    int result =
        tm_do(store, TM_Q_WEEK_TOTAL_ADD, "iiinrrrrb", week, sum->plugin_id, sum->calls, sum->errors, sum->wall_ns, sum->cpu_ns,
              tm_sketch_quantile(&sum->latency, 0.5), tm_sketch_quantile(&sum->latency, 0.95), (const void *)latency, size);
    free(latency);
    return result == 0 ? write_values(store, week, sum, known) : -1;
}

int tm_week_write(tm_store *store, const struct tm_week_place *place, int64_t id, struct tm_week_sums *sums)
{
    int result = id ? 0
                 : tm_get(store, &id, TM_Q_WEEK_ADD, "itii", place->project, place->branch, place->host, place->begins_at) == 1
                     ? 0
                     : -1;
    if (result != 0 || tm_do(store, TM_Q_WEEK_VALUES_CLEAR, "i", id) != 0 || tm_do(store, TM_Q_WEEK_TOTALS_CLEAR, "i", id) != 0 ||
        tm_do(store, TM_Q_WEEK_RUNS_CLEAR, "i", id) != 0)
        return -1;
    tm_week_sums_sort(sums);
    for (size_t i = 0; i < sums->n_runs && result == 0; i++)
        result = tm_do(store, TM_Q_WEEK_RUN_ADD, "it", id, sums->runs[i]);
    struct tm_names known = {0};
    for (size_t i = 0; i < sums->n_plugins && result == 0; i++)
        result = write_plugin(store, id, &sums->plugins[i], &known);
    tm_names_clear(&known);
    return result;
}
