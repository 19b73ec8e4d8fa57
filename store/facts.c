/* All that cannot be made again, told fact by fact: project by project, and in each its metrics, its runs in the order of time,
 * then decisions and with what was judged. A decision comes behind the runs it names, a repeat behind the run it repeats, so who
 * stores them again needs to look back only.
 *
 * A run is told whole. Its rows are copied, for three statements are read side by side. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/text.h"
#include "schema/fields.h"
#include "store/handle.h"

struct walk {
    tm_store *store;
    tm_see_fact *see;
    void *context;
    struct tm_arena texts; /* of the run in hand */
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct tm_spike *spikes;
    size_t n_spikes, spikes_room;
    struct tm_reading *readings; /* of the run, one plugin's behind the other's */
    size_t n_readings, readings_room;
};

static int no_memory(struct walk *walk)
{
    return tm_store_fail(walk->store, "out of memory");
}

static int damaged(struct walk *walk, const char *what)
{
    return tm_store_fail(walk->store, "'%s' is damaged: %s ('tidemark check' says more)", walk->store->path, what);
}

/* Valid until the next row. NULL is NULL. */
static int take_text(struct walk *walk, const tm_rows *rows, const char *column, const char **text)
{
    struct tm_value value = tm_row_value(rows, column);
    *text = value.type == TM_TEXT ? value.text : NULL;
    return !*text || tm_is_text(*text, value.size) ? 0 : damaged(walk, "a text is no UTF-8, or holds a NUL");
}

static int copy_text(struct walk *walk, const tm_rows *rows, const char *column, const char **text)
{
    if (take_text(walk, rows, column, text) != 0)
        return -1;
    if (*text)
        *text = tm_arena_text(&walk->texts, *text, strlen(*text));
    return *text || tm_row_value(rows, column).type != TM_TEXT ? 0 : no_memory(walk);
}

static int take_real(struct walk *walk, const tm_rows *rows, const char *column, double *real)
{
    *real = tm_row_real(rows, column);
    return isinf(*real) ? damaged(walk, "a number is infinite") : 0;
}

/* TM_UNKNOWN for NULL. */
static int64_t count_of(const tm_rows *rows, const char *column)
{
    return tm_row_value(rows, column).type == TM_NULL ? TM_UNKNOWN : tm_row_integer(rows, column);
}

static int64_t time_of(const tm_rows *rows, const char *column)
{
    return tm_row_value(rows, column).type == TM_NULL ? TM_UNKNOWN : tm_row_time(rows, column);
}

/* Ends a loop over rows: `result` is that of the loop's body, `step` of its last step. */
static int end_rows(tm_rows *rows, int step, int result)
{
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

/* ---- a run ---- */

static int add_reading(struct walk *walk, const tm_rows *rows)
{
    if (tm_array_reserve(&walk->readings, &walk->readings_room, walk->n_readings + 1, sizeof *walk->readings) != 0)
        return no_memory(walk);
    struct tm_reading *reading = &walk->readings[walk->n_readings++];
    *reading = (struct tm_reading){0};
    return copy_text(walk, rows, "metric", &reading->metric) != 0 ? -1 : take_real(walk, rows, "value", &reading->value);
}

/* Both statements are in the order of plugins: each row goes to the profile in hand, or to one behind it. */
static int read_readings(struct walk *walk, int64_t run)
{
    tm_rows *rows = tm_ask(walk->store, TM_Q_DUMP_READINGS, "i", run);
    int step = rows ? 1 : -1, result = 0;
    size_t at = 0;
    walk->n_readings = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1) {
        const char *plugin = tm_row_text(rows, "plugin");
        while (at < walk->n_profiles && strcmp(walk->profiles[at].plugin, plugin) != 0)
            at++;
        if (at == walk->n_profiles)
            result = damaged(walk, "a reading is of no profile");
        else if ((result = add_reading(walk, rows)) == 0)
            walk->profiles[at].n_readings++;
    }
    const struct tm_reading *next = walk->readings; /* when the array has grown to its end */
    for (size_t i = 0; i < walk->n_profiles; next += walk->profiles[i++].n_readings)
        walk->profiles[i].readings = next;
    return end_rows(rows, step, result);
}

static int read_field(struct walk *walk, const tm_rows *rows, const struct tm_field *field, struct tm_profile *profile)
{
    void *at = (char *)profile + field->at;
    if (field->type == TM_FIELD_TEXT)
        return copy_text(walk, rows, field->column, at);
    if (field->type == TM_FIELD_REAL)
        return take_real(walk, rows, field->column, at);
    *(int64_t *)at = count_of(rows, field->column);
    return 0;
}

static int add_profile(struct walk *walk, const tm_rows *rows)
{
    if (tm_array_reserve(&walk->profiles, &walk->profiles_room, walk->n_profiles + 1, sizeof *walk->profiles) != 0)
        return no_memory(walk);
    struct tm_profile *profile = &walk->profiles[walk->n_profiles++];
    *profile = (struct tm_profile)TM_PROFILE_INIT;
    if (copy_text(walk, rows, "plugin", &profile->plugin) != 0)
        return -1;
    for (size_t i = 0; i < tm_n_fields; i++)
        if (read_field(walk, rows, &tm_fields[i], profile) != 0)
            return -1;
    struct tm_value latency = tm_row_value(rows, "latency");
    if (latency.type != TM_BLOB)
        return 0;
    profile->latency = tm_arena_text(&walk->texts, latency.size > 0 ? latency.text : "", latency.size);
    profile->latency_size = latency.size;
    return profile->latency ? 0 : no_memory(walk);
}

static int add_spike(struct walk *walk, const tm_rows *rows)
{
    if (tm_array_reserve(&walk->spikes, &walk->spikes_room, walk->n_spikes + 1, sizeof *walk->spikes) != 0)
        return no_memory(walk);
    struct tm_spike *spike = &walk->spikes[walk->n_spikes++];
    return copy_text(walk, rows, "plugin", &spike->plugin) == 0 && take_real(walk, rows, "at_ms", &spike->at_ms) == 0 &&
                   take_real(walk, rows, "duration_ms", &spike->duration_ms) == 0 &&
                   take_real(walk, rows, "cpu_percent", &spike->cpu_percent) == 0
               ? 0
               : -1;
}

/* Calls `see` with each row. */
static int each(struct walk *walk, tm_rows *rows, int (*see)(struct walk *, const tm_rows *))
{
    int step = rows ? 1 : -1, result = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1)
        result = see(walk, rows);
    return end_rows(rows, step, result);
}

/* The row's own texts stay while other statements are read. */
static int see_run(struct walk *walk, const tm_rows *rows, const char *project)
{
    int64_t id = tm_row_integer(rows, "run_id");
    struct tm_fact fact = {.kind = TM_FACT_RUN, .project = project};
    struct tm_run *run = &fact.run.run;
    *run = (struct tm_run){.project = project, .started_at = tm_row_time(rows, "started_at")};
    tm_arena_reset(&walk->texts);
    walk->n_profiles = walk->n_spikes = 0;
    if (take_text(walk, rows, "key", &run->key) != 0 || take_text(walk, rows, "branch", &run->branch) != 0 ||
        take_text(walk, rows, "host", &run->host) != 0 || take_text(walk, rows, "commit_id", &run->commit_id) != 0 ||
        take_text(walk, rows, "version", &run->version) != 0 || take_text(walk, rows, "repeat_of", &run->repeat_of) != 0 ||
        take_text(walk, rows, "tool", &run->tool) != 0 ||
        each(walk, tm_ask(walk->store, TM_Q_DUMP_PROFILES, "i", id), add_profile) != 0 || read_readings(walk, id) != 0 ||
        each(walk, tm_ask(walk->store, TM_Q_DUMP_SPIKES, "i", id), add_spike) != 0)
        return -1;
    fact.run.profiles = walk->profiles;
    fact.run.n_profiles = walk->n_profiles;
    fact.run.spikes = walk->spikes;
    fact.run.n_spikes = walk->n_spikes;
    return walk->see(walk->context, &fact);
}

/* ---- the others ---- */

static int see_host(struct walk *walk, const tm_rows *rows)
{
    struct tm_fact fact = {.kind = TM_FACT_HOST,
                           .host = {.cores = count_of(rows, "cores"), .memory_gib = count_of(rows, "memory_gib")}};
    return take_text(walk, rows, "key", &fact.host.host) == 0 && take_text(walk, rows, "cpu_model", &fact.host.cpu_model) == 0 &&
                   take_text(walk, rows, "os", &fact.host.os) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

static int see_metric(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_METRIC, .project = project};
    return take_text(walk, rows, "name", &fact.metric.metric) == 0 && take_text(walk, rows, "unit", &fact.metric.unit) == 0 &&
                   take_text(walk, rows, "better", &fact.metric.better) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

static int see_decision(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_DECISION,
                           .project = project,
                           .decision = {.number = tm_row_integer(rows, "decision_id"),
                                        .from_at = time_of(rows, "from_at"),
                                        .made_run_at = tm_row_time(rows, "made_run_at"),
                                        .until = time_of(rows, "until"),
                                        .made_at = tm_row_time(rows, "made_at"),
                                        .adoption = count_of(rows, "adoption")}};
    struct tm_decision_fact *decision = &fact.decision;
    const struct {
        const char *column, **text;
    } texts[] = {{"kind", &decision->kind},         {"plugin", &decision->plugin}, {"metric", &decision->metric},
                 {"host", &decision->host},         {"branch", &decision->branch}, {"from_run", &decision->from_run},
                 {"made_run", &decision->made_run}, {"reason", &decision->reason}, {"issue", &decision->issue},
                 {"made_by", &decision->made_by}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (take_text(walk, rows, texts[i].column, texts[i].text) != 0)
            return -1;
    return take_real(walk, rows, "ceiling", &decision->ceiling) == 0 ? walk->see(walk->context, &fact) : -1;
}

static int see_lineage(struct walk *walk, const tm_rows *rows, const char *project)
{
    struct tm_fact fact = {.kind = TM_FACT_LINEAGE, .project = project};
    struct tm_lineage_fact *lineage = &fact.lineage;
    return take_text(walk, rows, "branch", &lineage->branch) == 0 && take_text(walk, rows, "host", &lineage->host) == 0 &&
                   take_text(walk, rows, "base", &lineage->base) == 0 && take_text(walk, rows, "settings", &lineage->settings) == 0
               ? walk->see(walk->context, &fact)
               : -1;
}

static int see_last_decision(struct walk *walk, const tm_rows *rows)
{
    return walk->see(walk->context, &(struct tm_fact){.kind = TM_FACT_LAST_DECISION, .last_decision = tm_row_integer(rows, "seq")});
}

static int see_project(struct walk *walk, const tm_rows *rows)
{
    static const struct {
        enum tm_query query;
        int (*see)(struct walk *, const tm_rows *, const char *);
    } parts[] = {{TM_Q_DUMP_METRICS, see_metric},
                 {TM_Q_DUMP_RUNS, see_run},
                 {TM_Q_DUMP_DECISIONS, see_decision},
                 {TM_Q_DUMP_LINEAGES, see_lineage}};
    const char *project;
    int result = take_text(walk, rows, "name", &project);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && result == 0; i++) {
        tm_rows *part = tm_ask(walk->store, parts[i].query, "i", tm_row_integer(rows, "project_id"));
        int step = part ? 1 : -1;
        while (result == 0 && step == 1 && (step = tm_rows_next(part)) == 1)
            result = parts[i].see(walk, part, project);
        result = end_rows(part, step, result);
    }
    return result;
}

int tm_walk_facts(tm_store *store, const char *project, tm_see_fact *see, void *context)
{
    struct walk walk = {.store = store, .see = see, .context = context};
    int result = each(&walk, tm_ask(store, TM_Q_DUMP_HOSTS, "t", project), see_host);
    if (result == 0)
        result = each(&walk, tm_ask(store, TM_Q_DUMP_PROJECTS, "t", project), see_project);
    if (result == 0)
        result = each(&walk, tm_ask(store, TM_Q_DUMP_LAST_DECISION, ""), see_last_decision);
    tm_arena_free(&walk.texts);
    free(walk.profiles);
    free(walk.spikes);
    free(walk.readings);
    return result;
}
