/* A decision counts from the newest run on. An accepted level is one host's and one branch's; a
 * waiver and a retirement hold for all that no option leaves out.
 *
 * Nothing that was judged is changed here: the decision is stored, and the lineages that it
 * concerns are marked so that the next gate judges from that run on again, with it. */
#include "gate/decide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"

/* What a decision is about. */
struct subject {
    tm_store *store;
    const struct tm_decision_wish *wish;
    const struct tm_judged_run *newest;
    int64_t plugin_id; /* TM_UNKNOWN: '*', the whole run */
    tm_decision_made *made;
    void *context;
};

/* Stores one decision and tells of it. An accepted level is of the newest run's host and branch
 * even where the scope names none: another host has a level of its own. 0, or -1 with the
 * store's message. */
static int add_decision(const struct subject *subject, const char *metric, int64_t from_run)
{
    const struct tm_decision_wish *wish = subject->wish;
    const struct tm_judged_run *newest = subject->newest;
    bool level = wish->kind == TM_ACCEPT, waiver = wish->kind == TM_WAIVE;
    int64_t host = level || wish->scope.host ? newest->host_id : TM_UNKNOWN, number;
    const char *branch = level ? newest->branch : wish->scope.branch;
    if (tm_get(subject->store, &number, TM_Q_DECISION_ADD, "inttntniirntttint", newest->project_id, subject->plugin_id,
               tm_decision_kind_name(wish->kind), metric, host, branch, from_run, newest->id, newest->started_at,
               waiver ? wish->ceiling : NAN, waiver ? wish->until : TM_UNKNOWN, wish->reason, wish->issue, wish->made_by,
               (int64_t)time(NULL), TM_UNKNOWN, wish->source) != 1)
        return -1;
    subject->made(subject->context, number, metric);
    return 0;
}

struct open_metric {
    const char *name;
    int64_t since_run; /* 0: not known */
};

/* May the change have begun in the time that the wish is about? */
static bool is_of_that_time(const struct tm_decision_wish *wish, const tm_rows *rows)
{
    return (wish->begun_from == 0 || tm_row_time(rows, "latest_at") >= wish->begun_from) &&
           (wish->begun_until == 0 || tm_row_time(rows, "since_at") <= wish->begun_until);
}

struct open_list {
    struct open_metric *metrics;
    size_t n;
    struct tm_arena names;
};

/* The plugin's open metrics (of the one metric wished for, where there is one) by the newest
 * run's verdicts. All are read before the first decision is stored: one query of a kind may be
 * open at a time. 0, or -1; the caller frees the list in any case. */
static int list_open(const struct subject *subject, struct open_list *list)
{
    tm_rows *rows = tm_ask(subject->store, TM_Q_OPEN_OF, "itt", subject->newest->id, subject->wish->plugin, subject->wish->metric);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        const char *name = tm_row_text(rows, "metric");
        if (!is_of_that_time(subject->wish, rows))
            continue;
        struct open_metric *metric = tm_array_add(&list->metrics, &list->n, sizeof *metric);
        if (metric)
            *metric = (struct open_metric){tm_arena_text(&list->names, name, strlen(name)), tm_row_integer(rows, "since_run")};
        if (!metric || !metric->name) {
            step = tm_store_fail(subject->store, "out of memory");
            break;
        }
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

static bool moves_with_host(const char *metric)
{
    const struct tm_metric *known = tm_metric_named(metric);
    return known && known->rule.run_wide;
}

/* Accepts each open metric at the run where its new level began, or at `from_run`. The whole run
 * is accepted with all its metrics. A metric that is not open can be accepted too, by its name
 * and the run. */
static enum tm_decision_fault accept(const struct subject *subject, int64_t from_run)
{
    const char *metric = subject->wish->metric;
    struct open_list open = {0};
    int result = list_open(subject, &open);
    enum tm_decision_fault fault = TM_DECIDED;
    /* With a metric and a run both named, people know what they want although the judge has not
     * seen it yet. */
    if (result == 0 && open.n == 0 && !(metric && from_run != TM_UNKNOWN))
        fault = TM_DECISION_NOTHING_OPEN;
    else if (result == 0 && open.n == 0)
        result = add_decision(subject, metric, from_run);
    /* One decision stands for the whole run, and for all times, which a host slows together. What
     * it cannot slow is accepted alone: the levels of the other metrics have not moved. */
    bool whole = subject->plugin_id == TM_UNKNOWN;
    for (size_t i = 0; i < open.n && result == 0 && !(whole && i > 0); i++) {
        int64_t since = open.metrics[i].since_run ? open.metrics[i].since_run : subject->newest->id;
        const char *name = open.metrics[i].name, *of_run = metric || !moves_with_host(name) ? name : NULL;
        result = add_decision(subject, whole ? of_run : name, from_run != TM_UNKNOWN ? from_run : since);
    }
    free(open.metrics);
    tm_arena_free(&open.names);
    return result == 0 ? fault : TM_DECISION_TROUBLE;
}

/* Which run the new level begins with, where the wish names it. */
static int find_from(const struct subject *subject, int64_t *run)
{
    const struct tm_decision_wish *wish = subject->wish;
    *run = TM_UNKNOWN;
    if (!wish->from)
        return 0;
    int found = tm_get(subject->store, run, TM_Q_RUN_FIND, "it", subject->newest->project_id, wish->from);
    if (found == 0)
        tm_store_fail(subject->store, "no run '%s' in project '%s'", wish->from, wish->scope.project);
    return found == 1 ? 0 : -1;
}

/* A decision on a metric that nobody knows would change nothing, silently. 0, or -1 with the
 * store's message. */
static int check_metric(const struct subject *subject)
{
    int64_t any;
    if (tm_metric_named(subject->wish->metric))
        return 0;
    int found = tm_get(subject->store, &any, TM_Q_METRIC_FIND, "it", subject->newest->project_id, subject->wish->metric);
    if (found == 0)
        tm_store_fail(subject->store, "no metric '%s'", subject->wish->metric);
    return found == 1 ? 0 : -1;
}

/* What can be decided of a plugin and of the whole run differs: only a level can be accepted for
 * both. */
static enum tm_decision_fault decide(const struct subject *subject)
{
    int64_t from_run;
    if (subject->wish->metric && check_metric(subject) != 0)
        return TM_DECISION_TROUBLE;
    if (subject->wish->kind == TM_ACCEPT)
        return find_from(subject, &from_run) == 0 ? accept(subject, from_run) : TM_DECISION_TROUBLE;
    if (subject->plugin_id == TM_UNKNOWN) {
        tm_store_fail(subject->store, subject->wish->kind == TM_WAIVE ? "cannot waive '*': a waiver is for one plugin"
                                                                      : "cannot retire '*': it stands for the whole run");
        return TM_DECISION_TROUBLE;
    }
    /* A retired plugin that is there is retired no longer, so this would say more than it does. */
    int64_t there;
    int present = subject->wish->kind == TM_RETIRE && subject->wish->by_glob
                      ? tm_get(subject->store, &there, TM_Q_PROFILE_FIND, "ii", subject->newest->id, subject->plugin_id)
                      : 0;
    if (present != 0)
        return present > 0 ? TM_DECISION_NOTHING_OPEN : TM_DECISION_TROUBLE;
    return add_decision(subject, subject->wish->metric, TM_UNKNOWN) == 0 ? TM_DECIDED : TM_DECISION_TROUBLE;
}

enum tm_decision_fault tm_decide(tm_store *store, const struct tm_decision_wish *wish, tm_decision_made *made, void *context)
{
    struct tm_judged_run newest;
    struct subject subject = {store, wish, &newest, TM_UNKNOWN, made, context};
    enum tm_decision_fault fault = TM_DECISION_TROUBLE;
    int found = tm_judged_run_find(store, &wish->scope, NULL, &newest);
    if (found == 0)
        tm_store_fail(store, "there is no run in project '%s' yet", wish->scope.project);
    /* '*' is no plugin's name (schema/valid.c), so it can stand for the run. */
    if (found == 1 && strcmp(wish->plugin, "*") != 0) {
        found = tm_get(store, &subject.plugin_id, TM_Q_PLUGIN_FIND, "it", newest.project_id, wish->plugin);
        if (found == 0)
            fault = TM_DECISION_NO_PLUGIN;
    }
    if (found == 1)
        fault = decide(&subject);
    /* The newest run was judged without the decision; it must be judged again. */
    if (fault == TM_DECIDED && tm_do(store, TM_Q_LINEAGE_SPOIL_FROM, "iii", newest.project_id, newest.started_at, newest.id) != 0)
        fault = TM_DECISION_TROUBLE;
    tm_judged_run_free(&newest);
    return fault;
}

/* What it changed may lie far back: a level accepted a year ago has shaped every baseline since. */
int tm_undo_decision(tm_store *store, const char *project, int64_t number)
{
    int64_t id, gone;
    int found = tm_get(store, &id, TM_Q_PROJECT_FIND, "t", project);
    if (found == 1)
        found = tm_get(store, &gone, TM_Q_DECISION_REMOVE, "ii", number, id);
    return found == 1 && tm_do(store, TM_Q_LINEAGE_SPOIL, "n", id) != 0 ? -1 : found;
}
