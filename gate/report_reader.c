/* What a report is made of, read in this order: the metrics, the run and what was judged of it,
 * all plugins of the project, their history, the verdicts. Plugins that have nothing to do with
 * any of it are dropped before the verdicts are laid out. */
#include "gate/report_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "schema/id.h"

/* Appends it unless it is there. 0, or -1 without memory. */
static int add_metric(struct tm_report *report, const struct tm_metric_rule *rule, bool judged)
{
    if (tm_report_metric(report, rule->name) >= 0)
        return 0;
    struct tm_report_metric *metric = tm_array_add(&report->metrics, &report->n_metrics, sizeof *metric);
    if (!metric)
        return -1;
    *metric = (struct tm_report_metric){rule->name, rule->unit ? rule->unit : "", rule->kind, rule->higher_is_better, judged};
    return 0;
}

/* The judged ones in the order of the rules, then those that a report shows beside them, by
 * their place. */
static int list_metrics(struct tm_report *report, const struct tm_rules *rules)
{
    for (size_t m = 0; m < rules->n_metrics; m++)
        if (add_metric(report, &rules->metrics[m], true) != 0)
            return -1;
    for (int place = 1; place <= (int)tm_n_metrics; place++)
        for (size_t i = 0; i < tm_n_metrics; i++)
            if (tm_metrics[i].shown == place && add_metric(report, &tm_metrics[i].rule, false) != 0)
                return -1;
    return 0;
}

/* Names of project and host, and the version of the host program. */
static int read_facts(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    tm_rows *rows = tm_ask(reader->store, TM_Q_RUN_FACTS, "i", reader->run->id);
    int step = rows ? tm_rows_next(rows) : -1, result = step == 1 ? 0 : -1;
    if (step == 0)
        tm_store_fail(reader->store, "run '%s' is gone", reader->run->key);
    if (result == 0 && (tm_report_reader_text(reader, rows, "project", &report->project) != 0 ||
                        tm_report_reader_text(reader, rows, "host", &report->host) != 0 ||
                        tm_report_reader_text(reader, rows, "version", &report->version) != 0))
        result = -1;
    report->branch = reader->run->branch;
    return tm_rows_close(rows) != 0 ? -1 : result;
}

static int changed(const struct tm_report_reader *reader, const char *run)
{
    return tm_store_fail(reader->store,
                         "the stored verdicts of run '%s' are not what the gate stored: they were changed, or the file is damaged; "
                         "'tidemark rebuild' judges every night anew",
                         run);
}

/* A run without a judgement is one that no gate has judged yet, or was robbed of it. 0 or -1. */
static int without_judgement(struct tm_report_reader *reader)
{
    const struct tm_judged_run *run = reader->run;
    int64_t yes = 0;
    int found = tm_get(reader->store, &yes, TM_Q_LINEAGE_HAS_JUDGED, "iitii", run->project_id, run->host_id, run->branch,
                       run->started_at, run->id);
    return found == 1 ? changed(reader, run->key) : found;
}

/* The counts of the judgement. A run that was not judged keeps zeros, from which tm_outcome() makes no pass. */
static int read_judgement(struct tm_report_reader *reader)
{
    struct tm_tally *tally = &reader->report.tally;
    *tally = (struct tm_tally){.factor = NAN, .factor_share = NAN};
    tm_rows *rows = tm_ask(reader->store, TM_Q_JUDGEMENT_OF, "i", reader->run->id);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        tally->plugins = tm_row_integer(rows, "plugins");
        tally->judged = tm_row_integer(rows, "judged");
        tally->passed = tm_row_integer(rows, "passed");
        tally->comparable = tm_row_integer(rows, "comparable");
        tally->factor = tm_row_real(rows, "factor");
        tally->factor_share = tm_row_real(rows, "factor_share");
        tally->held = tm_row_integer(rows, "held");
    }
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    return step == 1 ? 0 : without_judgement(reader);
}

static int by_metric(const void *a, const void *b)
{
    const struct tm_report_factor *x = a, *y = b;
    return x->metric - y->metric;
}

static int read_factors(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    tm_rows *rows = tm_ask(reader->store, TM_Q_RUN_FACTORS_OF, "i", reader->run->id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        int metric = tm_report_metric(report, tm_row_text(rows, "metric"));
        if (metric < 0)
            continue; /* it was judged when the run was, and is not shown any more */
        struct tm_report_factor *factor = tm_array_add(&report->factors, &report->n_factors, sizeof *factor);
        if (!factor) {
            step = tm_report_no_memory(reader);
            break;
        }
        *factor = (struct tm_report_factor){metric, tm_row_real(rows, "factor"), tm_row_real(rows, "share")};
        report->tally.slow = report->tally.slow || (factor->factor > 0) != report->metrics[metric].higher_is_better;
    }
    if (report->n_factors > 0)
        qsort(report->factors, report->n_factors, sizeof *report->factors, by_metric);
    return tm_rows_close(rows) != 0 ? -1 : step;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct tm_report_plugin *)a)->name, ((const struct tm_report_plugin *)b)->name);
}

/* By name, for bsearch and for people; by id, for rows of the store. Every index into the plugins
 * changes. */
static int index_plugins(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    if (report->n_plugins > 0)
        qsort(report->plugins, report->n_plugins, sizeof *report->plugins, by_name);
    tm_hash_free(&reader->plugins);
    for (size_t i = 0; i < report->n_plugins; i++)
        if (tm_hash_add(&reader->plugins, tm_hash_integer(report->plugins[i].id), i + 1) != 0)
            return tm_report_no_memory(reader);
    return 0;
}

/* The plugin of that name, if the project has it. */
static int list_one(struct tm_report_reader *reader, const char *name)
{
    struct tm_report *report = &reader->report;
    int64_t id = 0;
    int found = tm_get(reader->store, &id, TM_Q_PLUGIN_FIND, "it", reader->run->project_id, name);
    struct tm_report_plugin *plugin = found == 1 ? tm_array_add(&report->plugins, &report->n_plugins, sizeof *plugin) : NULL;
    if (plugin) {
        plugin->id = id;
        plugin->number = tm_id_number(id, reader->run->project_id);
        plugin->name = tm_arena_text(&reader->texts, name, strlen(name));
    }
    if (found == 1 && !(plugin && plugin->name))
        return tm_report_no_memory(reader);
    return found < 0 ? -1 : 0;
}

/* Those that the report is of; no plugin has the number 0. */
static int list_named(struct tm_report_reader *reader, const struct tm_report_wish *wish)
{
    struct tm_report *report = &reader->report;
    int result = 0;
    reader->named = true;
    for (size_t i = 0; i < wish->n_plugins && result == 0; i++)
        result = list_one(reader, wish->plugins[i]);
    reader->first_id = reader->last_id = report->n_plugins > 0 ? report->plugins[0].id : 0;
    for (size_t i = 1; i < report->n_plugins; i++) {
        int64_t id = report->plugins[i].id;
        reader->first_id = id < reader->first_id ? id : reader->first_id;
        reader->last_id = id > reader->last_id ? id : reader->last_id;
    }
    return result == 0 ? index_plugins(reader) : -1;
}

/* All plugins of the project at first; drop_others() leaves those that the report is about. */
static int list_plugins(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    tm_rows *rows = tm_ask(reader->store, TM_Q_PLUGINS_OF_PROJECT, "i", reader->run->project_id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_report_plugin *plugin = tm_array_add(&report->plugins, &report->n_plugins, sizeof *plugin);
        if (!plugin || tm_report_reader_text(reader, rows, "name", &plugin->name) != 0) {
            step = tm_report_no_memory(reader);
            break;
        }
        plugin->id = tm_row_integer(rows, "plugin_id");
        plugin->number = tm_id_number(plugin->id, reader->run->project_id);
        if (!plugin->name)
            report->n_plugins--; /* NULL, as only a damaged store can hold */
    }
    return tm_rows_close(rows) != 0 || step != 0 ? -1 : index_plugins(reader);
}

/* Which are in the run, repeats pooled: a plugin that only a confirming run has was there. */
static int mark_present(struct tm_report_reader *reader)
{
    tm_rows *rows = tm_ask(reader->store, TM_Q_RUN_CALLS, "iii", reader->run->id, reader->first_id, reader->last_id);
    int step = -1, id = rows ? tm_rows_column(rows, "plugin_id") : 0;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_report_reader_plugin(reader, tm_rows_value(rows, id).integer);
        if (at == TM_WHOLE_RUN)
            continue;
        reader->report.plugins[at].present = true;
        reader->report.plugins[at].calls = tm_row_real(rows, "calls");
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* class serves as a mark here: what was said of the plugin tonight comes later. */
static int mark_with_verdict(struct tm_report_reader *reader)
{
    tm_rows *rows = tm_ask(reader->store, TM_Q_VERDICT_PLUGINS, "i", reader->run->id);
    int step = -1, id = rows ? tm_rows_column(rows, "plugin_id") : 0;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t at = tm_report_reader_plugin(reader, tm_rows_value(rows, id).integer);
        if (at != TM_WHOLE_RUN)
            reader->report.plugins[at].class = TM_REGRESSED;
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* A plugin without values, without a verdict and not in the run has nothing to do with this
 * report. */
static int drop_others(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    size_t kept = 0;
    for (size_t i = 0; i < report->n_plugins; i++) {
        struct tm_report_plugin *plugin = &report->plugins[i];
        bool wanted = plugin->present || plugin->values || plugin->class != TM_PASS;
        /* The mark has served; what was said of the plugin is read next. */
        plugin->class = TM_PASS;
        if (wanted)
            report->plugins[kept++] = *plugin;
    }
    report->n_plugins = kept;
    return index_plugins(reader);
}

/* No verdict and no pass either: nothing was recorded that is judged, or the rules leave all of
 * it out. */
static bool is_unjudged(const struct tm_report_reader *reader, const struct tm_report_plugin *plugin)
{
    const struct tm_report *report = &reader->report;
    const struct tm_rules *rules = &reader->settings->rules;
    struct tm_metric_rule rule;
    for (size_t m = 0; m < rules->n_metrics; m++)
        if (!isnan(tm_report_value(report, plugin, (int)m, report->n_runs - 1)) && tm_rule_for(rules, plugin->name, m, &rule))
            return false;
    return plugin->present && plugin->values && plugin->n_verdicts == 0;
}

/* Were some of its metrics judged, and others not? What passes has no verdict. One verdict on the plugin as such stands for all. */
static bool is_partly_judged(const struct tm_report_reader *reader, const struct tm_report_plugin *plugin)
{
    const struct tm_report *report = &reader->report;
    const struct tm_rules *rules = &reader->settings->rules;
    struct tm_metric_rule rule;
    size_t recorded = 0, unjudged = 0;
    if (!plugin->present || plugin->class > TM_IMPROVED)
        return false;
    for (size_t m = 0; m < rules->n_metrics; m++)
        recorded +=
            !isnan(tm_report_value(report, plugin, (int)m, report->n_runs - 1)) && tm_rule_for(rules, plugin->name, m, &rule);
    for (size_t i = 0; i < plugin->n_verdicts; i++) {
        const struct tm_report_verdict *verdict = &report->verdicts[plugin->first_verdict + i];
        if (verdict->metric < 0)
            return false;
        unjudged += verdict->class == TM_NOT_JUDGED;
    }
    return unjudged > 0 && unjudged < recorded;
}

/* The one rule's outcome. A plugin of which nothing could be judged is no pass, so that the
 * report does not show it as one. */
static void conclude(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    for (size_t i = 0; i < report->n_plugins; i++)
        if (is_unjudged(reader, &report->plugins[i]))
            report->plugins[i].class = TM_NOT_JUDGED;
    for (size_t i = 0; i < report->n_plugins; i++) {
        report->plugins[i].partly = is_partly_judged(reader, &report->plugins[i]);
        report->tally.partly += report->plugins[i].partly;
    }
    tm_report_count_reasons(report);
    enum tm_gate_exit exit = tm_outcome(&report->tally, &reader->settings->strictness);
    report->exit_code = (int)exit;
    report->outcome = tm_outcome_name(exit);
}

/* What is told is what the gate stored: of the run, and of all runs whose events are shown. Its counts must add up as well. */
static int verify(struct tm_report_reader *reader)
{
    const struct tm_report *report = &reader->report;
    const struct tm_tally *tally = &report->tally;
    int holds = 1;
    size_t i = report->n_runs;
    while (holds == 1 && i-- > 0)
        holds = tm_seal_holds(reader->store, report->runs[i].id);
    if (holds != 1)
        return holds < 0 ? -1 : changed(reader, report->runs[i].key);
    int64_t told =
        tally->of[TM_REGRESSED] + tally->of[TM_OPEN] + tally->of[TM_OVER_LIMIT] + tally->of[TM_SUSPECT] + tally->of[TM_WAIVED];
    return tally->judged == tally->passed + told && tally->judged <= tally->plugins ? 0 : changed(reader, report->run->key);
}

static int read_all(struct tm_report_reader *reader, const struct tm_report_wish *wish)
{
    const struct tm_settings *settings = reader->settings;
    reader->report.strict = settings->strictness.strict;
    reader->report.limits = settings->rules.limits;
    reader->report.n_limits = settings->rules.n_limits;
    reader->report.base = settings->rules.pr && strcmp(reader->run->branch, settings->base) != 0 ? settings->base : NULL;
    reader->report.explain = wish->explain;
    reader->report.all = wish->all;
    if (list_metrics(&reader->report, &settings->rules) != 0)
        return tm_report_no_memory(reader);
    /* The history allocates values, by which drop_others() knows who matters; the verdicts refer
     * to plugins by index, so they come after the dropping. */
    if (read_facts(reader) != 0 || read_judgement(reader) != 0 || read_factors(reader) != 0 ||
        (wish->plugins ? list_named(reader, wish) : list_plugins(reader)) != 0 || tm_report_read_history(reader, wish) != 0 ||
        mark_present(reader) != 0 || mark_with_verdict(reader) != 0 || drop_others(reader) != 0 ||
        tm_report_read_verdicts(reader, wish) != 0 || verify(reader) != 0)
        return -1;
    /* Events and decisions are for histories: a gate's output shows tonight. */
    if (wish->runs > 0 && (tm_report_read_events(reader) != 0 || tm_report_read_decisions(reader) != 0))
        return -1;
    if (wish->entries && tm_report_read_entries(reader) != 0)
        return -1;
    conclude(reader);
    return tm_report_find_events(&reader->report) == 0 ? 0 : tm_report_no_memory(reader);
}

/* All of one moment: a run that comes in between would make verdicts of before it look damaged. */
int tm_report_read(struct tm_report_reader *reader, tm_store *store, const struct tm_settings *settings,
                   const struct tm_judged_run *run, const struct tm_report_wish *wish)
{
    *reader =
        (struct tm_report_reader){.store = store, .settings = settings, .run = run, .first_id = INT64_MIN, .last_id = INT64_MAX};
    int result = tm_snapshot(store) == 0 ? read_all(reader, wish) : -1;
    tm_snapshot_end(store);
    return result;
}

/* Whatever was read: of a reader that failed half way, what is not there is NULL. */
void tm_report_reader_free(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    for (size_t i = 0; i < report->n_plugins; i++) {
        free(report->plugins[i].values);
        free(report->plugins[i].weekly);
    }
    free(report->plugins);
    free(report->runs);
    free(report->weeks);
    free(report->verdicts);
    free(report->by_weight);
    free(report->ranked);
    free(report->events);
    free(report->ends);
    free(report->entries);
    tm_report_free_events(report);
    free(report->decisions);
    free(report->metrics);
    free(report->factors);
    tm_hash_free(&reader->plugins);
    tm_hash_free(&reader->metrics);
    tm_arena_free(&reader->texts);
    *reader = (struct tm_report_reader){0};
}

const struct tm_report_plugin *tm_report_plugin_named(const struct tm_report_reader *reader, const char *name)
{
    const struct tm_report_plugin wanted = {.name = name};
    const struct tm_report *report = &reader->report;
    return report->n_plugins ? bsearch(&wanted, report->plugins, report->n_plugins, sizeof *report->plugins, by_name) : NULL;
}
