/* The types of a dump's lines, and the members of each. */
#ifndef TM_INGEST_DUMP_LINES_H
#define TM_INGEST_DUMP_LINES_H

#include "ingest/json_strict.h"
#include "schema/facts.h"
#include "schema/fields.h"

/* What a line is read into; each type fills in a part. */
struct tm_dump_line {
    struct tm_fact fact;
    struct tm_profile profile;
    struct tm_spike spike;
    struct tm_week_plugin weekly;
    const char *run;   /* of a profile or a spike */
    int64_t begins_at; /* of what a week has of a plugin */
    const char *format;
    int64_t version;
};

enum tm_dump_type {
    TM_DUMP_HOST,
    TM_DUMP_METRIC,
    TM_DUMP_WEEK,
    TM_DUMP_WEEKLY,
    TM_DUMP_RUN,
    TM_DUMP_PROFILE,
    TM_DUMP_SPIKE,
    TM_DUMP_DECISION,
    TM_DUMP_JUDGED,
    TM_DUMP_DECISIONS,
    TM_DUMP_END,
    TM_DUMP_HEADER, /* the first line, which has no type */
    TM_DUMP_TYPES
};

/* TM_DUMP_TYPES: none. */
enum tm_dump_type tm_dump_type_named(const char *name, size_t size);

/* The line's remaining members, the type having been read. False after a fault. */
bool tm_dump_read_line(struct tm_json *json, enum tm_dump_type type, struct tm_dump_line *line);

#endif
