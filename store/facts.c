/* All that cannot be made again, told fact by fact: project by project, and in each its metrics, its weeks and its runs in the
 * order of time, then decisions and with what was judged. A decision comes behind the runs it names, a repeat behind the run it
 * repeats, so who stores them again needs to look back only. */
#include "store/fact_run.h"
#include "store/fact_values.h"
#include "store/fact_week.h"

struct walk {
    tm_store *store;
    tm_see_fact *see;
    void *context;
    struct tm_fact_run run; /* in hand */
    struct tm_fact_week week;
};

/* A column, and where its text goes. */
struct named_text {
    const char *column, **text;
};

static int take_texts(struct walk *walk, const tm_rows *rows, const struct named_text *texts, size_t n)
{
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++)
        result = tm_fact_text(walk->store, rows, texts[i].column, texts[i].text);
    return result;
}

#define TAKE(walk, rows, ...)                                                                                                      \
    take_texts(walk, rows, (const struct named_text[]){__VA_ARGS__},                                                               \
               sizeof((const struct named_text[]){__VA_ARGS__}) / sizeof(struct named_text))

/* project NULL: of hosts, and of the store. */
static int see_host(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_HOST,
                           .project = project,
                           .host = {.cores = tm_fact_count(rows, "cores"), .memory_gib = tm_fact_count(rows, "memory_gib")}};
    struct tm_host_fact *host = &fact.host;
    return TAKE(walk, rows, {"key", &host->host}, {"cpu_model", &host->cpu_model}, {"os", &host->os}) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

static int see_metric(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_METRIC, .project = project};
    struct tm_metric_fact *metric = &fact.metric;
    return TAKE(walk, rows, {"name", &metric->metric}, {"unit", &metric->unit}, {"better", &metric->better}) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

static int see_week(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_WEEK, .project = project, .week = {.begins_at = tm_row_integer(rows, "begins_at")}};
    return TAKE(walk, rows, {"branch", &fact.week.branch}, {"host", &fact.week.host}) == 0 &&
                   tm_fact_week_read(walk->store, tm_row_integer(rows, "week_id"), &walk->week, &fact.week) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

/* What a run was made of is told, and not what was made of it. */
static int see_parts(struct walk *walk, int64_t run, struct tm_fact *fact)
{
    tm_rows *rows = tm_ask(walk->store, TM_Q_PARTS_OF_RUN, "i", run);
    int step = rows ? 1 : -1, result = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1) {
        fact->run.run.started_at = tm_row_time(rows, "started_at");
        result = TAKE(walk, rows, {"part", &fact->run.run.part}, {"host", &fact->run.run.host}) == 0 &&
                         tm_fact_run_read(walk->store, TM_OF_PART, tm_row_integer(rows, "part_id"), &walk->run, &fact->run) == 0
                     ? walk->see(walk->context, fact)
                     : -1;
    }
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

/* The row's own texts stay while other statements are read. */
static int see_run(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_RUN, .project = project};
    struct tm_run *run = &fact.run.run;
    int64_t id = tm_row_integer(rows, "run_id"), part;
    *run = (struct tm_run){.project = project, .started_at = tm_row_time(rows, "started_at")};
    if (TAKE(walk, rows, {"key", &run->key}, {"branch", &run->branch}, {"host", &run->host}, {"commit_id", &run->commit_id},
             {"version", &run->version}, {"repeat_of", &run->repeat_of}, {"tool", &run->tool}) != 0)
        return -1;
    int in_parts = tm_get(walk->store, &part, TM_Q_PART_ANY, "i", id);
    if (in_parts != 0)
        return in_parts < 0 ? -1 : see_parts(walk, id, &fact);
    return tm_fact_run_read(walk->store, TM_OF_RUN, id, &walk->run, &fact.run) == 0 ? walk->see(walk->context, &fact) : -1;
}

static int see_decision(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_DECISION,
                           .project = project,
                           .decision = {.number = tm_row_integer(rows, "decision_id"),
                                        .from_at = tm_fact_time(rows, "from_at"),
                                        .made_run_at = tm_row_time(rows, "made_run_at"),
                                        .until = tm_fact_time(rows, "until"),
                                        .made_at = tm_row_time(rows, "made_at"),
                                        .adoption = tm_fact_count(rows, "adoption")}};
    struct tm_decision_fact *decision = &fact.decision;
    return TAKE(walk, rows, {"kind", &decision->kind}, {"plugin", &decision->plugin}, {"metric", &decision->metric},
                {"host", &decision->host}, {"branch", &decision->branch}, {"from_run", &decision->from_run},
                {"made_run", &decision->made_run}, {"reason", &decision->reason}, {"issue", &decision->issue},
                {"made_by", &decision->made_by}, {"source", &decision->source}) == 0 &&
                   tm_fact_real(walk->store, rows, "ceiling", &decision->ceiling) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

static int see_lineage(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_LINEAGE, .project = project};
    struct tm_lineage_fact *lineage = &fact.lineage;
    return TAKE(walk, rows, {"branch", &lineage->branch}, {"host", &lineage->host}, {"base", &lineage->base},
                {"settings", &lineage->settings}) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

static int see_last_decision(struct walk *walk, const tm_rows *rows, const char *project)
{
    return walk->see(
        walk->context,
        &(struct tm_fact){.kind = TM_FACT_LAST_DECISION, .project = project, .last_decision = tm_row_integer(rows, "seq")});
}

/* Calls `see` with each row. */
static int each(struct walk *walk, tm_rows *rows, int (*see)(struct walk *, const tm_rows *, const char *), const char *project)
{
    int step = rows ? 1 : -1, result = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1)
        result = see(walk, rows, project);
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

static int see_project(struct walk *walk, const tm_rows *rows, const char *none)
{
    static const struct {
        enum tm_query query;
        int (*see)(struct walk *, const tm_rows *, const char *);
    } parts[] = {{TM_Q_DUMP_METRICS, see_metric},
                 {TM_Q_DUMP_WEEKS, see_week},
                 {TM_Q_DUMP_RUNS, see_run},
                 {TM_Q_DUMP_DECISIONS, see_decision},
                 {TM_Q_DUMP_LINEAGES, see_lineage}};
    const char *project = none;
    int result = tm_fact_text(walk->store, rows, "name", &project);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && result == 0; i++)
        result = each(walk, tm_ask(walk->store, parts[i].query, "i", tm_row_integer(rows, "project_id")), parts[i].see, project);
    return result;
}

int tm_walk_facts(tm_store *store, const char *project, tm_see_fact *see, void *context)
{
    struct walk walk = {.store = store, .see = see, .context = context};
    int result = each(&walk, tm_ask(store, TM_Q_DUMP_HOSTS, "t", project), see_host, NULL);
    if (result == 0)
        result = each(&walk, tm_ask(store, TM_Q_DUMP_PROJECTS, "t", project), see_project, NULL);
    if (result == 0)
        result = each(&walk, tm_ask(store, TM_Q_DUMP_LAST_DECISION, ""), see_last_decision, NULL);
    tm_fact_run_free(&walk.run);
    tm_fact_week_free(&walk.week);
    return result;
}
