/* What was said: of the run reported on, of the runs before it, and by people. Rows of the store
 * become structs with indices into the report; what refers to a plugin that the report does not
 * have is left out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/report_reader.h"
#include "gate/verdict_row.h"

/* In a report of some plugins: a verdict that is another's, and is only counted. */
static bool of_another(const struct tm_report_reader *reader, const tm_rows *rows)
{
    int64_t id = tm_row_integer(rows, "plugin_id");
    return id != 0 && reader->named && tm_report_reader_plugin(reader, id) == TM_WHOLE_RUN;
}

/* The stored verdicts, the heaviest first, and the tally by class: one vote a plugin, its
 * leader's. */
static int read_stored(struct tm_report_reader *reader)
{
    struct tm_tally *tally = &reader->report.tally;
    tm_rows *rows = tm_ask(reader->store, TM_Q_VERDICTS_OF, "i", reader->run->id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_report_verdict *verdict = tm_report_add_verdict(reader);
        if (!verdict || tm_verdict_from_row(reader, rows, verdict) != 0) {
            step = -1;
            break;
        }
        /* The whole run is no plugin: it counts for itself. */
        if (verdict->plugin == TM_WHOLE_RUN && !of_another(reader, rows))
            tally->run_wide = true;
        else
            tally->of[verdict->class] += verdict->leads;
        reader->report.n_verdicts -= of_another(reader, rows);
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* Those who were not judged for one reason are listed by the run: they come last, as plugins; where the run is judged once more,
 * that has their verdicts. */
static int read_unjudged(struct tm_report_reader *reader, bool judges_again)
{
    tm_rows *rows = tm_ask(reader->store, TM_Q_UNJUDGED_OF, "i", reader->run->id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        size_t plugin = tm_report_reader_plugin(reader, tm_row_integer(rows, "plugin_id"));
        if (plugin == TM_WHOLE_RUN)
            continue;
        reader->report.tally.of[TM_NOT_JUDGED]++;
        if (judges_again)
            continue;
        const char *why;
        struct tm_report_verdict *verdict = tm_report_add_verdict(reader);
        if (!verdict || tm_report_reader_text(reader, rows, "why", &why) != 0) {
            step = -1;
            break;
        }
        verdict->plugin = plugin;
        verdict->metric = -1;
        verdict->class = TM_NOT_JUDGED;
        verdict->leads = true;
        verdict->why = why;
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* Each plugin's verdicts together, those of the whole run last; by_weight and ranked keep the
 * order in which they came. */
static int arrange(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    size_t n = report->n_verdicts, at = 0;
    struct tm_report_verdict *arranged = malloc((n + 1) * sizeof *arranged);
    /* One more than none: malloc(0) may be NULL. */
    report->by_weight = malloc((n + 1) * sizeof *report->by_weight);
    report->ranked = malloc((n + 1) * sizeof *report->ranked);
    if (!arranged || !report->by_weight || !report->ranked) {
        free(arranged);
        return tm_report_no_memory(reader);
    }
    for (size_t i = 0; i < n; i++)
        if (report->verdicts[i].plugin != TM_WHOLE_RUN)
            report->plugins[report->verdicts[i].plugin].n_verdicts++;
    /* Counted first, then each plugin's place is known: a counting sort, which keeps the order
     * within a plugin. */
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
        if (plugin && to->leads) {
            plugin->leader = to;
            plugin->class = to->class;
        }
    }
    free(report->verdicts);
    report->verdicts = arranged;
    return 0;
}

/* Of a plugin or metric that the report does not show, nothing is told. */
static int add_end(struct tm_report_reader *reader, const tm_rows *rows)
{
    struct tm_report *report = &reader->report;
    int64_t id = tm_row_integer(rows, "plugin_id");
    size_t plugin = tm_report_reader_plugin(reader, id);
    int metric = tm_report_metric(report, tm_row_text(rows, "metric"));
    if (id != 0 && (plugin == TM_WHOLE_RUN || metric < 0))
        return 0;
    struct tm_report_end *end = tm_array_add(&report->ends, &report->n_ends, sizeof *end);
    if (!end)
        return tm_report_no_memory(reader);
    *end = (struct tm_report_end){.plugin = plugin,
                                  .metric = metric,
                                  .runs_open = tm_row_integer(rows, "runs_open"),
                                  .decision = tm_row_integer(rows, "decision_id")};
    return tm_report_reader_text(reader, rows, "ended", &end->ended) != 0 ||
                   tm_report_reader_text(reader, rows, "raised", &end->raised) != 0
               ? -1
               : 0;
}

static int read_ends(struct tm_report_reader *reader)
{
    tm_rows *rows = tm_ask(reader->store, TM_Q_ALARM_ENDS_OF, "i", reader->run->id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_end(reader, rows) != 0) {
            step = -1;
            break;
        }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

int tm_report_read_verdicts(struct tm_report_reader *reader, const struct tm_report_wish *wish)
{
    /* Suspects that repeats did not confirm are passes that have something to say. */
    int64_t repeated = 0;
    if (tm_get(reader->store, &repeated, TM_Q_RUN_REPEATED, "i", reader->run->id) < 0)
        return -1;
    if (read_stored(reader) != 0 || read_unjudged(reader, tm_report_judges_again(reader, wish, repeated > 0)) != 0 ||
        read_ends(reader) != 0 || tm_report_judge_again(reader, wish, repeated > 0) != 0)
        return -1;
    return arrange(reader);
}

/* Rows that cannot be placed are skipped, not failed: an event of a dropped plugin is no damage. */
static int add_event(struct tm_report_reader *reader, const tm_rows *rows)
{
    struct tm_report *report = &reader->report;
    size_t plugin = tm_report_reader_plugin(reader, tm_row_integer(rows, "plugin_id"));
    int class = tm_class_named(tm_row_text(rows, "class"));
    if (plugin == TM_WHOLE_RUN || class < 0)
        return 0; /* of a plugin that is not in the report */
    struct tm_report_event *event = tm_array_add(&report->events, &report->n_events, sizeof *event);
    if (!event)
        return tm_report_no_memory(reader);
    event->plugin = plugin;
    event->metric = tm_report_metric(report, tm_row_text(rows, "metric"));
    /* Whatever cannot be placed (a metric that is not shown, a run before the window) is -1. */
    event->class = (enum tm_class) class;
    event->value = tm_row_real(rows, "value");
    event->baseline = tm_row_real(rows, "baseline");
    event->effect = tm_row_real(rows, "effect");
    event->run = tm_report_reader_run(reader, tm_row_integer(rows, "run_id"));
    event->since_run = tm_report_reader_run(reader, tm_row_integer(rows, "since_run"));
    return tm_report_reader_text(reader, rows, "kind", &event->kind) != 0 ||
                   tm_report_reader_text(reader, rows, "since", &event->since) != 0 ||
                   tm_report_reader_text(reader, rows, "since_commit", &event->since_commit) != 0 ||
                   tm_report_reader_text(reader, rows, "good_commit", &event->good_commit) != 0 ||
                   tm_report_reader_text(reader, rows, "signal", &event->signal) != 0 ||
                   tm_interval_from_row(reader, rows, &event->interval) != 0
               ? -1
               : 0;
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

/* Backwards, so that first_event ends at the plugin's first. */
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

/* Events of the runs in the window only, the oldest of which the report knows by now. */
int tm_report_read_events(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    const struct tm_judged_run *run = reader->run;
    tm_rows *rows =
        tm_ask(reader->store, TM_Q_EVENTS_OF, "iitiiiiii", run->project_id, run->host_id, run->branch, report->runs[0].started_at,
               report->runs[0].id, run->started_at, run->id, reader->first_id, reader->last_id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_event(reader, rows) != 0) {
            step = -1;
            break;
        }
    index_events(report);
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* A decision of a dropped plugin is left out; one of a newer version's kind too, for it decides
 * nothing here. */
static int add_decision(struct tm_report_reader *reader, const tm_rows *rows)
{
    struct tm_report *report = &reader->report;
    int64_t plugin_id = tm_row_integer(rows, "plugin_id"); /* 0: the whole run */
    size_t plugin = tm_report_reader_plugin(reader, plugin_id);
    int kind = tm_decision_kind_named(tm_row_text(rows, "kind"));
    if ((plugin_id != 0 && plugin == TM_WHOLE_RUN) || kind < 0)
        return 0; /* of a plugin that is not in the report */
    struct tm_report_decision *decision = tm_array_add(&report->decisions, &report->n_decisions, sizeof *decision);
    if (!decision)
        return tm_report_no_memory(reader);
    decision->number = tm_row_integer(rows, "decision_id");
    decision->kind = (enum tm_decision_kind)kind;
    decision->plugin = plugin;
    decision->metric = tm_report_metric(report, tm_row_text(rows, "metric"));
    decision->from_run = tm_report_reader_run(reader, tm_row_integer(rows, "from_run"));
    decision->made_run = tm_report_reader_run(reader, tm_row_integer(rows, "made_run"));
    decision->ceiling = tm_row_real(rows, "ceiling");
    decision->until = tm_row_time(rows, "until");
    decision->made_at = tm_row_time(rows, "made_at");
    return tm_report_reader_text(reader, rows, "reason", &decision->reason) != 0 ||
                   tm_report_reader_text(reader, rows, "issue", &decision->issue) != 0 ||
                   tm_report_reader_text(reader, rows, "made_by", &decision->made_by) != 0
               ? -1
               : 0;
}

int tm_report_read_decisions(struct tm_report_reader *reader)
{
    const struct tm_judged_run *run = reader->run;
    tm_rows *rows = tm_ask(reader->store, TM_Q_DECISIONS_TOLD, "iit", run->project_id, run->host_id, run->branch);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_decision(reader, rows) != 0) {
            step = -1;
            break;
        }
    return tm_rows_close(rows) != 0 ? -1 : step;
}
