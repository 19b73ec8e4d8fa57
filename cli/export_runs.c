/* Reading for the export: run by run, each with its profiles and their readings, which come from two statements that go side by
 * side in the order of plugins. What is read of a run is forgotten with it. */
#include "cli/export_runs.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "schema/fields.h"

struct reading {
    uintptr_t place; /* of its metric, from 1 */
    double value;
};

struct reader {
    tm_store *store;
    const struct tm_export_wish *wish;
    struct tm_export export;
    uint64_t profiles_written;

    /* metrics, and where each is by its id */
    struct tm_reading *metrics;
    size_t n_metrics;
    struct tm_hash places; /* positions from 1 */
    struct tm_arena kept;

    /* the run in hand */
    struct tm_arena texts;
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct reading *readings; /* of the profile in hand */
    size_t n_readings, readings_room;
};

static int no_memory(struct reader *r)
{
    return tm_store_fail(r->store, "out of memory");
}

/* A copy of a text, NULL of none. -1: no memory. */
static int copy_text(struct reader *r, struct tm_arena *arena, struct tm_value value, const char **text)
{
    *text = value.type == TM_TEXT ? tm_arena_text(arena, value.text, value.size) : NULL;
    return value.type == TM_TEXT && !*text ? no_memory(r) : 0;
}

/* ---- metrics ---- */

/* Two projects' metrics that are called and described alike are one for the form. */
static int enlist_metric(struct reader *r, const struct tm_reading *metric, int64_t id)
{
    size_t at = 0;
    while (at < r->n_metrics &&
           !(strcmp(r->metrics[at].metric, metric->metric) == 0 && tm_same_text(r->metrics[at].unit, metric->unit) &&
             tm_same_text(r->metrics[at].better, metric->better)))
        at++;
    struct tm_reading *added = at < r->n_metrics ? &r->metrics[at] : tm_array_add(&r->metrics, &r->n_metrics, sizeof *added);
    if (!added || tm_hash_add(&r->places, tm_hash_integer(id), at + 1) != 0)
        return no_memory(r);
    *added = *metric;
    return 0;
}

static int read_metrics(struct reader *r)
{
    tm_rows *rows = tm_ask(r->store, TM_Q_EXPORTED_METRICS, "t", r->wish->scope.project);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_reading metric = {.value = NAN};
        int64_t id = tm_row_integer(rows, "metric_id");
        if (copy_text(r, &r->kept, tm_row_value(rows, "name"), &metric.metric) != 0 ||
            copy_text(r, &r->kept, tm_row_value(rows, "unit"), &metric.unit) != 0 ||
            copy_text(r, &r->kept, tm_row_value(rows, "better"), &metric.better) != 0 ||
            (metric.metric && enlist_metric(r, &metric, id) != 0)) {
            step = -1;
            break;
        }
    }
    r->export.metrics = r->metrics;
    r->export.n_metrics = r->n_metrics;
    return tm_rows_close(rows) == 0 ? step : -1;
}

/* ---- a run ---- */

/* NAN of NULL. What is not finite no form can say, and no reader would take. */
static int read_real(struct reader *r, struct tm_value value, double *number)
{
    *number = value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
    return isinf(*number) ? tm_store_fail(r->store, "the store is damaged: it has a number that is not finite") : 0;
}

/* In the order of the metrics, which is mostly that of their ids. */
static int add_reading(struct reader *r, int64_t metric, double value)
{
    uintptr_t place = tm_hash_find(&r->places, tm_hash_integer(metric), NULL, NULL);
    if (!place) /* no writer of ours does that */
        return tm_store_fail(r->store, "the store is damaged: it has a reading of a metric that its project does not have");
    if (tm_array_reserve(&r->readings, &r->readings_room, r->n_readings + 1, sizeof *r->readings) != 0)
        return no_memory(r);
    size_t at = r->n_readings++;
    for (; at > 0 && r->readings[at - 1].place > place; at--)
        r->readings[at] = r->readings[at - 1];
    r->readings[at] = (struct reading){place, value};
    return 0;
}

/* Those of the plugin; *step stands on the first row that is not. */
static int read_readings(struct reader *r, tm_rows *rows, int *step, int64_t plugin, struct tm_profile *profile)
{
    r->n_readings = 0;
    for (double value; *step == 1 && tm_row_integer(rows, "plugin_id") <= plugin; *step = tm_rows_next(rows))
        if (tm_row_integer(rows, "plugin_id") == plugin && (read_real(r, tm_row_value(rows, "value"), &value) != 0 ||
                                                            add_reading(r, tm_row_integer(rows, "metric_id"), value) != 0))
            return -1;
    if (*step < 0)
        return -1;
    if (r->n_readings == 0)
        return 0;
    struct tm_reading *kept = tm_arena_take(&r->texts, r->n_readings * sizeof *kept);
    if (!kept)
        return no_memory(r);
    for (size_t i = 0; i < r->n_readings; i++) {
        kept[i] = r->metrics[r->readings[i].place - 1];
        kept[i].value = r->readings[i].value;
    }
    profile->readings = kept;
    profile->n_readings = r->n_readings;
    return 0;
}

static int read_field(struct reader *r, const struct tm_field *field, struct tm_value value, struct tm_profile *profile)
{
    char *to = (char *)profile + field->at;
    if (field->type == TM_FIELD_COUNT)
        *(int64_t *)to = value.type == TM_INTEGER ? value.integer : TM_UNKNOWN;
    else if (field->type == TM_FIELD_REAL)
        return read_real(r, value, (double *)to);
    else
        return copy_text(r, &r->texts, value, (const char **)to);
    return 0;
}

static int read_profile(struct reader *r, const tm_rows *rows, struct tm_profile *profile)
{
    *profile = (struct tm_profile)TM_PROFILE_INIT;
    if (copy_text(r, &r->texts, tm_row_value(rows, "plugin"), &profile->plugin) != 0)
        return -1;
    for (size_t i = 0; i < tm_n_fields; i++)
        if (read_field(r, &tm_fields[i], tm_row_value(rows, tm_fields[i].column), profile) != 0)
            return -1;
    struct tm_value latency = tm_row_value(rows, "latency");
    if (latency.type != TM_BLOB || latency.size == 0)
        return 0;
    void *kept = tm_arena_take(&r->texts, latency.size);
    if (!kept)
        return no_memory(r);
    profile->latency = memcpy(kept, latency.text, latency.size);
    profile->latency_size = latency.size;
    return 0;
}

static int read_profiles(struct reader *r, tm_rows *profiles, tm_rows *readings)
{
    int step, next = tm_rows_next(readings);
    r->n_profiles = 0;
    while ((step = tm_rows_next(profiles)) == 1) {
        if (tm_array_reserve(&r->profiles, &r->profiles_room, r->n_profiles + 1, sizeof *r->profiles) != 0)
            return no_memory(r);
        struct tm_profile *profile = &r->profiles[r->n_profiles++];
        if (read_profile(r, profiles, profile) != 0 ||
            read_readings(r, readings, &next, tm_row_integer(profiles, "plugin_id"), profile) != 0)
            return -1;
        if (!profile->plugin)
            r->n_profiles--;
    }
    return step;
}

/* Fills in what the form gets; the texts are in the reader's arena. */
static int read_run(struct reader *r, const tm_rows *rows, struct tm_run_content *content)
{
    static const struct {
        const char *column;
        size_t at; /* in struct tm_run */
    } texts[] = {
        {"project", offsetof(struct tm_run, project)}, {"key", offsetof(struct tm_run, key)},
        {"branch", offsetof(struct tm_run, branch)},   {"commit_id", offsetof(struct tm_run, commit_id)},
        {"host", offsetof(struct tm_run, host)},       {"version", offsetof(struct tm_run, version)},
        {"tool", offsetof(struct tm_run, tool)},       {"repeat_of", offsetof(struct tm_run, repeat_of)},
    };
    int64_t id = tm_row_integer(rows, "run_id");
    *content = (struct tm_run_content){.run = {.started_at = tm_row_time(rows, "started_at")}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (copy_text(r, &r->texts, tm_row_value(rows, texts[i].column), (const char **)((char *)&content->run + texts[i].at)) != 0)
            return -1;
    tm_rows *profiles = tm_ask(r->store, TM_Q_EXPORTED_PROFILES, "i", id);
    tm_rows *readings = profiles ? tm_ask(r->store, TM_Q_EXPORTED_READINGS, "i", id) : NULL;
    int result = readings ? read_profiles(r, profiles, readings) : -1;
    if (tm_rows_close(readings) != 0 || tm_rows_close(profiles) != 0)
        result = -1;
    content->profiles = r->profiles;
    content->n_profiles = r->n_profiles;
    return result;
}

/* ---- all of them ---- */

static int write_run(struct reader *r, const tm_rows *rows)
{
    struct tm_run_content content;
    tm_arena_reset(&r->texts);
    if (read_run(r, rows, &content) != 0)
        return -1;
    if (r->export.pass == 0)
        r->profiles_written += content.n_profiles;
    if (content.run.started_at > r->export.newest_start)
        r->export.newest_start = content.run.started_at;
    return r->wish->form->run(&r->export, &content) == 0 ? 0 : no_memory(r);
}

static tm_rows *ask_runs(const struct reader *r)
{
    const struct tm_scope *scope = &r->wish->scope;
    enum tm_export_order order = r->wish->form->order;
    return tm_ask(r->store, TM_Q_EXPORTED_RUNS, "ttttniii", scope->project, scope->branch, scope->host, r->wish->run,
                  scope->newest > 0 ? scope->newest : TM_UNKNOWN, (int64_t)(order == TM_EXPORT_BY_TIME),
                  (int64_t)(order == TM_EXPORT_BY_LINEAGE), (int64_t)(order == TM_EXPORT_NEWEST && !r->wish->run));
}

static int write_pass(struct reader *r, tm_export_open *open, void *context)
{
    int step = -1, code = 0;
    bool first = true;
    r->export.begun = false;
    tm_rows *rows = ask_runs(r);
    while (rows && code == 0 && (step = tm_rows_next(rows)) == 1) {
        if (first && r->export.pass == 0) {
            code = open(context, &r->export);
            if (code == 0 && r->wish->form->begin && r->wish->form->begin(&r->export) != 0)
                code = no_memory(r);
        }
        first = false;
        if (code == 0)
            code = write_run(r, rows);
    }
    if (tm_rows_close(rows) != 0)
        return code ? code : -1;
    return code ? code : step;
}

int tm_export_runs(tm_store *store, const struct tm_export_wish *wish, tm_export_open *open, void *context, uint64_t *profiles)
{
    struct reader r = {.store = store, .wish = wish};
    int code = tm_snapshot(store) == 0 ? read_metrics(&r) : -1;
    for (int passes = wish->form->passes ? wish->form->passes() : 1; code == 0 && r.export.pass < passes; r.export.pass++)
        code = write_pass(&r, open, context);
    if (code == 0 && r.export.out && wish->form->end && wish->form->end(&r.export) != 0)
        code = no_memory(&r);
    tm_snapshot_end(store);
    *profiles = r.profiles_written;
    free(r.export.lineage);
    free(r.metrics);
    free(r.profiles);
    free(r.readings);
    tm_hash_free(&r.places);
    tm_arena_free(&r.kept);
    tm_arena_free(&r.texts);
    return code;
}
