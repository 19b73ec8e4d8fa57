#include "gate/dossier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_REGRESSED = 1, EXIT_UNJUDGED = 3, MOST_PLUGINS = 1 << 26 };

/* Shown beside what is judged. */
static const char *const shown_metrics[] = {"wall_per_call_ms", "cpu_per_call_ms",       "wall_p50_ms", "wall_p95_ms",
                                            "peak_mem_kb",      "mem_delta_per_call_kb", "error_rate",  "calls"};

const char *tm_dossier_text(struct tm_dossier *dossier, const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_TEXT ? tm_arena_text(&dossier->texts, value.text, value.size) : NULL;
}

double tm_dossier_real(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

size_t tm_dossier_plugin_at(const struct tm_dossier *dossier, int64_t id)
{
    return id > 0 && (size_t)id < dossier->n_ids ? dossier->plugin_at[id] - 1 : TM_WHOLE_RUN;
}

/* Runs lie in the order of time; ids mostly rise with them, but need not. */
int tm_dossier_run_at(const struct tm_dossier *dossier, int64_t id)
{
    for (size_t i = dossier->report.n_runs; i-- > 0;)
        if (dossier->report.runs[i].id == id)
            return (int)i;
    return -1;
}

int tm_dossier_metric_at(const struct tm_dossier *dossier, const char *name)
{
    return tm_report_metric(&dossier->report, name);
}

void *tm_dossier_grow(void *array_of_pointer, size_t *n, size_t size)
{
    char **array = array_of_pointer;
    if ((*n & (*n - 1)) == 0) { /* full: its room is the next power of two */
        char *bigger = realloc(*array, (*n ? 2 * *n : 1) * size);
        if (!bigger)
            return NULL;
        *array = bigger;
    }
    return memset(*array + (*n)++ * size, 0, size);
}

static void add_metric(struct tm_report *report, const struct tm_metric_rule *rule, bool judged)
{
    if (report->n_metrics < TM_REPORT_METRICS_MAX && tm_report_metric(report, rule->name) < 0)
        report->metrics[report->n_metrics++] =
            (struct tm_report_metric){rule->name, rule->unit ? rule->unit : "", rule->kind, rule->higher_is_better, judged};
}

static void list_metrics(struct tm_report *report, const struct tm_rules *rules)
{
    for (size_t m = 0; m < rules->n_metrics; m++)
        add_metric(report, &rules->metrics[m], true);
    for (size_t i = 0; i < sizeof shown_metrics / sizeof *shown_metrics; i++)
        add_metric(report, tm_known_metric(shown_metrics[i]), false);
}

static int read_facts(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    tm_rows *rows = tm_ask(dossier->store, TM_Q_RUN_FACTS, "i", dossier->run->id);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        report->project = tm_dossier_text(dossier, rows, 0);
        report->host = tm_dossier_text(dossier, rows, 1);
        report->version = tm_dossier_text(dossier, rows, 2);
    }
    tm_rows_close(rows);
    report->branch = dossier->run->branch;
    return step == 1 ? 0 : -1;
}

static int read_judgement(struct tm_dossier *dossier)
{
    struct tm_tally *tally = &dossier->report.tally;
    *tally = (struct tm_tally){.factor = NAN, .factor_share = NAN};
    tm_rows *rows = tm_ask(dossier->store, TM_Q_JUDGEMENT_OF, "i", dossier->run->id);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        int64_t *counts[] = {&tally->plugins, &tally->judged, &tally->passed, &tally->comparable};
        for (int i = 0; i < 4; i++)
            *counts[i] = tm_rows_value(rows, i).integer;
        tally->factor = tm_dossier_real(rows, 4);
        tally->factor_share = tm_dossier_real(rows, 5);
        tally->held = tm_rows_value(rows, 6).integer;
    }
    tm_rows_close(rows);
    return step < 0 ? -1 : 0;
}

static int add_plugin(struct tm_dossier *dossier, int64_t id, const char *name)
{
    struct tm_report *report = &dossier->report;
    if (id <= 0 || id > MOST_PLUGINS || !name)
        return 0; /* none of ours */
    struct tm_report_plugin *plugin = tm_dossier_grow(&report->plugins, &report->n_plugins, sizeof *report->plugins);
    if (!plugin)
        return -1;
    plugin->id = id;
    plugin->name = name;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct tm_report_plugin *)a)->name, ((const struct tm_report_plugin *)b)->name);
}

static int index_plugins(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    if (report->n_plugins > 0)
        qsort(report->plugins, report->n_plugins, sizeof *report->plugins, by_name);
    dossier->n_ids = 1;
    for (size_t i = 0; i < report->n_plugins; i++)
        if ((size_t)report->plugins[i].id >= dossier->n_ids)
            dossier->n_ids = (size_t)report->plugins[i].id + 1;
    free(dossier->plugin_at);
    dossier->plugin_at = calloc(dossier->n_ids, sizeof *dossier->plugin_at);
    for (size_t i = 0; dossier->plugin_at && i < report->n_plugins; i++)
        dossier->plugin_at[report->plugins[i].id] = i + 1;
    return dossier->plugin_at ? 0 : -1;
}

/* All of the project at first; those that turn out to have nothing to say are dropped. */
static int list_plugins(struct tm_dossier *dossier)
{
    tm_rows *rows = tm_ask(dossier->store, TM_Q_PLUGINS_OF_PROJECT, "i", dossier->run->project_id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_plugin(dossier, tm_rows_value(rows, 0).integer, tm_dossier_text(dossier, rows, 1)) != 0) {
            step = -1;
            break;
        }
    tm_rows_close(rows);
    return step == 0 ? index_plugins(dossier) : -1;
}

static int mark_present(struct tm_dossier *dossier, bool repeats)
{
    tm_rows *rows = tm_ask(dossier->store, repeats ? TM_Q_NIGHT_SAMPLES_POOLED : TM_Q_NIGHT_SAMPLES, "i", dossier->run->id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_dossier_plugin_at(dossier, tm_rows_value(rows, 0).integer);
        if (at != TM_WHOLE_RUN)
            dossier->report.plugins[at].present = true;
    }
    tm_rows_close(rows);
    return step;
}

/* class serves as a mark here: what was said of the plugin tonight comes later. */
static int mark_spoken_of(struct tm_dossier *dossier)
{
    tm_rows *rows = tm_ask(dossier->store, TM_Q_VERDICTS_OF, "i", dossier->run->id);
    int step = -1, id = rows ? tm_rows_width(rows) - 1 : 0;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_dossier_plugin_at(dossier, tm_rows_value(rows, id).integer);
        if (at != TM_WHOLE_RUN)
            dossier->report.plugins[at].class = TM_REGRESSED;
    }
    tm_rows_close(rows);
    return step;
}

static int drop_silent(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    size_t kept = 0;
    for (size_t i = 0; i < report->n_plugins; i++) {
        struct tm_report_plugin *plugin = &report->plugins[i];
        bool speaks = plugin->present || plugin->values || plugin->class != TM_PASS;
        plugin->class = TM_PASS;
        if (speaks)
            report->plugins[kept++] = *plugin;
    }
    report->n_plugins = kept;
    return index_plugins(dossier);
}

/* No verdict and no pass either: nothing was recorded that is judged, or nothing of it shall be. */
static bool is_unjudged(const struct tm_dossier *dossier, const struct tm_report_plugin *plugin)
{
    const struct tm_report *report = &dossier->report;
    const struct tm_rules *rules = &dossier->settings->rules;
    struct tm_metric_rule rule;
    for (size_t m = 0; m < rules->n_metrics; m++)
        if (!isnan(tm_report_value(report, plugin, (int)m, report->n_runs - 1)) && tm_rule_for(rules, plugin->name, m, &rule))
            return false;
    return plugin->present && plugin->values && plugin->n_verdicts == 0;
}

static void mark_unjudged(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    for (size_t i = 0; i < report->n_plugins; i++)
        if (is_unjudged(dossier, &report->plugins[i]))
            report->plugins[i].class = TM_NOT_JUDGED;
}

static int exit_code(const struct tm_settings *settings, const struct tm_tally *tally)
{
    if (tally->run_wide || tally->of[TM_REGRESSED] || tally->of[TM_OPEN] || tally->of[TM_MISSING] ||
        (settings->strict && tally->of[TM_SUSPECT]))
        return EXIT_REGRESSED;
    if (tally->plugins == 0)
        return EXIT_REGRESSED;
    return tally->judged == 0 && !settings->allow_unjudged ? EXIT_UNJUDGED : TM_EXIT_DONE;
}

static void conclude(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    report->exit_code = exit_code(dossier->settings, &report->tally);
    report->outcome = report->exit_code == TM_EXIT_DONE ? "pass" : report->exit_code == EXIT_UNJUDGED ? "not judged" : "fail";
}

static int read_all(struct tm_dossier *dossier, const struct tm_dossier_wish *wish)
{
    list_metrics(&dossier->report, &dossier->settings->rules);
    if (read_facts(dossier) != 0 || read_judgement(dossier) != 0 || list_plugins(dossier) != 0)
        return -1;
    if (tm_dossier_history(dossier, wish->runs) != 0 || mark_present(dossier, true) != 0 || mark_spoken_of(dossier) != 0 ||
        drop_silent(dossier) != 0)
        return -1;
    if (tm_dossier_verdicts(dossier, wish->passes) != 0)
        return -1;
    mark_unjudged(dossier);
    if (wish->runs > 0 && (tm_dossier_events(dossier) != 0 || tm_dossier_decisions(dossier) != 0))
        return -1;
    conclude(dossier);
    return 0;
}

int tm_dossier_read(struct tm_dossier *dossier, tm_store *store, const struct tm_settings *settings,
                    const struct tm_picked_run *run, const struct tm_dossier_wish *wish)
{
    *dossier = (struct tm_dossier){.store = store, .settings = settings, .run = run};
    dossier->extreme_fails = settings->strict || settings->extreme_given;
    dossier->report.strict = settings->strict;
    dossier->report.explain = wish->explain;
    return read_all(dossier, wish) == 0 ? 0 : tm_trouble("%s", *tm_error(store) ? tm_error(store) : "out of memory");
}

void tm_dossier_free(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    for (size_t i = 0; i < report->n_plugins; i++)
        free(report->plugins[i].values);
    free(report->plugins);
    free(report->runs);
    free(report->verdicts);
    free(report->by_weight);
    free(report->ranked);
    free(report->events);
    free(report->decisions);
    free(dossier->plugin_at);
    tm_arena_free(&dossier->texts);
    *dossier = (struct tm_dossier){0};
}

const struct tm_report_plugin *tm_dossier_plugin(const struct tm_dossier *dossier, const char *name)
{
    const struct tm_report_plugin wanted = {.name = name};
    const struct tm_report *report = &dossier->report;
    return report->n_plugins ? bsearch(&wanted, report->plugins, report->n_plugins, sizeof *report->plugins, by_name) : NULL;
}
