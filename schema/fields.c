/* One row per field of a profile. A new field is a row here, a member of struct tm_profile, a
 * column in a migration and its place in views.sql and queries.sql; everything else follows. */
#include "schema/fields.h"

#include <math.h>
#include <string.h>

#define AT(member) .at = offsetof(struct tm_profile, member)

/* The order is that of the recorder's file, and of the statements that write: first the fields
 * of the table profile, then those of recording. */
const struct tm_field tm_fields[] = {
    {"calls", "calls", TM_FIELD_COUNT, .required = true, .in_key = true, AT(calls)},
    {"errors", "errors", TM_FIELD_COUNT, .in_key = true, AT(errors)},
    {"wall_ms", "wall_ns", TM_FIELD_REAL, TM_UNIT_TIME, .in_key = true, AT(wall_ns)},
    {"cpu_ms", "cpu_ns", TM_FIELD_REAL, TM_UNIT_TIME, .in_key = true, AT(cpu_ns)},
    {"mem_delta_kb", "mem_delta_bytes", TM_FIELD_REAL, TM_UNIT_SIZE, .may_fall = true, .in_key = true, AT(mem_delta_bytes)},
    {"peak_mem_kb", "peak_mem_bytes", TM_FIELD_REAL, TM_UNIT_SIZE, .in_key = true, AT(peak_mem_bytes)},
    {"wall_p50_ms", "wall_p50_ns", TM_FIELD_REAL, TM_UNIT_TIME, .in_key = true, AT(wall_p50_ns)},
    {"wall_p95_ms", "wall_p95_ns", TM_FIELD_REAL, TM_UNIT_TIME, .in_key = true, AT(wall_p95_ns)},
    {"wall_p99_ms", "wall_p99_ns", TM_FIELD_REAL, TM_UNIT_TIME, .in_key = true, AT(wall_p99_ns)},
    {"wall_max_ms", "wall_max_ns", TM_FIELD_REAL, TM_UNIT_TIME, .in_key = true, AT(wall_max_ns)},
    {"occupied_ms", "occupied_ns", TM_FIELD_REAL, TM_UNIT_TIME, .recorder = true, .in_key = true, AT(occupied_ns)},
    {"longest_step_ms", "longest_step_ns", TM_FIELD_REAL, TM_UNIT_TIME, .recorder = true, .in_key = true, AT(longest_step_ns)},
    {"cancelled", "cancelled", TM_FIELD_COUNT, .recorder = true, .in_key = true, AT(cancelled)},
    {"timeouts", "timeouts", TM_FIELD_COUNT, .recorder = true, .in_key = true, AT(timeouts)},
    {"clock", "clock", TM_FIELD_TEXT, .recorder = true, AT(clock)},
    {"plugin_version", "plugin_version", TM_FIELD_TEXT, .recorder = true, AT(plugin_version)},
};
const size_t tm_n_fields = sizeof tm_fields / sizeof *tm_fields;
_Static_assert(sizeof tm_fields / sizeof *tm_fields <= TM_FIELDS_MAX, "more fields than arrays have room for");

/* Stored in nanoseconds and bytes, whole numbers; shown in ms and KiB. */
double tm_field_factor(const struct tm_field *field)
{
    return field->unit == TM_UNIT_TIME ? 1e6 : field->unit == TM_UNIT_SIZE ? 1024 : 1;
}

/* Some twenty, looked up once a column: no table is worth it. */
const struct tm_field *tm_field_named(const char *name)
{
    for (size_t i = 0; i < tm_n_fields; i++)
        if (strcmp(tm_fields[i].name, name) == 0)
            return &tm_fields[i];
    return NULL;
}

bool tm_explains_times(const char *metric)
{
    static const char *const names[] = {TM_METRIC_HELD, TM_METRIC_HELD_OTHERS, TM_METRIC_PREEMPTED};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(metric, names[i]) == 0)
            return true;
    return false;
}

double tm_reading_of(const struct tm_profile *profile, const char *metric)
{
    for (size_t i = 0; i < profile->n_readings; i++)
        if (strcmp(profile->readings[i].metric, metric) == 0)
            return profile->readings[i].value;
    return NAN;
}

/* FNV-1a, a byte at a time: the keys of stored runs were made with it. */
static uint64_t mix_bytes(uint64_t hash, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    return hash;
}

/* Least byte first, on every machine. */
static uint64_t mix_number(uint64_t hash, uint64_t number)
{
    for (int shift = 0; shift < 64; shift += 8)
        hash = (hash ^ (number >> shift & 0xff)) * 0x100000001b3u;
    return hash;
}

static uint64_t mix_real(uint64_t hash, double value)
{
    uint64_t bits;
    if (isnan(value))
        value = NAN; /* one of its many spellings */
    memcpy(&bits, &value, sizeof bits);
    return mix_number(hash, bits);
}

/* The end is a byte that no UTF-8 has, another one where there is no text. */
uint64_t tm_hash_on(uint64_t hash, const char *text)
{
    return mix_bytes(text ? mix_bytes(hash, text, strlen(text)) : hash, text ? "\xff" : "\xfe", 1);
}

/* Values alone, in the order of the table: a field added later enters with its name, so it cannot
 * pass for another one's value. */
uint64_t tm_profile_hash(const struct tm_profile *profile)
{
    uint64_t hash = mix_bytes(TM_HASH_START, profile->plugin, strlen(profile->plugin));
    for (size_t i = 0; i < tm_n_fields; i++) {
        const struct tm_field *field = &tm_fields[i];
        if (field->type == TM_FIELD_TEXT || (!field->in_key && !tm_field_known(field, profile)))
            continue;
        if (!field->in_key)
            hash = mix_bytes(hash, field->name, strlen(field->name));
        hash = field->type == TM_FIELD_COUNT ? mix_number(hash, (uint64_t)tm_field_count(field, profile))
                                             : mix_real(hash, tm_field_real(field, profile));
    }
    for (size_t i = 0; i < profile->n_readings; i++) {
        const struct tm_reading *reading = &profile->readings[i];
        hash = mix_real(mix_bytes(hash, reading->metric, strlen(reading->metric)), reading->value);
    }
    return hash;
}
