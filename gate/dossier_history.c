/* The runs before the one reported on, and what each plugin did in them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gate/dossier.h"

/* Newest first, as the query gives them; turned round at the end. */
static int read_runs(struct tm_dossier *dossier, int64_t newest, bool **repeats)
{
    struct tm_report *report = &dossier->report;
    const struct tm_picked_run *run = dossier->run;
    size_t n_repeats = 0;
    tm_rows *rows = tm_ask(dossier->store, TM_Q_LINEAGE_WINDOW, "iitiii", run->project_id, run->host_id, run->branch,
                           run->started_at, run->id, newest > 0 ? newest : 1);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_report_run *one = tm_dossier_grow(&report->runs, &report->n_runs, sizeof *report->runs);
        bool *repeated = tm_dossier_grow(repeats, &n_repeats, sizeof **repeats);
        if (!one || !repeated) {
            step = -1;
            break;
        }
        *one = (struct tm_report_run){tm_rows_value(rows, 0).integer,    tm_rows_value(rows, 1).integer,
                                      tm_dossier_text(dossier, rows, 2), tm_dossier_text(dossier, rows, 3),
                                      tm_dossier_real(rows, 5),          tm_dossier_real(rows, 6)};
        *repeated = tm_rows_value(rows, 4).integer > 0;
    }
    tm_rows_close(rows);
    return step == 0 && report->n_runs > 0 && *repeats ? 0 : -1;
}

static void turn_round(struct tm_report *report, bool *repeats)
{
    for (size_t i = 0, j = report->n_runs - 1; i < j; i++, j--) {
        struct tm_report_run run = report->runs[i];
        bool repeated = repeats[i];
        report->runs[i] = report->runs[j], repeats[i] = repeats[j];
        report->runs[j] = run, repeats[j] = repeated;
    }
    report->run = &report->runs[report->n_runs - 1];
}

static double *values_of(struct tm_report *report, struct tm_report_plugin *plugin)
{
    size_t n = report->n_metrics * report->n_runs;
    if (plugin->values)
        return plugin->values;
    plugin->values = malloc((n > 0 ? n : 1) * sizeof *plugin->values);
    for (size_t i = 0; plugin->values && i < n; i++)
        plugin->values[i] = NAN;
    return plugin->values;
}

/* Which column of the rows holds each metric; -1: a metric of the project's own. */
static void map_columns(const struct tm_report *report, const tm_rows *rows, int *column_of)
{
    for (size_t m = 0; m < report->n_metrics; m++) {
        const char *name = strcmp(report->metrics[m].name, "calls") == 0 ? "calls_of_run" : report->metrics[m].name;
        column_of[m] = -1;
        for (int c = 0; c < tm_rows_width(rows); c++)
            if (strcmp(tm_rows_name(rows, c), name) == 0)
                column_of[m] = c;
    }
}

static int read_samples(struct tm_dossier *dossier, size_t run, bool repeats)
{
    struct tm_report *report = &dossier->report;
    int column_of[TM_REPORT_METRICS_MAX] = {0}, step = -1;
    tm_rows *rows = tm_ask(dossier->store, repeats ? TM_Q_NIGHT_SAMPLES_POOLED : TM_Q_NIGHT_SAMPLES, "i", report->runs[run].id);
    if (rows)
        map_columns(report, rows, column_of);
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_dossier_plugin_at(dossier, tm_rows_value(rows, 0).integer);
        if (at == TM_WHOLE_RUN)
            continue;
        double *values = values_of(report, &report->plugins[at]);
        if (!values) {
            step = -1;
            break;
        }
        for (size_t m = 0; m < report->n_metrics; m++)
            if (column_of[m] >= 0)
                values[m * report->n_runs + run] = tm_dossier_real(rows, column_of[m]);
    }
    tm_rows_close(rows);
    return step;
}

static int read_own_metrics(struct tm_dossier *dossier, size_t run)
{
    struct tm_report *report = &dossier->report;
    tm_rows *rows = tm_ask(dossier->store, TM_Q_NIGHT_READINGS, "i", report->runs[run].id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_dossier_plugin_at(dossier, tm_rows_value(rows, 0).integer);
        int metric = tm_report_metric(report, tm_rows_text(rows, 1));
        if (at != TM_WHOLE_RUN && metric >= 0 && report->plugins[at].values)
            report->plugins[at].values[(size_t)metric * report->n_runs + run] = tm_dossier_real(rows, 2);
    }
    tm_rows_close(rows);
    return step;
}

static bool has_own_metrics(const struct tm_report *report)
{
    for (size_t m = 0; m < report->n_metrics; m++)
        if (!tm_known_metric(report->metrics[m].name))
            return true;
    return false;
}

int tm_dossier_history(struct tm_dossier *dossier, int64_t newest)
{
    bool *repeats = NULL;
    int result = read_runs(dossier, newest, &repeats);
    if (result == 0)
        turn_round(&dossier->report, repeats);
    bool own = has_own_metrics(&dossier->report);
    for (size_t run = 0; newest > 0 && run < dossier->report.n_runs && result == 0; run++) {
        result = read_samples(dossier, run, repeats[run]);
        if (result == 0 && own)
            result = read_own_metrics(dossier, run);
    }
    free(repeats);
    return result;
}
