/* What a column is, told by its name alone: the part of the run it speaks of, a field of a
 * profile with a unit in its name, or else a metric of the project's own. Every name that a
 * project's tool may write for a field is in the tables here; the fields themselves are
 * schema/fields.c's.
 *
 * A known measurement without a unit is a fault, never a guess: ms taken for seconds would pass
 * every check. */
#include "ingest/formats/csv_columns.h"

#include <string.h>

#include "schema/fields.h"

struct unit {
    const char *suffix, *name;
    int shift;     /* to nanoseconds, a power of ten */
    double factor; /* to bytes, a power of two */
};

/* Times are powers of ten of a nanosecond, so the decimal point moves and nothing is rounded;
 * sizes are powers of two of a byte. kb means 1024 here, as in the output of every tool that
 * writes peak_mem_kb. The first of each list is the one that a message proposes. */
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
/* Units of a project's own metrics only. */
static const struct unit others[] = {{"_percent", "%", 0, 1}, {"_pct", "%", 0, 1}, {"_count", "count", 0, 1}, {NULL, NULL, 0, 0}};

/* Other names of measurements, without the unit. */
static const struct {
    const char *stem, *meaning;
} stems[] = {
    {"memory_delta", "mem_delta_kb"}, {"peak_memory", "peak_mem_kb"}, {"p50", "wall_p50_ms"},
    {"p95", "wall_p95_ms"},           {"p99", "wall_p99_ms"},         {"max", "wall_max_ms"},
};

/* What is no field of a profile. */
static const struct tm_column other_columns[] = {
    {.kind = TM_COLUMN_PLUGIN, .meaning = "plugin"},
    {.kind = TM_COLUMN_IGNORED, .meaning = "call"},
    {.kind = TM_COLUMN_SKETCH, .meaning = TM_SKETCH_COLUMN},
};

/* Other names of columns without a unit. */
static const struct {
    const char *name, *meaning;
} aliases[] = {{"run_id", "run"}, {"commit_id", "commit"}, {"error", "errors"}};

/* The unit whose suffix is all that follows the stem; NULL: none. */
static const struct unit *unit_behind(const char *name, size_t stem, const struct unit *units)
{
    for (; units->suffix; units++)
        if (strcmp(name + stem, units->suffix) == 0)
            return units;
    return NULL;
}

/* Names that need no unit: the run's, the plugin, counts and texts. */
static bool understand_plain(struct tm_column *column, const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i].name) == 0)
            name = aliases[i].meaning;
    for (size_t i = 0; i < sizeof other_columns / sizeof *other_columns; i++)
        if (strcmp(name, other_columns[i].meaning) == 0) {
            *column = other_columns[i];
            return true;
        }
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++)
        if (strcmp(name, tm_run_slot_name((enum tm_run_slot)slot)) == 0) {
            *column =
                (struct tm_column){.kind = TM_COLUMN_RUN_TEXT, .meaning = tm_run_slot_name((enum tm_run_slot)slot), .slot = slot};
            return true;
        }
    const struct tm_field *field = tm_field_named(name);
    if (!field || field->type == TM_FIELD_REAL)
        return false;
    *column = (struct tm_column){
        .kind = field->type == TM_FIELD_COUNT ? TM_COLUMN_COUNT : TM_COLUMN_TEXT, .meaning = field->name, .at = field->at};
    return true;
}

/* 1: `name` is `stem` (of that size) with a unit; 0: it is not; -1: it is the bare stem, which
 * says no unit. */
static int understand_stem(struct tm_column *column, const char *name, const char *stem, size_t size, const struct tm_field *field)
{
    const struct unit *units = field->unit == TM_UNIT_TIME ? times : sizes;
    if (strncmp(name, stem, size) != 0)
        return 0;
    const struct unit *unit = unit_behind(name, size, units);
    if (unit) {
        *column = (struct tm_column){.kind = TM_COLUMN_REAL,
                                     .meaning = field->name,
                                     .at = field->at,
                                     .shift = unit->shift,
                                     .factor = unit->factor,
                                     .may_fall = field->may_fall};
        return 1;
    }
    if (name[size] != '\0')
        return 0;
    column->unit = units->suffix;
    return -1;
}

/* 1: a measurement; 0: none; -1: one without a unit that we know. */
/* A field's stem is its name without its own unit: wall_ms stands for wall_us and wall_s as
 * well. */
static int understand_measurement(struct tm_column *column, const char *name)
{
    int result = 0;
    for (size_t i = 0; i < tm_n_fields && result == 0; i++)
        if (tm_fields[i].type == TM_FIELD_REAL)
            result = understand_stem(column, name, tm_fields[i].name, (size_t)(strrchr(tm_fields[i].name, '_') - tm_fields[i].name),
                                     &tm_fields[i]);
    for (size_t i = 0; i < sizeof stems / sizeof *stems && result == 0; i++)
        result = understand_stem(column, name, stems[i].stem, strlen(stems[i].stem), tm_field_named(stems[i].meaning));
    return result;
}

/* A metric may have any name; where it ends as one of ours does, that says its unit. */
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
