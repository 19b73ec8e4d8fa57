/* Facts of another store, stored again under the numbers that this one gives. Runs go the way of all runs (put.c); a decision is
 * checked here as those who decide check it, since a writer's connection passes over the tables' own rules. */
#include <math.h>
#include <string.h>

#include "store/fact_week.h"
#include "store/handle.h"
#include "store/ids.h"

int tm_project_used(tm_store *store, const char *project)
{
    int64_t used;
    return tm_get(store, &used, TM_Q_PROJECT_USED, "t", project);
}

/* A host that is there already is known by its name; what it is made of is said once. */
static int put_host(tm_store *store, const struct tm_host_fact *host)
{
    int64_t id;
    if (host->cores == 0)
        return tm_store_fail(store, "host '%s' has 0 cores: expected one or more", host->host);
    int found = tm_get(store, &id, TM_Q_HOST_FIND, "t", host->host);
    if (found == 0)
        found = tm_get(store, &id, TM_Q_HOST_ADD, "ttnnt", host->host, host->cpu_model, host->cores, host->memory_gib, host->os);
    return found == 1 ? 0 : -1;
}

static int put_metric(tm_store *store, int64_t project, const struct tm_metric_fact *metric)
{
    int64_t id;
    if (metric->better && strcmp(metric->better, "lower") != 0 && strcmp(metric->better, "higher") != 0)
        return tm_store_fail(store, "metric '%s' is better %s: expected lower or higher", metric->metric, metric->better);
    int found = tm_get(store, &id, TM_Q_METRIC_FIND, "it", project, metric->metric);
    if (found == 1)
        return tm_store_fail(store, "metric '%s' occurs twice", metric->metric);
    if (found == 0)
        found = tm_get(store, &id, TM_Q_METRIC_ADD, "ittt", project, metric->metric, metric->unit, metric->better);
    return found == 1 ? 0 : -1;
}

/* A metric comes before its readings: one that nobody has described would have lost its unit. */
static int put_run(tm_store *store, int64_t project, const struct tm_run_content *content)
{
    enum tm_outcome outcome;
    for (size_t i = 0; i < content->n_profiles; i++)
        for (size_t m = 0; m < content->profiles[i].n_readings; m++) {
            const char *metric = content->profiles[i].readings[m].metric;
            int64_t id;
            int known = tm_names_get(&store->metrics.names, metric) && store->metrics.project == project
                            ? 1
                            : tm_get(store, &id, TM_Q_METRIC_FIND, "it", project, metric);
            if (known != 1)
                return known < 0 ? -1
                                 : tm_store_fail(store, "run '%s' has a reading of metric '%s', which nothing before it describes",
                                                 content->run.key, metric);
        }
    if (tm_put_run(store, content, TM_PUT, &outcome) != 0)
        return -1;
    return outcome == TM_STORED ? 0 : tm_store_fail(store, "run '%s' is there already", content->run.key);
}

/* What a decision must be, as the table has it. */
static const char *decision_fault(const struct tm_decision_fact *d)
{
    bool waiver = strcmp(d->kind, "waive") == 0;
    if (!waiver && strcmp(d->kind, "accept") != 0 && strcmp(d->kind, "retire") != 0)
        return "is of no kind that is known: expected accept, waive or retire";
    if (d->number < 1 || d->number == INT64_MAX || d->adoption == 0)
        return "has no number: expected one from 1 up";
    if (waiver && (!d->metric || isnan(d->ceiling) || d->until == TM_UNKNOWN))
        return "waives without a metric, a ceiling or an end: expected all three";
    if (d->adoption != TM_UNKNOWN && d->adoption > d->number)
        return "is of an adoption that came after it: expected its own number or an earlier one";
    if (!d->plugin && strcmp(d->kind, "accept") != 0)
        return "is of no plugin: expected one";
    /* Of an unknown time it would count from the first run of all. */
    if (d->from_at == TM_UNKNOWN && (d->from_run || strcmp(d->kind, "accept") == 0))
        return "does not say from when it counts: expected 'from_at'";
    if (d->from_at != TM_UNKNOWN && strcmp(d->kind, "accept") != 0)
        return "counts from a run: expected that of an accepted level alone";
    if (!waiver && (!isnan(d->ceiling) || d->until != TM_UNKNOWN))
        return "has a ceiling or an end: expected them of a waiver alone";
    return !isnan(d->ceiling) && !(d->ceiling > 0) ? "has a ceiling that is not above zero" : NULL;
}

/* *id TM_UNKNOWN where there is no name. `at`: when the run started; TM_UNKNOWN: it may have another time by now. */
static int find_named_run(tm_store *store, int64_t project, int64_t number, const char *key, int64_t at, int64_t *id)
{
    *id = TM_UNKNOWN;
    if (!key)
        return 0;
    tm_rows *rows = tm_ask(store, TM_Q_RUN_FIND, "it", project, key);
    int found = rows ? tm_rows_next(rows) : -1;
    int64_t started_at = found == 1 ? tm_row_time(rows, "started_at") : TM_UNKNOWN;
    if (found == 1)
        *id = tm_row_integer(rows, "run_id");
    if (tm_rows_close(rows) != 0 || found < 0)
        return -1;
    if (found == 0)
        return tm_store_fail(store, "decision %lld is about run '%s', but there is no such run", (long long)number, key);
    return at == TM_UNKNOWN || at == started_at
               ? 0
               : tm_store_fail(store, "decision %lld was made on run '%s', but there that run began at another time",
                               (long long)number, key);
}

static int put_decision(tm_store *store, int64_t project, const struct tm_decision_fact *d)
{
    int64_t plugin = TM_UNKNOWN, host = TM_UNKNOWN, from, made, number;
    const char *fault = decision_fault(d);
    if (fault)
        return tm_store_fail(store, "decision %lld %s", (long long)d->number, fault);
    if ((d->plugin && tm_make_plugin(store, project, d->plugin, &plugin) != 0) ||
        (d->host && tm_make_host(store, d->host, &host) != 0) ||
        find_named_run(store, project, d->number, d->from_run, TM_UNKNOWN, &from) != 0 ||
        find_named_run(store, project, d->number, d->made_run, d->made_run_at, &made) != 0)
        return -1;
    /* The run is gone, and none of its time came after it: the number that the next run will have is above all there are. */
    if (made == TM_UNKNOWN && tm_get(store, &made, TM_Q_RUN_NEXT_ID, "i", project) != 1)
        return -1;
    int added = tm_get(store, &number, TM_Q_RESTORE_DECISION, "iinttntnniirntttint", d->number, project, plugin, d->kind, d->metric,
                       host, d->branch, from, d->from_at, made, d->made_run_at, d->ceiling, d->until, d->reason, d->issue,
                       d->made_by, d->made_at, d->adoption, d->source);
    return added == 0 ? tm_store_fail(store, "decision %lld is there already", (long long)d->number) : added < 0 ? -1 : 0;
}

/* A lineage that was judged, and is to be judged again: it has no judged run. */
static int put_lineage(tm_store *store, int64_t project, const struct tm_lineage_fact *lineage)
{
    int64_t host, id;
    if (tm_make_host(store, lineage->host, &host) != 0)
        return -1;
    tm_rows *rows = tm_ask(store, TM_Q_LINEAGE_FIND, "iit", project, host, lineage->branch);
    int step = rows ? tm_rows_next(rows) : -1;
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    if (step == 1)
        return tm_store_fail(store, "branch '%s' on host '%s' occurs twice", lineage->branch, lineage->host);
    if (tm_get(store, &id, TM_Q_LINEAGE_ADD, "iittt", project, host, lineage->branch, lineage->base, "") != 1)
        return -1;
    return lineage->settings ? tm_do(store, TM_Q_LINEAGE_SETTINGS_PUT, "it", id, lineage->settings) : 0;
}

static int put_last_decision(tm_store *store, int64_t number)
{
    if (number < 1 || number == INT64_MAX)
        return tm_store_fail(store, "%lld is no number of a decision", (long long)number);
    return tm_do(store, TM_Q_DECISION_NUMBERS_FORGET, "i", number) != 0 ? -1
                                                                        : tm_do(store, TM_Q_DECISION_NUMBERS_FROM, "i", number);
}

int tm_put_fact(tm_store *store, const struct tm_fact *fact)
{
    int64_t project = 0;
    if (fact->project && tm_make_project(store, fact->project, &project) != 0)
        return -1;
    switch (fact->kind) {
    case TM_FACT_HOST:
        return put_host(store, &fact->host);
    case TM_FACT_METRIC:
        return put_metric(store, project, &fact->metric);
    case TM_FACT_WEEK:
        return tm_put_week(store, project, &fact->week);
    case TM_FACT_RUN:
        return put_run(store, project, &fact->run);
    case TM_FACT_DECISION:
        return put_decision(store, project, &fact->decision);
    case TM_FACT_LINEAGE:
        return put_lineage(store, project, &fact->lineage);
    case TM_FACT_LAST_DECISION:
        return put_last_decision(store, fact->last_decision);
    }
    return 0;
}
