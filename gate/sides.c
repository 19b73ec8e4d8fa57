/* A run's profiles are one query and its readings another, both in the order of the store's ids; the comparison knows plugins and
 * metrics by name, since its sides may come from two stores. */
#include "gate/sides.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static int no_memory(const struct tm_side_reader *reader)
{
    return tm_store_fail(reader->store, "out of memory");
}

int tm_side_reader_open(struct tm_side_reader *reader, struct tm_comparison *comparison, tm_store *store, const char *project,
                        const char *glob)
{
    *reader = (struct tm_side_reader){.comparison = comparison, .store = store, .glob = glob};
    tm_rows *rows = tm_ask(store, TM_Q_METRICS, "t", project);
    size_t place;
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (tm_compare_add_metric(comparison, tm_row_text(rows, "name"), tm_row_text(rows, "unit"), tm_row_text(rows, "better"),
                                  &place) != 0) {
            step = no_memory(reader);
            break;
        }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

void tm_side_reader_free(struct tm_side_reader *reader)
{
    tm_hash_free(&reader->plugins);
    tm_hash_free(&reader->metrics);
}

/* ---- profiles ---- */

/* The columns of the rows that are metrics. */
struct columns {
    int *of; /* by the comparison's metrics; -1: none */
    size_t n;
};

static int find_columns(const struct tm_comparison *c, const tm_rows *rows, struct columns *columns)
{
    columns->n = c->n_metrics;
    columns->of = calloc(c->n_metrics + 1, sizeof *columns->of); /* + 1: none is no failure */
    for (size_t m = 0; columns->of && m < c->n_metrics; m++)
        columns->of[m] = tm_metric_named(c->metrics[m].rule.name) ? tm_rows_column(rows, c->metrics[m].rule.name) : -1;
    return columns->of ? 0 : -1;
}

/* The place of the row's plugin, plus one; 0: it is not wanted. A plugin of the past alone is not. -1: no memory. */
static int find_plugin(struct tm_side_reader *reader, const tm_rows *rows, enum tm_compare_of of, size_t *place_plus_1)
{
    uint64_t hash = tm_hash_integer(tm_row_integer(rows, "plugin_id"));
    *place_plus_1 = tm_hash_find(&reader->plugins, hash, NULL, NULL);
    const char *name = tm_row_text(rows, "plugin");
    size_t place;
    if (*place_plus_1 || of == TM_COMPARE_PAST || (reader->glob && fnmatch(reader->glob, name, 0) != 0))
        return 0;
    if (tm_compare_add_plugin(reader->comparison, name, &place) != 0)
        return -1;
    *place_plus_1 = place + 1;
    return tm_hash_add(&reader->plugins, hash, place + 1);
}

/* One clock a side, and the same on both, or CPU times do not compare. One that is not said compares with any. */
static int note_clock(struct tm_side_reader *reader, struct tm_compare_plugin *plugin, int side, const char *clock)
{
    if (!*clock)
        return 0;
    for (int i = 0; i < TM_SIDES; i++)
        plugin->clocks_differ = plugin->clocks_differ || (plugin->clock[i] && strcmp(plugin->clock[i], clock) != 0);
    if (!plugin->clock[side])
        plugin->clock[side] = tm_compare_text(reader->comparison, clock);
    return plugin->clock[side] ? 0 : -1;
}

/* A sketch that is damaged is none; one that found no memory is a failure. */
static int add_sketch(struct tm_compare_plugin *plugin, int side, struct tm_value blob)
{
    struct tm_sketch sketch;
    if (blob.type != TM_BLOB)
        return 0;
    tm_sketch_init(&sketch);
    int result = tm_sketch_decode(&sketch, blob.text, blob.size);
    if (result == 0)
        result = tm_sketch_merge(&plugin->latency[side], &sketch);
    int reason = errno;
    tm_sketch_free(&sketch);
    return result != 0 && reason == ENOMEM ? -1 : 0;
}

/* What a side knows of a plugin beside its metrics. */
static int add_facts(struct tm_side_reader *reader, const tm_rows *rows, enum tm_compare_of of, size_t place)
{
    struct tm_compare_plugin *plugin = &reader->comparison->plugins[place];
    double calls = tm_row_real(rows, "calls"), errors = tm_row_real(rows, "errors");
    int side = (int)of;
    plugin->measured[side]++;
    plugin->told_errors[side] += isnan(errors) ? 0 : 1;
    plugin->calls[side] += isnan(errors) || isnan(calls) ? 0 : calls;
    plugin->errors[side] += isnan(errors) ? 0 : errors;
    if (note_clock(reader, plugin, side, tm_row_text(rows, "clock")) != 0)
        return -1;
    return add_sketch(plugin, side, tm_row_value(rows, "latency"));
}

static double real_at(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

static int add_profile(struct tm_side_reader *reader, const tm_rows *rows, const struct columns *columns, enum tm_compare_of of)
{
    size_t place;
    if (find_plugin(reader, rows, of, &place) != 0)
        return -1;
    int result = place && of != TM_COMPARE_PAST ? add_facts(reader, rows, of, place - 1) : 0;
    for (size_t m = 0; m < columns->n && place && result == 0; m++)
        if (columns->of[m] >= 0)
            result = tm_compare_add(reader->comparison, of, place - 1, m, real_at(rows, columns->of[m]));
    return result;
}

static int read_profiles(struct tm_side_reader *reader, int64_t run, enum tm_compare_of of)
{
    struct columns columns = {0};
    int step = -1;
    tm_rows *rows = tm_ask(reader->store, TM_Q_COMPARED_PROFILES, "ii", run, (int64_t)(of != TM_COMPARE_PAST));
    if (rows && find_columns(reader->comparison, rows, &columns) != 0) {
        tm_rows_close(rows);
        return no_memory(reader);
    }
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_profile(reader, rows, &columns, of) != 0) {
            step = no_memory(reader);
            break;
        }
    free(columns.of);
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* ---- readings ---- */

/* A name is looked for once, however many rows have it. */
static int find_metric(struct tm_side_reader *reader, const tm_rows *rows, size_t *place)
{
    uint64_t hash = tm_hash_integer(tm_row_integer(rows, "metric_id"));
    uintptr_t found = tm_hash_find(&reader->metrics, hash, NULL, NULL);
    *place = found - 1;
    if (found)
        return 0;
    if (tm_compare_add_metric(reader->comparison, tm_row_text(rows, "metric"), "", "", place) != 0)
        return -1;
    return tm_hash_add(&reader->metrics, hash, *place + 1);
}

static int add_reading(struct tm_side_reader *reader, const tm_rows *rows, enum tm_compare_of of)
{
    uintptr_t plugin = tm_hash_find(&reader->plugins, tm_hash_integer(tm_row_integer(rows, "plugin_id")), NULL, NULL);
    size_t metric;
    if (!plugin)
        return 0;
    if (find_metric(reader, rows, &metric) != 0)
        return -1;
    return tm_compare_add(reader->comparison, of, plugin - 1, metric, tm_row_real(rows, "value"));
}

static int read_readings(struct tm_side_reader *reader, int64_t run, enum tm_compare_of of)
{
    tm_rows *rows = tm_ask(reader->store, TM_Q_NIGHT_READINGS, "iii", run, INT64_MIN, INT64_MAX);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_reading(reader, rows, of) != 0) {
            step = no_memory(reader);
            break;
        }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* ---- runs ---- */

static int list_measured(struct tm_side_reader *reader, int64_t run, int64_t **runs, size_t *n)
{
    tm_rows *rows = tm_ask(reader->store, TM_Q_RUN_MEASURED, "i", run);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        int64_t *id = tm_array_add(runs, n, sizeof *id);
        if (!id) {
            step = no_memory(reader);
            break;
        }
        *id = tm_row_integer(rows, "run_id");
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

int tm_side_read_run(struct tm_side_reader *reader, int64_t run, enum tm_compare_of of, size_t *measured)
{
    int64_t *runs = NULL;
    size_t n = 0;
    int result = list_measured(reader, run, &runs, &n);
    for (size_t i = 0; i < n && result == 0; i++) {
        result = read_profiles(reader, runs[i], of);
        if (result == 0)
            result = read_readings(reader, runs[i], of);
    }
    *measured += n;
    free(runs);
    return result;
}

static bool is_among(int64_t run, const int64_t *compared, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (compared[i] == run)
            return true;
    return false;
}

/* The newest come first, and are told oldest first. A night counts as its first measurement: its repeats are of the same night. */
int tm_side_read_past(struct tm_side_reader *reader, const struct tm_side_lineage *lineage, const int64_t *compared, size_t n)
{
    int64_t runs[TM_PAST_RUNS];
    size_t found = 0;
    int step = -1, result = 0;
    tm_rows *rows = tm_ask(reader->store, TM_Q_LINEAGE_WINDOW, "iitiii", lineage->project_id, lineage->host_id, lineage->branch,
                           lineage->started_at, lineage->run, (int64_t)(TM_PAST_RUNS + n));
    while (rows && found < TM_PAST_RUNS && (step = tm_rows_next(rows)) == 1) {
        int64_t run = tm_row_integer(rows, "run_id");
        if (!is_among(run, compared, n))
            runs[found++] = run;
    }
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    reader->comparison->nights = found;
    while (found > 0 && result == 0) {
        result = read_profiles(reader, runs[--found], TM_COMPARE_PAST);
        if (result == 0)
            result = read_readings(reader, runs[found], TM_COMPARE_PAST);
    }
    return result;
}
