/* The runs before the one reported on, and what each plugin did in them. A plugin's values are
 * one block, metric by metric, allocated when its first value is met: most of a project's plugins
 * may be gone for years. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/report_reader.h"

/* Appends a run and whether it has repeats, which decides how it is read later. */
static int add_run(struct tm_report_reader *reader, const tm_rows *rows, bool **repeats, size_t *n_repeats)
{
    struct tm_report *report = &reader->report;
    struct tm_report_run *run = tm_array_add(&report->runs, &report->n_runs, sizeof *run);
    bool *repeated = tm_array_add(repeats, n_repeats, sizeof **repeats);
    if (!run || !repeated)
        return tm_report_no_memory(reader);
    run->id = tm_row_integer(rows, "run_id");
    run->started_at = tm_row_time(rows, "started_at");
    *repeated = tm_row_integer(rows, "repeats") > 0;
    run->factor = tm_row_real(rows, "factor");
    run->factor_share = tm_row_real(rows, "factor_share");
    return tm_report_reader_text(reader, rows, "key", &run->key) != 0 ||
                   tm_report_reader_text(reader, rows, "commit_id", &run->commit) != 0
               ? -1
               : 0;
}

/* The run and up to wish->runs - 1 before it, newest first, as the query gives them. 0 (no history)
 * still reads the run itself. */
static int read_runs(struct tm_report_reader *reader, const struct tm_report_wish *wish, bool **repeats)
{
    const struct tm_judged_run *run = reader->run;
    size_t n_repeats = 0;
    int step = -1;
    tm_rows *rows = tm_ask(reader->store, TM_Q_LINEAGE_WINDOW, "iitiii", run->project_id, run->host_id, run->branch,
                           run->started_at, run->id, wish->runs > 0 ? wish->runs : 1);
    while (rows && (step = tm_rows_next(rows)) == 1) {
        if (n_repeats > 0 && tm_row_time(rows, "started_at") < wish->since) {
            step = 0;
            break;
        }
        if (add_run(reader, rows, repeats, &n_repeats) != 0) {
            step = -1;
            break;
        }
    }
    /* Found a moment ago: somebody has removed it since. */
    if (step == 0 && !*repeats) {
        tm_store_fail(reader->store, "run '%s' is gone", run->key);
        step = -1;
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* To the order of time; report->run is set only now, for the array moved while it grew. */
static void turn_round(struct tm_report *report, bool *repeats)
{
    /* The two arrays go together: repeats[i] is of runs[i]. */
    for (size_t i = 0, j = report->n_runs - 1; i < j; i++, j--) {
        struct tm_report_run run = report->runs[i];
        bool repeated = repeats[i];
        report->runs[i] = report->runs[j];
        repeats[i] = repeats[j];
        report->runs[j] = run;
        repeats[j] = repeated;
    }
    report->run = &report->runs[report->n_runs - 1];
}

/* The plugin's block, all NAN at first; NULL: no memory. */
static double *values_of(const struct tm_report *report, struct tm_report_plugin *plugin)
{
    size_t n = report->n_metrics * report->n_runs;
    if (plugin->values)
        return plugin->values;
    plugin->values = malloc((n > 0 ? n : 1) * sizeof *plugin->values);
    for (size_t i = 0; plugin->values && i < n; i++)
        plugin->values[i] = NAN;
    return plugin->values;
}

/* Which column of the rows holds each metric; -1: a metric of the project's own. True if there
 * are such. */
static bool find_columns(const struct tm_report *report, const tm_rows *rows, int *column_of)
{
    bool own = false;
    for (size_t m = 0; m < report->n_metrics; m++) {
        const char *name = report->metrics[m].name;
        column_of[m] = tm_metric_named(name) ? tm_rows_column(rows, name) : -1;
        own = own || column_of[m] < 0;
    }
    return own;
}

/* NAN: not recorded. */
static double real_at(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

/* A project's own metrics of one run, into blocks that read_samples() has made. */
/* The metric that the row is of, -1: none that is shown. A name is looked for once, however many rows have it. 0, or -1 without
 * memory. */
static int find_metric(struct tm_report_reader *reader, const tm_rows *rows, int *metric)
{
    uint64_t hash = tm_hash_integer(tm_row_integer(rows, "metric_id"));
    uintptr_t found = tm_hash_find(&reader->metrics, hash, NULL, NULL), none = reader->report.n_metrics + 1;
    if (!found) {
        *metric = tm_report_metric(&reader->report, tm_row_text(rows, "metric"));
        found = *metric < 0 ? none : (uintptr_t)*metric + 1;
        if (tm_hash_add(&reader->metrics, hash, found) != 0)
            return tm_report_no_memory(reader);
    }
    *metric = found == none ? -1 : (int)(found - 1);
    return 0;
}

static int read_own_metrics(struct tm_report_reader *reader, size_t run, bool repeats)
{
    struct tm_report *report = &reader->report;
    tm_rows *rows = tm_ask(reader->store, repeats ? TM_Q_NIGHT_READINGS_POOLED : TM_Q_NIGHT_READINGS, "iii", report->runs[run].id,
                           reader->first_id, reader->last_id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_report_reader_plugin(reader, tm_row_integer(rows, "plugin_id"));
        int metric;
        if (find_metric(reader, rows, &metric) != 0) {
            step = -1;
            break;
        }
        if (at != TM_WHOLE_RUN && metric >= 0 && report->plugins[at].values)
            report->plugins[at].values[(size_t)metric * report->n_runs + run] = tm_row_real(rows, "value");
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* What every plugin of the report did in one run, repeats pooled. */
static int read_samples(struct tm_report_reader *reader, size_t run, bool repeats)
{
    struct tm_report *report = &reader->report;
    int step = -1, id = 0;
    int *column_of = calloc(report->n_metrics + 1, sizeof *column_of); /* + 1: none is no failure */
    bool own = false;
    if (!column_of)
        return tm_report_no_memory(reader);
    tm_rows *rows = tm_ask(reader->store, repeats ? TM_Q_NIGHT_SAMPLES_POOLED : TM_Q_NIGHT_VALUES, "iii", report->runs[run].id,
                           reader->first_id, reader->last_id);
    if (rows) {
        own = find_columns(report, rows, column_of);
        id = tm_rows_column(rows, "plugin_id");
    }
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_report_reader_plugin(reader, tm_rows_value(rows, id).integer);
        /* A row of no plugin of the project's: the store is damaged there, the report goes on. */
        if (at == TM_WHOLE_RUN)
            continue;
        double *values = values_of(report, &report->plugins[at]);
        if (!values) {
            step = tm_report_no_memory(reader);
            break;
        }
        for (size_t m = 0; m < report->n_metrics; m++)
            if (column_of[m] >= 0)
                values[m * report->n_runs + run] = real_at(rows, column_of[m]);
    }
    free(column_of);
    if (tm_rows_close(rows) != 0)
        step = -1;
    return step == 0 && own ? read_own_metrics(reader, run, repeats) : step;
}

/* Of one moment after the other, as the store has them. */
static int read_all_samples(struct tm_report_reader *reader, const bool *repeats)
{
    int result = 0;
    for (size_t run = 0; run < reader->report.n_runs && result == 0; run++)
        result = read_samples(reader, run, repeats[run]);
    return result;
}

/* Plugin by plugin where few are named: what lies between them is not read. */
static int read_named_samples(struct tm_report_reader *reader, const bool *repeats)
{
    const int64_t first = reader->first_id, last = reader->last_id;
    int result = 0;
    for (size_t i = 0; i < reader->report.n_plugins && result == 0; i++) {
        reader->first_id = reader->last_id = reader->report.plugins[i].id;
        result = read_all_samples(reader, repeats);
    }
    reader->first_id = first, reader->last_id = last;
    return result;
}

/* Runs first, since a plugin's block of values is as long as there are runs. */
int tm_report_read_history(struct tm_report_reader *reader, const struct tm_report_wish *wish)
{
    bool *repeats = NULL;
    int result = read_runs(reader, wish, &repeats);
    if (result == 0)
        turn_round(&reader->report, repeats);
    if (result == 0 && wish->runs > 0)
        result = reader->named ? read_named_samples(reader, repeats) : read_all_samples(reader, repeats);
    free(repeats);
    /* Where older runs were left out, weeks would stand beside a gap. */
    bool whole = wish->since == 0 && reader->report.n_runs < (uint64_t)wish->runs;
    return result == 0 && wish->runs > 0 && whole ? tm_report_read_weeks(reader) : result;
}
