/* The fields of a profile: one table from which storing, comparing, checking, the CSV columns, the recorder's file and the default
 * key of a run are driven, and against which a test holds the tables and views.
 *
 * A profile's plugin, its readings and the latency sketch are not in it: the plugin is the row's name, readings have names of their
 * own, and a sketch is no single value. */
#ifndef TM_SCHEMA_FIELDS_H
#define TM_SCHEMA_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/tidemark.h"

enum tm_field_type {
    TM_FIELD_COUNT, /* int64_t, TM_UNKNOWN: not recorded */
    TM_FIELD_REAL,  /* double, NAN: not recorded */
    TM_FIELD_TEXT,  /* const char *, NULL: not recorded */
};

enum tm_field_unit { TM_UNIT_NONE, TM_UNIT_TIME, TM_UNIT_SIZE }; /* nanoseconds, bytes */

struct tm_field {
    const char *name;   /* for people: in views, messages and files; with its unit ("wall_ms"); where it is judged, its metric is
                           called so, too */
    const char *column; /* in the table ("wall_ns") */
    enum tm_field_type type;
    enum tm_field_unit unit;
    bool recorder; /* in the table recording, else in profile */
    bool required; /* a profile without it is refused */
    bool may_fall; /* REAL: may be negative */
    bool in_key;   /* part of the default key also where it is not recorded (tm_profile_hash) */
    size_t at;     /* offset in struct tm_profile */
};

/* No table of fields is longer: the size of arrays with an element for each. */
enum { TM_FIELDS_MAX = 32 };

extern const struct tm_field tm_fields[];
extern const size_t tm_n_fields;

/* What a value of the field is divided by for people: 1e6 (ns to ms), 1024 (bytes to KiB), 1. */
double tm_field_factor(const struct tm_field *field);

/* The field's value in a profile; each only for fields of that type. Here, since they are called for every field of every row. */
static inline int64_t tm_field_count(const struct tm_field *field, const struct tm_profile *profile)
{
    return *(const int64_t *)((const char *)profile + field->at);
}

static inline double tm_field_real(const struct tm_field *field, const struct tm_profile *profile)
{
    return *(const double *)((const char *)profile + field->at);
}

static inline const char *tm_field_text(const struct tm_field *field, const struct tm_profile *profile)
{
    return *(const char *const *)((const char *)profile + field->at);
}

static inline bool tm_field_known(const struct tm_field *field, const struct tm_profile *profile)
{
    if (field->type == TM_FIELD_COUNT)
        return tm_field_count(field, profile) != TM_UNKNOWN;
    if (field->type == TM_FIELD_REAL)
        return !isnan(tm_field_real(field, profile));
    return tm_field_text(field, profile);
}

/* The field whose `name` it is; NULL: none. */
const struct tm_field *tm_field_named(const char *name);

/* A hash of a profile's values, for the default key of a run: it depends on the values alone, not on the machine or on how struct
 * tm_profile lies in memory. A field that is added later enters it only where it is recorded, so that a file that has no such
 * column keeps its key. */
uint64_t tm_profile_hash(const struct tm_profile *profile);

/* Goes on with a hash (FNV-1a, 64 bits; TM_HASH_START begins one) by a text and its end; NULL is not the empty text. */
#define TM_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t tm_hash_on(uint64_t hash, const char *text);

/* Readings of a plugin whose calls were ready while others kept the event loop, and of those that kept it: the judge knows them. */
#define TM_METRIC_HELD        "held_ms"
#define TM_METRIC_HELD_OTHERS "held_others_ms"
#define TM_METRIC_PREEMPTED   "preempted_ms" /* ready, while others had the processors */

/* Is the metric one of these? They explain a plugin's times. */
bool tm_explains_times(const char *metric);

/* The profile's reading of a metric; NAN: it has none. */
double tm_reading_of(const struct tm_profile *profile, const char *metric);

#endif
