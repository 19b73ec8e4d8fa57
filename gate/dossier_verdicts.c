/* What was said: of the run reported on, of the runs before it, and by people. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gate/dossier.h"

/* The columns of verdicts_of. */
enum {
    METRIC = 1,
    CLASS,
    LEADS,
    KIND,
    VALUE,
    CORRECTED,
    BASELINE,
    EFFECT,
    EVIDENCE,
    NEEDED,
    RUNS,
    BASELINE_RUNS,
    Z_HISTORY,
    PCT_HISTORY,
    Z_POPULATION,
    PCT_POPULATION,
    SINCE,
    LAST_GOOD,
    GOOD_COMMIT,
    SINCE_COMMIT,
    SIGNAL,
    WHY,
    DECISION,
    SINCE_RUN,
    PLUGIN_ID
};

static enum tm_class class_named(const char *name)
{
    int class = TM_PASS;
    while (class < TM_REGRESSED && strcmp(tm_class_name((enum tm_class) class), name) != 0)
        class ++;
    return (enum tm_class) class;
}

/* An extreme suspect is as good as regressed for those who want it so. */
static enum tm_class class_of(const struct tm_dossier *dossier, const tm_rows *rows)
{
    if (dossier->extreme_fails && strcmp(tm_rows_text(rows, KIND), "extreme") == 0)
        return TM_REGRESSED;
    return class_named(tm_rows_text(rows, CLASS));
}

static int int_of(const tm_rows *rows, int column)
{
    return (int)tm_rows_value(rows, column).integer;
}

static struct tm_report_verdict verdict_of(struct tm_dossier *dossier, const tm_rows *rows)
{
    return (struct tm_report_verdict){
        .plugin = tm_dossier_plugin_at(dossier, tm_rows_value(rows, PLUGIN_ID).integer),
        .metric = tm_dossier_metric_at(dossier, tm_rows_text(rows, METRIC)),
        .class = class_of(dossier, rows),
        .leads = tm_rows_value(rows, LEADS).integer,
        .kind = tm_dossier_text(dossier, rows, KIND),
        .value = tm_dossier_real(rows, VALUE),
        .corrected = tm_dossier_real(rows, CORRECTED),
        .baseline = tm_dossier_real(rows, BASELINE),
        .effect = tm_dossier_real(rows, EFFECT),
        .evidence = tm_dossier_real(rows, EVIDENCE),
        .needed = tm_dossier_real(rows, NEEDED),
        .runs = int_of(rows, RUNS),
        .baseline_runs = int_of(rows, BASELINE_RUNS),
        .z_history = tm_dossier_real(rows, Z_HISTORY),
        .pct_history = tm_dossier_real(rows, PCT_HISTORY),
        .z_population = tm_dossier_real(rows, Z_POPULATION),
        .pct_population = tm_dossier_real(rows, PCT_POPULATION),
        .since = tm_dossier_text(dossier, rows, SINCE),
        .last_good = tm_dossier_text(dossier, rows, LAST_GOOD),
        .since_commit = tm_dossier_text(dossier, rows, SINCE_COMMIT),
        .good_commit = tm_dossier_text(dossier, rows, GOOD_COMMIT),
        .since_run = tm_dossier_run_at(dossier, tm_rows_value(rows, SINCE_RUN).integer),
        .signal = tm_dossier_text(dossier, rows, SIGNAL),
        .why = tm_dossier_text(dossier, rows, WHY),
        .decision = tm_rows_value(rows, DECISION).integer,
    };
}

static void count(struct tm_tally *tally, const struct tm_report_verdict *verdict)
{
    if (verdict->plugin == TM_WHOLE_RUN)
        tally->run_wide = true;
    else
        tally->of[verdict->class] += verdict->leads;
}

static int read_stored(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    tm_rows *rows = tm_ask(dossier->store, TM_Q_VERDICTS_OF, "i", dossier->run->id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_report_verdict *verdict = tm_dossier_grow(&report->verdicts, &report->n_verdicts, sizeof *report->verdicts);
        if (!verdict) {
            step = -1;
            break;
        }
        *verdict = verdict_of(dossier, rows);
        count(&report->tally, verdict);
    }
    tm_rows_close(rows);
    return step;
}

static int add_pass(struct tm_dossier *dossier, const struct tm_verdict *v)
{
    struct tm_report *report = &dossier->report;
    size_t plugin = tm_dossier_plugin_at(dossier, v->plugin_id);
    if (v->class != TM_PASS || plugin == TM_WHOLE_RUN)
        return 0;
    struct tm_report_verdict *verdict = tm_dossier_grow(&report->verdicts, &report->n_verdicts, sizeof *report->verdicts);
    if (!verdict)
        return -1;
    *verdict = (struct tm_report_verdict){.plugin = plugin,
                                          .metric = v->metric,
                                          .class = TM_PASS,
                                          .leads = v->leads,
                                          .value = v->value,
                                          .corrected = v->corrected,
                                          .baseline = v->baseline,
                                          .effect = v->effect,
                                          .evidence = v->evidence,
                                          .needed = v->needed,
                                          .runs = v->runs,
                                          .baseline_runs = v->baseline_runs,
                                          .z_history = v->z_history,
                                          .pct_history = v->pct_history,
                                          .z_population = v->z_population,
                                          .pct_population = v->pct_population,
                                          .since_run = -1};
    return 0;
}

static int read_passes(struct tm_dossier *dossier)
{
    struct tm_docket docket;
    struct tm_judgement judgement = {0};
    const struct tm_picked_run *run = dossier->run;
    int result = tm_docket_open(&docket, dossier->store, &dossier->settings->rules, run->project_id, run->host_id, run->branch,
                                dossier->settings->base);
    if (result == 0)
        result = tm_docket_judge_again(&docket, run->id, run->started_at, &judgement);
    for (size_t i = 0; i < judgement.n_verdicts && result == 0; i++)
        result = add_pass(dossier, &judgement.verdicts[i]);
    tm_judgement_free(&judgement);
    tm_docket_close(&docket);
    return result;
}

/* Each plugin's verdicts together, those of the whole run last; by_weight and ranked keep the order in which they came. */
static int arrange(struct tm_report *report)
{
    size_t n = report->n_verdicts, at = 0;
    struct tm_report_verdict *arranged = malloc((n + 1) * sizeof *arranged);
    report->by_weight = malloc((n + 1) * sizeof *report->by_weight);
    report->ranked = malloc((n + 1) * sizeof *report->ranked);
    if (!arranged || !report->by_weight || !report->ranked) {
        free(arranged);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (report->verdicts[i].plugin != TM_WHOLE_RUN)
            report->plugins[report->verdicts[i].plugin].n_verdicts++;
    for (size_t p = 0; p < report->n_plugins; p++) {
        report->plugins[p].first_verdict = at;
        at += report->plugins[p].n_verdicts;
        report->plugins[p].n_verdicts = 0;
    }
    for (size_t i = 0; i < n; i++) {
        const struct tm_report_verdict *from = &report->verdicts[i];
        struct tm_report_plugin *plugin = from->plugin == TM_WHOLE_RUN ? NULL : &report->plugins[from->plugin];
        struct tm_report_verdict *to = &arranged[plugin ? plugin->first_verdict + plugin->n_verdicts++ : at++];
        *to = *from;
        report->by_weight[i] = to;
        if (to->leads && to->class != TM_PASS)
            report->ranked[report->n_ranked++] = to;
        if (plugin && to->leads)
            plugin->leader = to, plugin->class = to->class;
    }
    free(report->verdicts);
    report->verdicts = arranged;
    return 0;
}

int tm_dossier_verdicts(struct tm_dossier *dossier, bool passes)
{
    if (read_stored(dossier) != 0 || (passes && read_passes(dossier) != 0))
        return -1;
    return arrange(&dossier->report);
}

static int add_event(struct tm_dossier *dossier, const tm_rows *rows)
{
    struct tm_report *report = &dossier->report;
    size_t plugin = tm_dossier_plugin_at(dossier, tm_rows_value(rows, 0).integer);
    if (plugin == TM_WHOLE_RUN)
        return 0;
    struct tm_report_event *event = tm_dossier_grow(&report->events, &report->n_events, sizeof *report->events);
    if (!event)
        return -1;
    *event = (struct tm_report_event){.plugin = plugin,
                                      .metric = tm_dossier_metric_at(dossier, tm_rows_text(rows, 1)),
                                      .class = class_named(tm_rows_text(rows, 2)),
                                      .kind = tm_dossier_text(dossier, rows, 3),
                                      .value = tm_dossier_real(rows, 4),
                                      .baseline = tm_dossier_real(rows, 5),
                                      .effect = tm_dossier_real(rows, 6),
                                      .run = tm_dossier_run_at(dossier, tm_rows_value(rows, 7).integer),
                                      .since_run = tm_dossier_run_at(dossier, tm_rows_value(rows, 8).integer),
                                      .since = tm_dossier_text(dossier, rows, 9),
                                      .since_commit = tm_dossier_text(dossier, rows, 10),
                                      .good_commit = tm_dossier_text(dossier, rows, 11),
                                      .signal = tm_dossier_text(dossier, rows, 12)};
    return 0;
}

/* By plugin, and then in the order of time. */
static int by_plugin(const void *a, const void *b)
{
    const struct tm_report_event *x = a, *y = b;
    if (x->plugin != y->plugin)
        return x->plugin < y->plugin ? -1 : 1;
    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    return (x->metric > y->metric) - (x->metric < y->metric);
}

static void index_events(struct tm_report *report)
{
    if (report->n_events > 0)
        qsort(report->events, report->n_events, sizeof *report->events, by_plugin);
    for (size_t i = report->n_events; i-- > 0;) {
        struct tm_report_plugin *plugin = &report->plugins[report->events[i].plugin];
        plugin->first_event = i;
        plugin->n_events++;
    }
}

int tm_dossier_events(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    const struct tm_picked_run *run = dossier->run;
    tm_rows *rows = tm_ask(dossier->store, TM_Q_EVENTS_OF, "iitiiii", run->project_id, run->host_id, run->branch,
                           report->runs[0].started_at, report->runs[0].id, run->started_at, run->id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_event(dossier, rows) != 0) {
            step = -1;
            break;
        }
    tm_rows_close(rows);
    index_events(report);
    return step;
}

static enum tm_decision_kind decision_kind(const char *name)
{
    return strcmp(name, "accept") == 0 ? TM_ACCEPT : strcmp(name, "waive") == 0 ? TM_WAIVE : TM_RETIRE;
}

int tm_dossier_decisions(struct tm_dossier *dossier)
{
    struct tm_report *report = &dossier->report;
    const struct tm_picked_run *run = dossier->run;
    tm_rows *rows = tm_ask(dossier->store, TM_Q_DECISIONS_TOLD, "iit", run->project_id, run->host_id, run->branch);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        int64_t id = tm_rows_value(rows, 2).integer;
        size_t plugin = tm_dossier_plugin_at(dossier, id);
        if (id != 0 && plugin == TM_WHOLE_RUN)
            continue;
        struct tm_report_decision *decision = tm_dossier_grow(&report->decisions, &report->n_decisions, sizeof *report->decisions);
        if (!decision) {
            step = -1;
            break;
        }
        *decision = (struct tm_report_decision){.number = tm_rows_value(rows, 0).integer,
                                                .kind = decision_kind(tm_rows_text(rows, 1)),
                                                .plugin = plugin,
                                                .metric = tm_dossier_metric_at(dossier, tm_rows_text(rows, 3)),
                                                .from_run = tm_dossier_run_at(dossier, tm_rows_value(rows, 4).integer),
                                                .made_run = tm_dossier_run_at(dossier, tm_rows_value(rows, 5).integer),
                                                .ceiling = tm_dossier_real(rows, 6),
                                                .until = tm_rows_value(rows, 7).integer,
                                                .reason = tm_dossier_text(dossier, rows, 8),
                                                .issue = tm_dossier_text(dossier, rows, 9),
                                                .made_by = tm_dossier_text(dossier, rows, 10),
                                                .made_at = tm_rows_value(rows, 11).integer};
    }
    tm_rows_close(rows);
    return step;
}
