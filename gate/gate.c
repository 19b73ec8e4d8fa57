/* The gate's steps, and tm_gate() of the library on top of them. The result of tm_gate() holds
 * all that it shows: the report it was made from, and one public verdict for each of the
 * report's. */
#include "gate/gate.h"

#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "gate/report_reader.h"

enum { DAY = 86400 }; /* seconds */

/* The run to judge, or -1: no run at all must not pass for a run without regressions. */
int tm_gate_find(tm_store *store, const struct tm_scope *scope, const char *key, struct tm_judged_run *run)
{
    int found = tm_judged_run_find(store, scope, key, run);
    if (found > 0)
        return 0;
    if (found < 0)
        return -1;
    return key ? tm_store_fail(store, "no run '%s' to judge (of that project, branch and host)", key)
               : tm_store_fail(store, "there is no run to judge (of that project, branch and host)");
}

/* A night that did not run must not pass because the one before it did. A day of the future is
 * left to clocks and time zones. */
static int check_age(tm_store *store, const struct tm_settings *settings, const struct tm_judged_run *run)
{
    double days = (double)(time(NULL) - run->started_at) / DAY;
    if (!(settings->max_age_days > 0) || (days <= settings->max_age_days && days >= -1))
        return 0;
    if (days < 0)
        return tm_store_fail(store,
                             "the newest run '%s' starts %.1f days in the future: a wrong clock or --at ('tidemark rm' removes it)",
                             run->key, -days);
    return tm_store_fail(store, "the newest run '%s' is %.1f days old, older than --max-age %g: did the night run at all?",
                         run->key, days, settings->max_age_days);
}

int tm_gate_judge(tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope, const char *key,
                  const struct tm_watcher *watcher, struct tm_judged_run *run, size_t *judged)
{
    if (tm_gate_find(store, scope, key, run) != 0 || check_age(store, settings, run) != 0)
        return -1;
    const struct tm_watcher noting = {watcher->progress, watcher->context, &run->noted};
    return tm_judge_lineage(store, settings, run, &noting, judged);
}

/* ---- the library's ---- */

/* Everything that a result points to lives as long as it does: settings and run before the
 * reader, which borrows from both. */
struct tm_gate_result {
    struct tm_settings settings;
    struct tm_judged_run run;
    struct tm_report_reader reader;
    struct tm_gate_summary summary;
    struct tm_gate_verdict *verdicts;
    size_t n_verdicts;
};

/* The options' settings, then what the store says of its metrics. A setting that is not
 * understood fails the gate: ignored, it would judge more kindly than its author meant. */
static int apply_settings(tm_store *store, struct tm_settings *settings, const struct tm_gate_options *options)
{
    if (tm_settings_init(settings) != TM_SETTING_DONE)
        return tm_store_fail(store, "out of memory");
    for (size_t i = 0; i < options->n_settings; i++) {
        const struct tm_setting *set = &options->settings[i];
        if (!set->section || !set->name || !set->value)
            return tm_store_fail(store, "setting %zu lacks its section, name or value", i + 1);
        if (tm_settings_set(settings, set->section, set->name, set->value) != TM_SETTING_DONE)
            return tm_store_fail(store, "no setting '%s = %s' in [%s]", set->name, set->value, set->section);
    }
    /* After all settings, since only then is it known which metrics were named. */
    enum tm_setting_fault fault = tm_settings_finish(settings, store, options->project ? options->project : "default");
    if (fault == TM_SETTING_UNKNOWN_METRIC)
        return tm_store_fail(store, "no metric '%s'", settings->unknown);
    return fault == TM_SETTING_DONE ? 0 : -1;
}

/* The public struct is a copy, member by member: the report's may change, this one is a promise
 * to other programs. */
static void fill_verdict(const struct tm_report *report, const struct tm_report_verdict *from, struct tm_gate_verdict *to)
{
    const struct tm_report_metric *metric = from->metric >= 0 ? &report->metrics[from->metric] : NULL;
    *to = (struct tm_gate_verdict){.plugin = from->plugin == TM_WHOLE_RUN ? "*" : report->plugins[from->plugin].name,
                                   .metric = metric ? metric->name : NULL,
                                   .unit = metric ? metric->unit : "",
                                   .verdict = tm_class_name(from->class),
                                   .leads = from->leads,
                                   .kind = from->kind,
                                   .value = from->value,
                                   .corrected = from->corrected,
                                   .baseline = from->baseline,
                                   .effect = from->effect,
                                   .effect_is_amount = metric && tm_metric_is_by_amount(metric->kind),
                                   .evidence = from->evidence,
                                   .needed = from->needed,
                                   .runs = from->runs,
                                   .baseline_runs = from->baseline_runs,
                                   .since_run = from->since,
                                   .last_good_run = from->last_good,
                                   .since_commit = from->since_commit,
                                   .last_good_commit = from->good_commit,
                                   .earliest_run = from->interval.earliest,
                                   .latest_run = from->interval.latest,
                                   .sure_good_run = from->interval.sure_good,
                                   .sure_good_commit = from->interval.sure_good_commit,
                                   .latest_commit = from->interval.latest_commit,
                                   .signal = from->signal,
                                   .why = from->why,
                                   .decision = from->decision};
}

/* The summary, and one public verdict for each of the report's, the worst first. Texts are
 * borrowed from the report. */
static int fill_result(tm_store *store, tm_gate_result *result)
{
    const struct tm_report *report = &result->reader.report;
    const struct tm_tally *tally = &report->tally;
    result->summary = (struct tm_gate_summary){.exit_code = report->exit_code,
                                               .outcome = report->outcome,
                                               .project = report->project,
                                               .run = result->run.key,
                                               .branch = result->run.branch,
                                               .host = report->host,
                                               .plugins = tally->plugins,
                                               .judged = tally->judged,
                                               .passed = tally->passed,
                                               .missing = tally->of[TM_MISSING],
                                               .factor = tally->factor,
                                               .factor_share = tally->factor_share};
    for (size_t i = 0; i < report->n_verdicts; i++) {
        struct tm_gate_verdict *verdict = tm_array_add(&result->verdicts, &result->n_verdicts, sizeof *verdict);
        if (!verdict)
            return tm_store_fail(store, "out of memory");
        fill_verdict(report, report->by_weight[i], verdict);
    }
    return 0;
}

/* Judges, reads the report, commits. The commit is last: where the report cannot be made, nothing
 * is stored that nobody was told of. */
static int judge(tm_store *store, const struct tm_gate_options *options, tm_gate_result *result)
{
    const struct tm_scope scope = {
        .project = options->project ? options->project : "default", .branch = options->branch, .host = options->host};
    const struct tm_report_wish wish = {.runs = 1, .passes = options->passes};
    size_t judged = 0;
    if (tm_lock_project(store, scope.project) != 0 || apply_settings(store, &result->settings, options) != 0 ||
        tm_gate_judge(store, &result->settings, &scope, options->run, &(struct tm_watcher){0}, &result->run, &judged) != 0 ||
        tm_report_read(&result->reader, store, &result->settings, &result->run, &wish) != 0 || fill_result(store, result) != 0)
        return -1;
    return tm_commit(store);
}

/* One transaction. */
static int judge_once(tm_store *store, const struct tm_gate_options *options, tm_gate_result **result)
{
    if (tm_begin(store) != 0)
        return -1;
    /* Made before judging: a result that cannot be given must not be stored either. */
    tm_gate_result *made = calloc(1, sizeof *made);
    int judged = made ? judge(store, options, made) : tm_store_fail(store, "out of memory");
    if (judged != 0) {
        tm_rollback(store);
        tm_gate_free(made);
        return -1;
    }
    *result = made;
    return 0;
}

/* Judged twice, a run has the same verdicts: so also what is not known to be stored is tried again. */
int tm_gate(tm_store *store, const struct tm_gate_options *options, tm_gate_result **result)
{
    static const struct tm_gate_options defaults = {0};
    int tries = 0;
    *result = NULL;
    while (judge_once(store, options ? options : &defaults, result) != 0)
        if (tm_try_again(store, &tries, true) != 0)
            return -1;
    return 0;
}

const struct tm_gate_summary *tm_gate_summary(const tm_gate_result *result)
{
    return &result->summary;
}

size_t tm_gate_count(const tm_gate_result *result)
{
    return result->n_verdicts;
}

/* A position beyond the end is no fault: a loop may end by it. */
const struct tm_gate_verdict *tm_gate_verdict(const tm_gate_result *result, size_t position)
{
    return position < result->n_verdicts ? &result->verdicts[position] : NULL;
}

/* The reader borrows from run and settings, so it goes first. */
void tm_gate_free(tm_gate_result *result)
{
    if (!result)
        return;
    tm_report_reader_free(&result->reader);
    tm_judged_run_free(&result->run);
    tm_settings_free(&result->settings);
    free(result->verdicts);
    free(result);
}
