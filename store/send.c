/* What one store holds and another one lacks, sent fact by fact. Each run is a transaction of its own at the other end, whole or
 * not at all: so nobody waits long there, and who is cut off goes on where that was. What is there already is compared, and what
 * differs is told and left as it is; so the same may be sent again, and from several places. */
#include <stdio.h>
#include <string.h>

#include "schema/valid.h"
#include "store/fact_week.h"
#include "store/handle.h"
#include "store/ids.h"

/* What putting a fact comes to, beside -1. */
enum { PUT, THERE, DIFFERS };

/* What became of a run; of one in parts, the last of these. */
enum fate { ALREADY, STORED, REFUSED };

struct sending {
    tm_store *to;
    const struct tm_send_wish *wish;
    struct tm_sent *sent;
    char project[TM_NAME_MAX + 1], run[TM_NAME_MAX + 1]; /* the run in hand; "": none yet */
    enum fate fate;
    char refused[TM_NAME_MAX + 1]; /* the last run of that project that was; "": none */
};

static void refuse(struct sending *s, const struct tm_fact *fact)
{
    s->sent->differ++;
    s->wish->refused(s->wish->context, fact, tm_error(s->to));
    tm_rollback(s->to);
}

/* A file that somebody made up may hold what no input could bring. Where a text may be missing it is NULL. */
static int check_names(tm_store *to, const char *what, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *fault = names[i] ? tm_name_fault(names[i], strlen(names[i])) : NULL;
        if (fault)
            return tm_store_fail(to, "a text of %s %s", what, fault);
    }
    return 0;
}

static int check_week(tm_store *to, const struct tm_fact *fact)
{
    const struct tm_week_fact *week = &fact->week;
    int result = check_names(to, "a week", (const char *const[]){fact->project, week->branch, week->host}, 3);
    if (result == 0)
        result = check_names(to, "a week", week->runs, week->n_runs);
    for (size_t i = 0; i < week->n_plugins && result == 0; i++) {
        const struct tm_week_plugin *plugin = &week->plugins[i];
        const char *fault = tm_plugin_name_fault(plugin->plugin, strlen(plugin->plugin));
        result = fault ? tm_store_fail(to, "a plugin of a week %s", fault) : 0;
        for (size_t m = 0; m < plugin->n_metrics && result == 0; m++)
            result = check_names(to, "a week", &plugin->metrics[m].metric, 1);
    }
    return result;
}

static int check_fact(tm_store *to, const struct tm_fact *fact)
{
    const struct tm_host_fact *h = &fact->host;
    const struct tm_metric_fact *m = &fact->metric;
    const struct tm_decision_fact *d = &fact->decision;
    const struct tm_lineage_fact *l = &fact->lineage;
    switch (fact->kind) {
    case TM_FACT_HOST:
        return check_names(to, "a host", (const char *const[]){h->host, h->cpu_model, h->os}, 3);
    case TM_FACT_METRIC:
        return check_names(to, "a metric", (const char *const[]){fact->project, m->metric, m->unit}, 3);
    case TM_FACT_DECISION:
        return check_names(to, "a decision",
                           (const char *const[]){fact->project, d->plugin, d->metric, d->host, d->branch, d->reason, d->issue,
                                                 d->made_by, d->source},
                           9);
    case TM_FACT_LINEAGE:
        return check_names(to, "a branch", (const char *const[]){fact->project, l->branch, l->host, l->base}, 4);
    case TM_FACT_WEEK:
        return check_week(to, fact);
    case TM_FACT_RUN: /* as all that is put */
    case TM_FACT_LAST_DECISION:
        break;
    }
    return 0;
}

static int refuse_direction(struct sending *s, const struct tm_metric_fact *metric, const char *better)
{
    tm_store_fail(s->to,
                  "metric '%s' is better %s in the store it goes to and better %s in this one: 'tidemark metric' changes either",
                  metric->metric, better, metric->better);
    return DIFFERS;
}

/* What the other store does not know of the metric it learns; what it knows stays, and readings are converted to its unit. 1:
 * nothing is new, 0, -1. */
static int put_metric(struct sending *s, const struct tm_fact *fact)
{
    const struct tm_metric_fact *metric = &fact->metric;
    int64_t project;
    char better[TM_NAME_MAX + 1] = "";
    bool unit = false;
    int found = tm_find_project(s->to, fact->project, &project);
    if (found < 0)
        return -1;
    tm_rows *rows = found == 1 ? tm_ask(s->to, TM_Q_METRIC_FIND, "it", project, metric->metric) : NULL;
    int step = rows ? tm_rows_next(rows) : found == 1 ? -1 : 0;
    if (step == 1) {
        unit = *tm_row_text(rows, "unit");
        snprintf(better, sizeof better, "%s", tm_row_text(rows, "better"));
    }
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    if (step == 0)
        return tm_put_fact(s->to, fact);
    if (*better && metric->better && strcmp(better, metric->better) != 0)
        return refuse_direction(s, metric, better);
    const char *new_better = *better ? NULL : metric->better, *new_unit = unit ? NULL : metric->unit;
    if (!new_better && !new_unit)
        return THERE;
    if (tm_do(s->to, TM_Q_METRIC_DESCRIBE, "ittt", project, metric->metric, new_better, new_unit) != 0)
        return -1;
    return new_better ? tm_do(s->to, TM_Q_LINEAGES_JUDGE_ANEW, "i", project) : 0;
}

/* The runs of a week are gone, so two weeks that differ cannot be made one: which of their runs are in both? */
static int put_week(struct sending *s, const struct tm_fact *fact)
{
    int64_t project;
    int found = tm_find_project(s->to, fact->project, &project);
    int same = found == 1 ? tm_compare_week(s->to, project, &fact->week) : found == 0 ? TM_NO_WEEK : -1;
    if (same == TM_OTHER_WEEK)
        tm_store_fail(s->to, "that week is rolled up there from other runs");
    return same < 0 ? -1 : same == TM_SAME_WEEK ? THERE : same == TM_OTHER_WEEK ? DIFFERS : tm_put_fact(s->to, fact);
}

static void count_run(struct sending *s, const struct tm_fact *fact, enum fate fate)
{
    uint64_t *const counts[] = {[ALREADY] = &s->sent->already, [STORED] = &s->sent->stored, [REFUSED] = &s->sent->refused};
    const char *key = fact->run.run.key;
    bool more = strcmp(s->run, key) == 0 && strcmp(s->project, fact->project) == 0;
    if (strcmp(s->project, fact->project) != 0)
        *s->refused = '\0';
    if (fate == REFUSED)
        snprintf(s->refused, sizeof s->refused, "%s", key);
    if (more && s->fate >= fate)
        return;
    if (more)
        --*counts[s->fate];
    ++*counts[fate];
    s->fate = fate;
    snprintf(s->run, sizeof s->run, "%s", key);
    snprintf(s->project, sizeof s->project, "%s", fact->project);
}

/* A repeat would be pooled with the run of that name there, which is another. */
static int put_run(struct sending *s, const struct tm_fact *fact, enum fate *fate)
{
    const struct tm_run *run = &fact->run.run;
    enum tm_outcome outcome = TM_STORED;
    bool orphan = run->repeat_of && strcmp(run->repeat_of, s->refused) == 0 && strcmp(s->project, fact->project) == 0;
    int result = orphan ? tm_store_fail(s->to, "run '%s' repeats run '%s', which was refused", run->key, run->repeat_of)
                        : tm_put_run(s->to, &fact->run, TM_PUT, &outcome);
    *fate = result != 0 ? REFUSED : outcome == TM_STORED ? STORED : ALREADY;
    if (result != 0)
        return orphan || tm_put_conflict(s->to) != TM_NO_CONFLICT ? DIFFERS : -1;
    return outcome == TM_ALREADY ? THERE : PUT;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Is a decision of that number there? PUT: none is, and it can be. */
static int find_decision(struct sending *s, const struct tm_fact *fact)
{
    const struct tm_decision_fact *d = &fact->decision;
    bool same = false;
    tm_rows *rows = tm_ask(s->to, TM_Q_DECISION_TOLD, "i", d->number);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1)
        same = same_text(tm_row_text(rows, "project"), fact->project) && same_text(tm_row_text(rows, "kind"), d->kind) &&
               same_text(tm_row_text(rows, "plugin"), d->plugin) && same_text(tm_row_text(rows, "metric"), d->metric) &&
               same_text(tm_row_text(rows, "reason"), d->reason) && tm_row_time(rows, "made_at") == d->made_at;
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    if (step == 1 && !same)
        tm_store_fail(s->to, "there is another decision of that number");
    return step == 0 ? PUT : same ? THERE : DIFFERS;
}

/* What was judged without it is judged again. */
static int put_decision(struct sending *s, const struct tm_fact *fact)
{
    int64_t project;
    int found = find_decision(s, fact);
    if (found != PUT)
        return found;
    if (tm_put_fact(s->to, fact) != 0 || tm_find_project(s->to, fact->project, &project) != 1)
        return -1;
    return tm_do(s->to, TM_Q_LINEAGE_SPOIL_FROM, "iii", project, fact->decision.made_run_at, (int64_t)0);
}

/* With what its runs were judged; a lineage that has been judged there already keeps its own settings. */
static int put_lineage(struct sending *s, const struct tm_fact *fact)
{
    int64_t project, host;
    int found = tm_find_project(s->to, fact->project, &project);
    if (found == 1)
        found = tm_get(s->to, &host, TM_Q_HOST_FIND, "t", fact->lineage.host);
    tm_rows *rows = found == 1 ? tm_ask(s->to, TM_Q_LINEAGE_FIND, "iit", project, host, fact->lineage.branch) : NULL;
    if (found == 1)
        found = rows ? tm_rows_next(rows) : -1;
    if (tm_rows_close(rows) != 0 || found < 0)
        return -1;
    return found == 1 ? THERE : tm_put_fact(s->to, fact);
}

/* In a transaction. */
static int put_fact(struct sending *s, const struct tm_fact *fact, enum fate *fate)
{
    if (check_fact(s->to, fact) != 0)
        return -1;
    switch (fact->kind) {
    case TM_FACT_METRIC:
        return put_metric(s, fact);
    case TM_FACT_WEEK:
        return put_week(s, fact);
    case TM_FACT_RUN:
        return put_run(s, fact, fate);
    case TM_FACT_DECISION:
        return put_decision(s, fact);
    case TM_FACT_LINEAGE:
        return put_lineage(s, fact);
    case TM_FACT_HOST:
    case TM_FACT_LAST_DECISION:
        break;
    }
    return tm_put_fact(s->to, fact);
}

static int send_fact(void *context, const struct tm_fact *fact)
{
    struct sending *s = context;
    enum fate fate = ALREADY;
    if (fact->kind == TM_FACT_LAST_DECISION || (!s->wish->decided && fact->kind >= TM_FACT_DECISION))
        return 0;
    if (tm_begin(s->to) != 0)
        return -1;
    int put = put_fact(s, fact, &fate);
    /* Without a metric its readings would lose their direction, so that must not fail; of weeks, runs and decisions each stands
     * alone. */
    if (put == -1 && fact->kind != TM_FACT_WEEK && fact->kind != TM_FACT_RUN && fact->kind != TM_FACT_DECISION)
        return -1;
    s->sent->failed += put == -1;
    if (put == -1 || put == DIFFERS)
        refuse(s, fact);
    else if (put == THERE)
        tm_rollback(s->to);
    else if (tm_commit(s->to) != 0)
        return -1;
    if (fact->kind == TM_FACT_RUN)
        count_run(s, fact, fate);
    s->sent->decisions += fact->kind == TM_FACT_DECISION && put == PUT;
    return 0;
}

int tm_send(tm_store *from, tm_store *to, const struct tm_send_wish *wish, struct tm_sent *sent)
{
    struct sending s = {.to = to, .wish = wish, .sent = sent};
    *sent = (struct tm_sent){0};
    *to->error = *from->error = '\0';
    if (tm_snapshot(from) != 0)
        return tm_store_fail(to, "%s", tm_error(from));
    int result = tm_walk_facts(from, wish->project, send_fact, &s);
    tm_snapshot_end(from);
    if (result != 0)
        tm_rollback(to);
    /* The message of the one that failed: what stopped at the other end left none here. */
    return result != 0 && *tm_error(from) ? tm_store_fail(to, "%s", tm_error(from)) : result;
}
