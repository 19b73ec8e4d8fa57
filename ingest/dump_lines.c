/* One table for each type of line. The members of a profile are the fields of schema/fields.c. */
#include "ingest/dump_lines.h"

#include <string.h>

#include "ingest/dump_weeks.h"

/* Hexadecimal digits, two a byte. NULL after a fault. */
static const void *take_bytes(struct tm_json *json, size_t *size)
{
    static const char digits[] = "0123456789abcdef";
    char shown[64];
    if (json->token != TM_JSON_TEXT_VALUE || json->size % 2 != 0 || strspn(json->text, digits) != json->size) {
        tm_json_fault(json, "found %s, expected bytes in hexadecimal", tm_json_found(json, shown));
        return NULL;
    }
    *size = json->size / 2;
    unsigned char *bytes = tm_arena_take(&json->texts, *size + 1);
    for (size_t i = 0; bytes && i < *size; i++)
        bytes[i] =
            (unsigned char)((strchr(digits, json->text[2 * i]) - digits) << 4 | (strchr(digits, json->text[2 * i + 1]) - digits));
    if (!bytes)
        tm_json_no_memory(json);
    return bytes;
}

static bool take_latency(struct tm_json *json, void *into)
{
    struct tm_profile *profile = into;
    return (profile->latency = take_bytes(json, &profile->latency_size));
}

static bool take_weekly_latency(struct tm_json *json, void *into)
{
    struct tm_week_plugin *weekly = into;
    return (weekly->latency = take_bytes(json, &weekly->latency_size));
}

/* The array lives in the arena as the texts do, and doubles there. */
static struct tm_reading *add_reading(struct tm_json *json, struct tm_profile *profile)
{
    size_t n = profile->n_readings;
    struct tm_reading *readings = (struct tm_reading *)profile->readings;
    if ((n & (n - 1)) == 0) {
        readings = tm_arena_take(&json->texts, (n ? 2 * n : 1) * sizeof *readings);
        if (readings && n)
            memcpy(readings, profile->readings, n * sizeof *readings);
    }
    if (!readings)
        return NULL;
    profile->readings = readings;
    readings[n] = (struct tm_reading){0};
    return &readings[profile->n_readings++];
}

static bool take_readings(struct tm_json *json, void *into)
{
    char shown[64];
    if (json->token != TM_JSON_OBJECT)
        return tm_json_fault(json, "found %s, expected an object of readings", tm_json_found(json, shown));
    while (tm_json_next(json) == TM_JSON_KEY) {
        struct tm_reading *reading = add_reading(json, into);
        if (!reading)
            return tm_json_no_memory(json);
        if (!tm_json_take_name(json, &reading->metric) || tm_json_next(json) == TM_JSON_FAILED ||
            !tm_json_take_real(json, &reading->value))
            return false;
    }
    return json->token == TM_JSON_OBJECT_END;
}

#define AT(member) offsetof(struct tm_dump_line, member)
#define NAME(name, member, required)                                                                                               \
    {                                                                                                                              \
        name, tm_json_take_name, AT(member), required                                                                              \
    }

static const struct tm_json_field host_fields[] = {
    NAME("host", fact.host.host, true),
    NAME("cpu_model", fact.host.cpu_model, false),
    {"cores", tm_json_take_count, AT(fact.host.cores), false},
    {"memory_gib", tm_json_take_count, AT(fact.host.memory_gib), false},
    NAME("os", fact.host.os, false),
};

static const struct tm_json_field metric_fields[] = {
    NAME("project", fact.project, true),
    NAME("metric", fact.metric.metric, true),
    NAME("unit", fact.metric.unit, false),
    NAME("better", fact.metric.better, false),
};

static const struct tm_json_field week_fields[] = {
    NAME("project", fact.project, true),
    {"begins_at", tm_dump_take_week, AT(fact.week.begins_at), true},
    NAME("branch", fact.week.branch, true),
    NAME("host", fact.week.host, true),
    {"runs", tm_dump_take_runs, AT(fact.week), true},
};

static const struct tm_json_field weekly_fields[] = {
    {"begins_at", tm_dump_take_week, AT(begins_at), true},     NAME("plugin", weekly.plugin, true),
    {"calls", tm_json_take_count, AT(weekly.calls), true},     {"errors", tm_json_take_count, AT(weekly.errors), false},
    {"wall_ns", tm_json_take_real, AT(weekly.wall_ns), false}, {"cpu_ns", tm_json_take_real, AT(weekly.cpu_ns), false},
    {"latency", take_weekly_latency, AT(weekly), false},       {"values", tm_dump_take_values, AT(weekly), false},
};

static const struct tm_json_field run_fields[] = {
    NAME("project", fact.project, true),
    NAME("run", fact.run.run.key, true),
    {"started_at", tm_json_take_time, AT(fact.run.run.started_at), true},
    NAME("branch", fact.run.run.branch, true),
    NAME("host", fact.run.run.host, true),
    NAME("commit_id", fact.run.run.commit_id, false),
    NAME("version", fact.run.run.version, false),
    NAME("repeat_of", fact.run.run.repeat_of, false),
    NAME("tool", fact.run.run.tool, false),
    NAME("part", fact.run.run.part, false),
};

static const struct tm_json_field spike_fields[] = {
    NAME("run", run, true),
    {"at_ms", tm_json_take_real, AT(spike.at_ms), true},
    {"duration_ms", tm_json_take_real, AT(spike.duration_ms), false},
    {"cpu_percent", tm_json_take_real, AT(spike.cpu_percent), true},
    NAME("plugin", spike.plugin, false),
};

static const struct tm_json_field decision_fields[] = {
    NAME("project", fact.project, true),
    {"number", tm_json_take_count, AT(fact.decision.number), true},
    NAME("kind", fact.decision.kind, true),
    NAME("plugin", fact.decision.plugin, false),
    NAME("metric", fact.decision.metric, false),
    NAME("host", fact.decision.host, false),
    NAME("branch", fact.decision.branch, false),
    NAME("from_run", fact.decision.from_run, false),
    {"from_at", tm_json_take_time, AT(fact.decision.from_at), false},
    NAME("made_run", fact.decision.made_run, false),
    {"made_run_at", tm_json_take_time, AT(fact.decision.made_run_at), true},
    {"ceiling", tm_json_take_real, AT(fact.decision.ceiling), false},
    {"until", tm_json_take_time, AT(fact.decision.until), false},
    NAME("reason", fact.decision.reason, true),
    NAME("issue", fact.decision.issue, false),
    NAME("made_by", fact.decision.made_by, false),
    {"made_at", tm_json_take_time, AT(fact.decision.made_at), true},
    {"adoption", tm_json_take_count, AT(fact.decision.adoption), false},
    NAME("source", fact.decision.source, false),
};

static const struct tm_json_field judged_fields[] = {
    NAME("project", fact.project, true),
    NAME("branch", fact.lineage.branch, true),
    NAME("host", fact.lineage.host, true),
    NAME("base", fact.lineage.base, true),
    {"settings", tm_json_take_line, AT(fact.lineage.settings), false},
};

static const struct tm_json_field decisions_fields[] = {
    {"last", tm_json_take_count, AT(fact.last_decision), true},
};

static const struct tm_json_field header_fields[] = {
    NAME("format", format, true),
    {"version", tm_json_take_count, AT(version), true},
};

#define FIELDS(of) of, sizeof of / sizeof *of

static const struct {
    const char *name;
    const struct tm_json_field *fields;
    size_t n;
} types[TM_DUMP_TYPES] = {
    [TM_DUMP_HOST] = {"host", FIELDS(host_fields)},
    [TM_DUMP_METRIC] = {"metric", FIELDS(metric_fields)},
    [TM_DUMP_WEEK] = {"week", FIELDS(week_fields)},
    [TM_DUMP_WEEKLY] = {"weekly", FIELDS(weekly_fields)},
    [TM_DUMP_RUN] = {"run", FIELDS(run_fields)},
    [TM_DUMP_PROFILE] = {"profile", NULL, 0}, /* below */
    [TM_DUMP_SPIKE] = {"spike", FIELDS(spike_fields)},
    [TM_DUMP_DECISION] = {"decision", FIELDS(decision_fields)},
    [TM_DUMP_JUDGED] = {"judged", FIELDS(judged_fields)},
    [TM_DUMP_DECISIONS] = {"decisions", FIELDS(decisions_fields)},
    [TM_DUMP_END] = {"end", NULL, 0},
    [TM_DUMP_HEADER] = {"", FIELDS(header_fields)},
};

enum tm_dump_type tm_dump_type_named(const char *name, size_t size)
{
    enum tm_dump_type type = 0;
    while (type < TM_DUMP_HEADER && (strlen(types[type].name) != size || memcmp(types[type].name, name, size) != 0))
        type++;
    return type == TM_DUMP_HEADER ? TM_DUMP_TYPES : type;
}

static bool read_profile(struct tm_json *json, struct tm_dump_line *line)
{
    enum { OTHERS = 4 };
    struct tm_json_field fields[TM_FIELDS_MAX + OTHERS] = {NAME("run", run, true),
                                                           NAME("plugin", profile.plugin, true),
                                                           {"latency", take_latency, AT(profile), false},
                                                           {"readings", take_readings, AT(profile), false}};
    for (size_t i = 0; i < tm_n_fields; i++) {
        const struct tm_field *field = &tm_fields[i];
        fields[OTHERS + i] = (struct tm_json_field){field->column,
                                                    field->type == TM_FIELD_COUNT  ? tm_json_take_count
                                                    : field->type == TM_FIELD_REAL ? tm_json_take_real
                                                                                   : tm_json_take_name,
                                                    AT(profile) + field->at, field->required};
    }
    return tm_json_read_strict(json, fields, OTHERS + tm_n_fields, line);
}

bool tm_dump_read_line(struct tm_json *json, enum tm_dump_type type, struct tm_dump_line *line)
{
    *line = (struct tm_dump_line){.profile = TM_PROFILE_INIT, .spike = {.duration_ms = NAN}};
    line->weekly = (struct tm_week_plugin){.errors = TM_UNKNOWN, .wall_ns = NAN, .cpu_ns = NAN};
    if (type == TM_DUMP_WEEK)
        line->fact.week = (struct tm_week_fact){0};
    if (type == TM_DUMP_HOST)
        line->fact.host = (struct tm_host_fact){.cores = TM_UNKNOWN, .memory_gib = TM_UNKNOWN};
    if (type == TM_DUMP_DECISION)
        line->fact.decision =
            (struct tm_decision_fact){.from_at = TM_UNKNOWN, .ceiling = NAN, .until = TM_UNKNOWN, .adoption = TM_UNKNOWN};
    if (type == TM_DUMP_PROFILE)
        return read_profile(json, line);
    return tm_json_read_strict(json, types[type].fields, types[type].n, line);
}
