/* What tests of the forms share: reports made by hand. A stage holds all that a report points to; plugins and verdicts are added in
 * the order of their names and of their weight, and finish() puts together what the reader of the store would. */
#ifndef TM_TESTS_STAGE_H
#define TM_TESTS_STAGE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/forms/forms.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

enum { PLUGINS_MOST = 2000, VERDICTS_MOST = 2 * PLUGINS_MOST, WALL = 0, CPU, ERRORS, QUEUE };

struct stage {
    struct tm_report report;
    struct tm_report_run run;
    struct tm_report_metric metrics[4];
    struct tm_report_factor factors[4];
    struct tm_report_plugin plugins[PLUGINS_MOST];
    struct tm_report_verdict given[VERDICTS_MOST], verdicts[VERDICTS_MOST];
    const struct tm_report_verdict *by_weight[VERDICTS_MOST], *ranked[VERDICTS_MOST];
    char names[PLUGINS_MOST][32];
    double values[8];
};

static inline void begin(struct stage *stage)
{
    static const struct tm_report_metric metrics[] = {{"wall_per_call_ms", "ms", TM_METRIC_RATIO, false, true},
                                                      {"cpu_per_call_ms", "ms", TM_METRIC_RATIO, false, true},
                                                      {"error_rate", "", TM_METRIC_ERRORS, false, true},
                                                      {"queue_mb", "MiB", TM_METRIC_RATIO, false, true}};
    *stage = (struct stage){0};
    stage->run = (struct tm_report_run){7, 1795140000, "night-7", "9c77100626ac", NAN, NAN};
    stage->report = (struct tm_report){.project = "default",
                                       .branch = "main",
                                       .host = "ci-1",
                                       .version = "2.1",
                                       .run = &stage->run,
                                       .runs = &stage->run,
                                       .n_runs = 1,
                                       .metrics = stage->metrics,
                                       .n_metrics = 4,
                                       .factors = stage->factors,
                                       .plugins = stage->plugins,
                                       .verdicts = stage->verdicts,
                                       .by_weight = stage->by_weight,
                                       .ranked = stage->ranked};
    memcpy(stage->metrics, metrics, sizeof metrics);
    stage->report.tally.factor = stage->report.tally.factor_share = NAN;
    stage->report.tally.comparable = 30;
}

static inline size_t add_plugin(struct stage *stage, const char *name, bool present)
{
    struct tm_report *report = &stage->report;
    stage->plugins[report->n_plugins] = (struct tm_report_plugin){
        .id = (int64_t)report->n_plugins + 1, .number = (int64_t)report->n_plugins + 1, .name = name, .present = present};
    report->tally.plugins += present;
    return report->n_plugins++;
}

/* 150 ms became 210, since night-6; who wants something else writes it over. */
static inline struct tm_report_verdict *add_verdict(struct stage *stage, size_t plugin, int metric, enum tm_class class)
{
    struct tm_report_verdict *verdict = &stage->given[stage->report.n_verdicts++];
    bool changed = class >= TM_OPEN || class == TM_IMPROVED || class == TM_WAIVED;
    *verdict = (struct tm_report_verdict){.plugin = plugin,
                                          .metric = metric,
                                          .class = class,
                                          .leads = true,
                                          .value = 210,
                                          .corrected = 210,
                                          .baseline = 150,
                                          .effect = class == TM_IMPROVED ? -0.4 : 0.4,
                                          .reach = TM_NO_REACH,
                                          .evidence = 13.5,
                                          .needed = 8.5,
                                          .runs = 2,
                                          .baseline_runs = 25,
                                          .z_history = 17.9,
                                          .pct_history = 100,
                                          .z_population = 0.5,
                                          .pct_population = 75,
                                          .allowed = NAN,
                                          .since = changed ? "night-6" : NULL,
                                          .last_good = changed ? "night-5" : NULL,
                                          .since_commit = changed ? "dafdebe" : NULL,
                                          .good_commit = changed ? "d3b130d" : NULL,
                                          .kind = changed ? "step" : NULL,
                                          .since_run = -1,
                                          .signal = changed ? "compute" : NULL};
    return verdict;
}

static inline struct tm_report_verdict *add_unknown(struct stage *stage, size_t plugin, int metric, enum tm_class class)
{
    struct tm_report_verdict *verdict = add_verdict(stage, plugin, metric, class);
    *verdict = (struct tm_report_verdict){
        .plugin = plugin, .metric = metric, .class = class, .leads = true, .since_run = -1, .reach = TM_NO_REACH};
    double *const figures[] = {&verdict->value,        &verdict->corrected,      &verdict->baseline,  &verdict->effect,
                               &verdict->evidence,     &verdict->needed,         &verdict->z_history, &verdict->pct_history,
                               &verdict->z_population, &verdict->pct_population, &verdict->allowed};
    double *const *figure;
    EACH(figure, figures)
    {
        **figure = NAN;
    }
    return verdict;
}

static inline void count_verdicts(struct stage *stage)
{
    struct tm_report *report = &stage->report;
    struct tm_tally *tally = &report->tally;
    for (size_t i = 0; i < report->n_plugins; i++) {
        struct tm_report_plugin *plugin = &stage->plugins[i];
        tally->judged += plugin->present && plugin->class != TM_NOT_JUDGED;
        tally->passed += plugin->present && (plugin->class == TM_PASS || plugin->class == TM_IMPROVED);
    }
    for (size_t i = 0; i < report->n_verdicts; i++)
        if (stage->given[i].plugin == TM_WHOLE_RUN)
            tally->run_wide = true;
        else
            tally->of[stage->given[i].class] += stage->given[i].leads;
    tm_report_count_reasons(report);
}

static inline void conclude(struct tm_report *report)
{
    const struct tm_tally *tally = &report->tally;
    bool fails = tally->run_wide || tally->of[TM_REGRESSED] || tally->of[TM_OPEN] || tally->of[TM_MISSING] || tally->plugins == 0 ||
                 (report->strict && tally->of[TM_SUSPECT]);
    report->exit_code = fails ? 1 : tally->judged == 0 ? 3 : 0;
    report->outcome = fails ? "fail" : tally->judged == 0 ? "not judged" : "pass";
}

static inline struct tm_report *finish(struct stage *stage)
{
    struct tm_report *report = &stage->report;
    size_t at = 0;
    for (size_t i = 0; i < report->n_verdicts && report->explain; i++) {
        struct tm_report_verdict *given = &stage->given[i];
        given->explained = true;
        if (given->metric >= 0 && given->plugin != TM_WHOLE_RUN && !isnan(given->baseline))
            given->reach = (struct tm_reach){150, 168, 4, 187.5};
    }
    for (size_t p = 0; p <= report->n_plugins; p++) {
        struct tm_report_plugin *plugin = p < report->n_plugins ? &stage->plugins[p] : NULL;
        size_t first = at;
        for (size_t i = 0; i < report->n_verdicts; i++)
            if (stage->given[i].plugin == (plugin ? p : TM_WHOLE_RUN)) {
                stage->verdicts[at] = stage->given[i];
                report->by_weight[i] = &stage->verdicts[at++];
                if (plugin && stage->given[i].leads)
                    plugin->leader = report->by_weight[i], plugin->class = stage->given[i].class;
            }
        if (plugin)
            plugin->first_verdict = first, plugin->n_verdicts = at - first;
    }
    for (size_t i = 0; i < report->n_verdicts; i++)
        if (report->by_weight[i]->leads && report->by_weight[i]->class != TM_PASS)
            report->ranked[report->n_ranked++] = report->by_weight[i];
    count_verdicts(stage);
    conclude(report);
    return report;
}

/* ---- the reports ---- */

static const char *const letters[] = {"a", "b", "c"};

static inline void every_class(struct stage *stage)
{
    size_t regressed = add_plugin(stage, "a-regressed", true), open = add_plugin(stage, "b-open", true),
           missing = add_plugin(stage, "c-missing", false), suspect = add_plugin(stage, "d-suspect", true),
           waived = add_plugin(stage, "e-waived", true), improved = add_plugin(stage, "f-improved", true),
           retired = add_plugin(stage, "g-retired", false), unjudged = add_plugin(stage, "h-unjudged", true);
    add_plugin(stage, "i-pass", true);
    add_verdict(stage, regressed, WALL, TM_REGRESSED);
    struct tm_report_verdict *told = add_verdict(stage, regressed, CPU, TM_OPEN);
    told->leads = false, told->signal = NULL, told->why = "told by another metric of the plugin";
    struct tm_report_verdict *errors = add_verdict(stage, open, ERRORS, TM_OPEN);
    errors->value = errors->corrected = 0.05, errors->baseline = 0.01, errors->effect = 0.04, errors->signal = "failing fast";
    struct tm_report_verdict *gone = add_unknown(stage, missing, -1, TM_MISSING);
    gone->baseline_runs = 30;
    gone->last_good = "night-5", gone->good_at = 1794880800, gone->runs = 2;
    add_verdict(stage, suspect, QUEUE, TM_SUSPECT)->kind = "extreme";
    add_verdict(stage, waived, WALL, TM_WAIVED)->decision = 3;
    add_verdict(stage, improved, WALL, TM_IMPROVED);
    add_unknown(stage, retired, -1, TM_RETIRED)->decision = 4;
    struct tm_report_verdict *few = add_unknown(stage, unjudged, WALL, TM_NOT_JUDGED);
    few->value = few->corrected = 12, few->why = "too few runs to compare with";
}

static inline void every_class_explained(struct stage *stage)
{
    every_class(stage);
    stage->report.explain = true;
}

static inline void run_wide(struct stage *stage)
{
    struct tm_report_verdict *whole = add_unknown(stage, TM_WHOLE_RUN, WALL, TM_REGRESSED);
    whole->effect = 0.3, whole->kind = "run-wide", whole->since = "night-3", whole->why = "most plugins changed together";
    for (size_t i = 0; i < 3; i++) {
        struct tm_report_verdict *open = add_verdict(stage, add_plugin(stage, letters[i], true), WALL, TM_OPEN);
        open->leads = false, open->kind = "run-wide";
    }
}

static inline void put_factor(struct stage *stage, int metric, double factor, double share)
{
    struct tm_tally *tally = &stage->report.tally;
    if (stage->report.n_factors == 0)
        tally->factor = factor, tally->factor_share = share;
    stage->report.factors[stage->report.n_factors++] = (struct tm_report_factor){metric, factor, share};
}

static inline void slow_run(struct stage *stage)
{
    add_plugin(stage, "a", true);
    put_factor(stage, WALL, 0.18, 0.94);
    put_factor(stage, CPU, 0.12, 0.9);
}

static inline void fast_run(struct stage *stage)
{
    add_plugin(stage, "a", true);
    put_factor(stage, WALL, -0.18, 0.94);
}

static inline void empty_run(struct stage *stage)
{
    (void)stage;
}

static inline void nothing_judged(struct stage *stage)
{
    stage->report.tally.comparable = 2;
    for (size_t i = 0; i < 2; i++) {
        struct tm_report_verdict *few = add_unknown(stage, add_plugin(stage, letters[i], true), WALL, TM_NOT_JUDGED);
        few->value = 5, few->why = "too few runs to compare with";
    }
}

static inline void nothing_recorded(struct stage *stage)
{
    add_plugin(stage, "a", true);
    add_plugin(stage, "ignored", true);
    stage->plugins[1].class = TM_NOT_JUDGED;
}

static inline void many(struct stage *stage, size_t n, enum tm_class class)
{
    size_t first = stage->report.n_plugins;
    for (size_t i = first; i < first + n; i++) {
        snprintf(stage->names[i], sizeof stage->names[i], "plugin-%04zu", i);
        add_verdict(stage, add_plugin(stage, stage->names[i], true), WALL, class);
    }
}

static inline void twelve_of_each(struct stage *stage)
{
    many(stage, 12, TM_REGRESSED);
    many(stage, 12, TM_SUSPECT);
    many(stage, 12, TM_IMPROVED);
}

static inline void ten_of_each(struct stage *stage)
{
    many(stage, 10, TM_OPEN);
    many(stage, 10, TM_SUSPECT);
}

static inline void crowd(struct stage *stage)
{
    many(stage, PLUGINS_MOST, TM_OPEN);
    stage->report.explain = true;
}

static inline void strict_suspect(struct stage *stage)
{
    stage->report.strict = true;
    add_verdict(stage, add_plugin(stage, "a", true), WALL, TM_SUSPECT);
}

/* With a history of two runs, and a plugin that is only known from it. */
static inline void with_history(struct stage *stage)
{
    static struct tm_report_run runs[2];
    size_t a = add_plugin(stage, "a", true);
    add_plugin(stage, "only-history", false);
    runs[0] = (struct tm_report_run){6, 1795053600, "night-6", NULL, NAN, NAN};
    runs[1] = stage->run;
    stage->report.runs = runs, stage->report.run = &runs[1], stage->report.n_runs = 2;
    static struct tm_report_entry entries[2];
    entries[0] = (struct tm_report_entry){.run = "night-7", .at = 1795140000, .end = {a, WALL, "returned", "night-6", 1, 0}};
    entries[1] = (struct tm_report_entry){.run = "night-6", .at = 1795053600, .raised = true};
    entries[1].verdict = (struct tm_report_verdict){.plugin = a,
                                                    .metric = WALL,
                                                    .class = TM_REGRESSED,
                                                    .leads = true,
                                                    .value = 150,
                                                    .baseline = 100,
                                                    .effect = 0.5,
                                                    .since_run = -1};
    stage->report.entries = entries, stage->report.n_entries = 2;
    stage->values[0] = 150, stage->values[1] = 1250.5;
    for (size_t i = 2; i < 8; i++)
        stage->values[i] = NAN;
    stage->plugins[a].values = stage->plugins[a + 1].values = stage->values;
    stage->report.n_metrics = 4;
}

static inline void nothing_known(struct stage *stage)
{
    struct tm_report *report = &stage->report;
    report->project = report->host = report->version = stage->run.commit = NULL;
    stage->run.started_at = 0;
    for (int class = TM_REGRESSED; class >= TM_PASS; class --) {
        snprintf(stage->names[class], sizeof stage->names[class], "%d", class);
        add_unknown(stage, add_plugin(stage, stage->names[class], true), class % 2 ? WALL : -1, (enum tm_class) class);
    }
    add_unknown(stage, TM_WHOLE_RUN, WALL, TM_OPEN);
}

static inline void extreme_numbers(struct stage *stage)
{
    struct tm_report_verdict *v = add_verdict(stage, add_plugin(stage, "a", true), WALL, TM_REGRESSED);
    v->value = v->corrected = 1.7976931348623157e308, v->baseline = 4.9e-324, v->effect = INFINITY, v->evidence = 1e300;
    v->z_history = -INFINITY;
    struct tm_report_verdict *zero = add_verdict(stage, add_plugin(stage, "b", true), WALL, TM_OPEN);
    zero->value = zero->corrected = zero->baseline = zero->effect = 0;
}

static const struct fixture {
    const char *name;
    void (*make)(struct stage *stage);
} fixtures[] = {{"every-class", every_class},
                {"every-class-explained", every_class_explained},
                {"run-wide", run_wide},
                {"slow-run", slow_run},
                {"fast-run", fast_run},
                {"empty-run", empty_run},
                {"nothing-judged", nothing_judged},
                {"nothing-recorded", nothing_recorded},
                {"twelve-of-each", twelve_of_each},
                {"ten-of-each", ten_of_each},
                {"crowd", crowd},
                {"strict-suspect", strict_suspect},
                {"with-history", with_history},
                {"nothing-known", nothing_known},
                {"extreme-numbers", extreme_numbers}};

/* One stage at a time. */
static inline struct tm_report *report_of(void (*make)(struct stage *stage))
{
    static struct stage stage;
    begin(&stage);
    make(&stage);
    return finish(&stage);
}

/* What the form writes; to be freed. (Static, or gcc takes pointers into the text for ones to a local variable.) */
static inline char *written(tm_form_writer *write, const struct tm_report *report)
{
    static char *text;
    static size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(write(out, report), 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), size);
    return text;
}

#endif
