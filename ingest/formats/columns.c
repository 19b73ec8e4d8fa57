#include "ingest/formats/columns.h"

#include <string.h>

#include "schema/tidemark.h"

struct unit {
    const char *suffix, *name;
    int shift;     /* to nanoseconds, a power of ten */
    double factor; /* to bytes, a power of two */
};

static const struct unit times[] = {
    {"_ms", "ms", 6, 1}, {"_us", "us", 3, 1}, {"_ns", "ns", 0, 1}, {"_s", "s", 9, 1}, {NULL, NULL, 0, 0}};
static const struct unit sizes[] = {
    {"_kb", "KiB", 0, 1024},
    {"_kib", "KiB", 0, 1024},
    {"_mb", "MiB", 0, 1048576},
    {"_mib", "MiB", 0, 1048576},
    {"_gb", "GiB", 0, 1073741824},
    {"_gib", "GiB", 0, 1073741824},
    {"_bytes", "B", 0, 1},
    {"_b", "B", 0, 1},
    {NULL, NULL, 0, 0},
};
static const struct unit others[] = {{"_percent", "%", 0, 1}, {"_pct", "%", 0, 1}, {"_count", "count", 0, 1}, {NULL, NULL, 0, 0}};

/* Measurements, whose column names end in a unit. */
static const struct measurement {
    const char *name, *meaning;
    size_t at;
    const struct unit *units;
    bool may_fall;
} measurements[] = {
    {"wall", "wall_ms", offsetof(struct tm_profile, wall_ns), times, false},
    {"cpu", "cpu_ms", offsetof(struct tm_profile, cpu_ns), times, false},
    {"mem_delta", "mem_delta_kb", offsetof(struct tm_profile, mem_delta_bytes), sizes, true},
    {"memory_delta", "mem_delta_kb", offsetof(struct tm_profile, mem_delta_bytes), sizes, true},
    {"peak_mem", "peak_mem_kb", offsetof(struct tm_profile, peak_mem_bytes), sizes, false},
    {"peak_memory", "peak_mem_kb", offsetof(struct tm_profile, peak_mem_bytes), sizes, false},
    {"wall_p50", "wall_p50_ms", offsetof(struct tm_profile, wall_p50_ns), times, false},
    {"p50", "wall_p50_ms", offsetof(struct tm_profile, wall_p50_ns), times, false},
    {"wall_p95", "wall_p95_ms", offsetof(struct tm_profile, wall_p95_ns), times, false},
    {"p95", "wall_p95_ms", offsetof(struct tm_profile, wall_p95_ns), times, false},
    {"wall_p99", "wall_p99_ms", offsetof(struct tm_profile, wall_p99_ns), times, false},
    {"p99", "wall_p99_ms", offsetof(struct tm_profile, wall_p99_ns), times, false},
    {"wall_max", "wall_max_ms", offsetof(struct tm_profile, wall_max_ns), times, false},
    {"max", "wall_max_ms", offsetof(struct tm_profile, wall_max_ns), times, false},
    {"occupied", "occupied_ms", offsetof(struct tm_profile, occupied_ns), times, false},
    {"longest_step", "longest_step_ms", offsetof(struct tm_profile, longest_step_ns), times, false},
};

static const struct tm_column plain[] = {
    {.kind = TM_COLUMN_PLUGIN, .meaning = "plugin"},
    {.kind = TM_COLUMN_COUNT, .meaning = "calls", .at = offsetof(struct tm_profile, calls)},
    {.kind = TM_COLUMN_COUNT, .meaning = "errors", .at = offsetof(struct tm_profile, errors)},
    {.kind = TM_COLUMN_COUNT, .meaning = "cancelled", .at = offsetof(struct tm_profile, cancelled)},
    {.kind = TM_COLUMN_COUNT, .meaning = "timeouts", .at = offsetof(struct tm_profile, timeouts)},
    {.kind = TM_COLUMN_TEXT, .meaning = "clock", .at = offsetof(struct tm_profile, clock)},
    {.kind = TM_COLUMN_TEXT, .meaning = "plugin_version", .at = offsetof(struct tm_profile, plugin_version)},
    {.kind = TM_COLUMN_IGNORED, .meaning = "call"},
    {.kind = TM_COLUMN_RUN_TEXT, .meaning = "run", .slot = TM_RUN_KEY},
    {.kind = TM_COLUMN_RUN_TEXT, .meaning = "started_at", .slot = TM_RUN_STARTED_AT},
    {.kind = TM_COLUMN_RUN_TEXT, .meaning = "branch", .slot = TM_RUN_BRANCH},
    {.kind = TM_COLUMN_RUN_TEXT, .meaning = "commit", .slot = TM_RUN_COMMIT},
    {.kind = TM_COLUMN_RUN_TEXT, .meaning = "host", .slot = TM_RUN_HOST},
    {.kind = TM_COLUMN_RUN_TEXT, .meaning = "version", .slot = TM_RUN_VERSION},
};

/* Other names that people and tools use. */
static const struct {
    const char *name, *meaning;
} aliases[] = {{"run_id", "run"}, {"commit_id", "commit"}, {"error", "errors"}};

const char *tm_run_slot_name(enum tm_run_slot slot)
{
    static const char *const names[] = {"run", "started_at", "branch", "commit", "host", "version"};
    return names[slot];
}

static const struct unit *unit_behind(const char *name, size_t stem, const struct unit *units)
{
    for (; units->suffix; units++)
        if (strcmp(name + stem, units->suffix) == 0)
            return units;
    return NULL;
}

static bool understand_plain(struct tm_column *column, const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i].name) == 0)
            name = aliases[i].meaning;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(name, plain[i].meaning) == 0) {
            *column = plain[i];
            return true;
        }
    return false;
}

/* 1: a measurement; 0: none; -1: one without a unit that we know. */
static int understand_measurement(struct tm_column *column, const char *name)
{
    int result = 0;
    for (size_t i = 0; i < sizeof measurements / sizeof *measurements; i++) {
        const struct measurement *m = &measurements[i];
        size_t stem = strlen(m->name);
        if (strncmp(name, m->name, stem) != 0)
            continue;
        const struct unit *unit = unit_behind(name, stem, m->units);
        if (unit) {
            *column = (struct tm_column){.kind = TM_COLUMN_REAL,
                                         .meaning = m->meaning,
                                         .at = m->at,
                                         .shift = unit->shift,
                                         .factor = unit->factor,
                                         .may_fall = m->may_fall};
            return 1;
        }
        if (name[stem] == '\0') {
            column->unit = m->units->suffix;
            result = -1;
        }
    }
    return result;
}

static const char *unit_of_metric(const char *name)
{
    static const struct unit *const kinds[] = {times, sizes, others};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (const struct unit *unit = kinds[k]; unit->suffix; unit++) {
            size_t size = strlen(name), suffix = strlen(unit->suffix);
            if (size > suffix && strcmp(name + size - suffix, unit->suffix) == 0)
                return unit->name;
        }
    return NULL;
}

int tm_column_understand(struct tm_column *column, const char *name)
{
    if (understand_plain(column, name))
        return 0;
    int measured = understand_measurement(column, name);
    if (measured == 0)
        *column = (struct tm_column){.kind = TM_COLUMN_METRIC, .meaning = name, .unit = unit_of_metric(name)};
    return measured < 0 ? -1 : 0;
}
