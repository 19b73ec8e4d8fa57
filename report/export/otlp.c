/* OTLP/JSON, an ExportMetricsServiceRequest for each run, in a line: what a collector takes over HTTP and what its file exporter
 * writes. The run is the resource, a plugin is an attribute of each point, and all values are as they are stored, in nanoseconds
 * and bytes. As the mapping of protobuf to JSON wants it, whole numbers of 64 bits are texts. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "report/export/export.h"
#include "report/export/number.h"
#include "schema/fields.h"
#include "schema/sketch.h"

enum { NAME_SIZE = 64 /* longer than any field's name */ };
static const uint64_t NS = 1000000000; /* in a second; 64 bits of them end in the year 2554, and 0 is "unknown" */

/* What has been written of a run: a metric begins with its first point, so that none is without. */
struct list {
    FILE *out;
    const struct tm_run *run;
    bool any_metric, any_point;
};

/* `kind` is gauge, sum or histogram; NULL: no unit, no description. */
struct metric {
    const char *name, *unit, *description, *kind;
    bool falls; /* of a sum */
};

static void put_attribute(FILE *out, const char *before, const char *key, const char *value)
{
    fprintf(out, "%s{\"key\":\"%s\",\"value\":{\"stringValue\":", before, key);
    tm_put_json(out, value);
    fputs("}}", out);
}

static void put_resource(FILE *out, const struct tm_run *run)
{
    const struct {
        const char *key, *value;
    } facts[] = {{"host.name", run->host},          {"vcs.ref.head.name", run->branch}, {"vcs.ref.head.revision", run->commit_id},
                 {"service.version", run->version}, {"tidemark.run", run->key},         {"tidemark.repeat_of", run->repeat_of},
                 {"tidemark.tool", run->tool}};
    put_attribute(out, "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[", "service.name", run->project);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].value)
            put_attribute(out, ",", facts[i].key, facts[i].value);
    fputs("]},\"scopeMetrics\":[{\"scope\":{\"name\":\"tidemark\",\"version\":\"" TM_VERSION "\"},\"metrics\":[", out);
}

static void put_member(FILE *out, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(out, ",\"%s\":", name);
    tm_put_json(out, text);
}

/* Sums are of the run alone (delta). A run's end is not known, so the point is of its start. */
static void open_point(struct list *list, const struct metric *metric, const char *plugin)
{
    FILE *out = list->out;
    if (!list->any_point) {
        fputs(list->any_metric ? ",{\"name\":" : "{\"name\":", out);
        tm_put_json(out, metric->name);
        put_member(out, "unit", metric->unit);
        put_member(out, "description", metric->description);
        fprintf(out, ",\"%s\":{", metric->kind);
        if (*metric->kind != 'g')
            fputs("\"aggregationTemporality\":1,", out);
        if (*metric->kind == 's')
            fprintf(out, "\"isMonotonic\":%s,", metric->falls ? "false" : "true");
        fputs("\"dataPoints\":[", out);
    }
    put_attribute(out, list->any_point ? ",{\"attributes\":[" : "{\"attributes\":[", "plugin.name", plugin);
    list->any_point = list->any_metric = true;
    uint64_t at =
        list->run->started_at > 0 && (uint64_t)list->run->started_at <= UINT64_MAX / NS ? NS * (uint64_t)list->run->started_at : 0;
    fprintf(out, "],\"startTimeUnixNano\":\"%" PRIu64 "\",\"timeUnixNano\":\"%" PRIu64 "\"", at, at);
}

static void put_real(struct list *list, double value)
{
    fputs(",\"asDouble\":", list->out);
    tm_put_exact(list->out, value);
    putc('}', list->out);
}

static void end_metric(struct list *list)
{
    if (list->any_point)
        fputs("]}}", list->out);
    list->any_point = false;
}

/* ---- fields ---- */

/* A sum of the run's calls; the others are gauges. */
static bool is_sum(const struct tm_field *field)
{
    static const size_t sums[] = {offsetof(struct tm_profile, wall_ns), offsetof(struct tm_profile, cpu_ns),
                                  offsetof(struct tm_profile, mem_delta_bytes), offsetof(struct tm_profile, occupied_ns)};
    bool found = field->type == TM_FIELD_COUNT;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        found = found || (field->type == TM_FIELD_REAL && field->at == sums[i]);
    return found;
}

static void put_field(struct list *list, const struct tm_field *field, const struct tm_run_content *content)
{
    char name[NAME_SIZE];
    int stem = field->unit == TM_UNIT_NONE ? (int)strlen(field->name) : (int)(strrchr(field->name, '_') - field->name);
    snprintf(name, sizeof name, "tidemark.plugin.%.*s", stem, field->name);
    const struct metric metric = {.name = name,
                                  .unit = field->unit == TM_UNIT_TIME   ? "ns"
                                          : field->unit == TM_UNIT_SIZE ? "By"
                                                                        : "1",
                                  .kind = is_sum(field) ? "sum" : "gauge",
                                  .falls = field->may_fall};
    for (size_t i = 0; i < content->n_profiles; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        if (field->type == TM_FIELD_TEXT || !tm_field_known(field, profile))
            continue;
        open_point(list, &metric, profile->plugin);
        if (field->type == TM_FIELD_COUNT)
            fprintf(list->out, ",\"asInt\":\"%" PRId64 "\"}", tm_field_count(field, profile));
        else
            put_real(list, tm_field_real(field, profile));
    }
    end_metric(list);
}

/* ---- the latency sketch as a histogram ---- */

static double lower_edge(uint32_t index)
{
    uint64_t bits = (uint64_t)index << TM_SKETCH_SHIFT;
    double edge;
    memcpy(&edge, &bits, sizeof edge);
    return edge;
}

/* What a gap or a bucket in use adds to one of the two lists: its count, or its upper bound. */
static void put_bucket(FILE *out, bool bounds, bool first, double upper, uint64_t count)
{
    fputs(first ? "" : ",", out);
    if (bounds)
        tm_put_exact(out, upper);
    else
        fprintf(out, "\"%" PRIu64 "\"", count);
}

/* One of the two lists: below the first bucket there are the zeros, and above the last bound there is nothing. */
static void put_buckets(FILE *out, const struct tm_sketch *sketch, bool bounds)
{
    bool first = true;
    uint32_t next = 0; /* one past the bucket before */
    for (uint32_t i = 0; i < sketch->len; i++) {
        if (sketch->counts[i] == 0)
            continue;
        uint32_t index = sketch->first + i;
        if (index > next)
            put_bucket(out, bounds, first, lower_edge(index), first ? sketch->zeros : 0);
        put_bucket(out, bounds, false, lower_edge(index + 1), sketch->counts[i]);
        first = false;
        next = index + 1;
    }
    if (!bounds && first)
        fprintf(out, "\"%" PRIu64 "\"", sketch->zeros);
    else if (!bounds)
        fputs(",\"0\"", out);
}

static void put_histogram(struct list *list, const struct tm_sketch *sketch, const struct tm_profile *profile)
{
    FILE *out = list->out;
    fprintf(out, ",\"count\":\"%" PRIu64 "\"", sketch->total);
    /* The sum is that of all calls, where all of them are in the sketch. */
    if (!isnan(profile->wall_ns) && sketch->total == (uint64_t)profile->calls) {
        fputs(",\"sum\":", out);
        tm_put_exact(out, profile->wall_ns);
    }
    if (sketch->total > 0) {
        fputs(",\"min\":", out);
        tm_put_exact(out, sketch->min);
        fputs(",\"max\":", out);
        tm_put_exact(out, sketch->max);
    }
    fputs(",\"bucketCounts\":[", out);
    put_buckets(out, sketch, false);
    fputs("],\"explicitBounds\":[", out);
    put_buckets(out, sketch, true);
    fputs("]}", out);
}

/* One that cannot be decoded is left out: 'tidemark check' tells of it. */
static int put_latency(struct list *list, const struct tm_run_content *content)
{
    const struct metric metric = {.name = "tidemark.plugin.latency", .unit = "ns", .kind = "histogram"};
    struct tm_sketch sketch;
    int result = 0;
    tm_sketch_init(&sketch);
    for (size_t i = 0; i < content->n_profiles && result == 0; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        if (!profile->latency)
            continue;
        if (tm_sketch_decode(&sketch, profile->latency, profile->latency_size) == 0) {
            open_point(list, &metric, profile->plugin);
            put_histogram(list, &sketch, profile);
        } else if (errno == ENOMEM) {
            result = -1;
        }
    }
    end_metric(list);
    tm_sketch_free(&sketch);
    return result;
}

/* ---- readings ---- */

static void put_readings(struct list *list, const struct tm_reading *of, const struct tm_run_content *content)
{
    const struct metric metric = {.name = of->metric,
                                  .unit = of->unit,
                                  .description = !of->better                        ? NULL
                                                 : strcmp(of->better, "lower") == 0 ? "better when lower"
                                                                                    : "better when higher",
                                  .kind = "gauge"};
    for (size_t i = 0; i < content->n_profiles; i++)
        for (size_t k = 0; k < content->profiles[i].n_readings; k++)
            if (content->profiles[i].readings[k].metric == of->metric) {
                open_point(list, &metric, content->profiles[i].plugin);
                put_real(list, content->profiles[i].readings[k].value);
            }
    end_metric(list);
}

static int write_run(struct tm_export *export, const struct tm_run_content *content)
{
    struct list list = {.out = export->out, .run = &content->run};
    if (content->n_profiles == 0)
        return 0;
    put_resource(export->out, &content->run);
    for (size_t i = 0; i < tm_n_fields; i++)
        put_field(&list, &tm_fields[i], content);
    if (put_latency(&list, content) != 0)
        return -1;
    for (size_t i = 0; i < export->n_metrics; i++)
        put_readings(&list, &export->metrics[i], content);
    fputs("]}]}]}\n", export->out);
    return 0;
}

const struct tm_export_form tm_export_otlp = {.name = "otlp", .order = TM_EXPORT_BY_TIME, .run = write_run};
