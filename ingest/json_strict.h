/* Objects whose members are all known, each of one type: what Tidemark has written itself. What json_read.h lets pass (other
 * members, a number in quotes, null, NaN) is a fault here. */
#ifndef TM_INGEST_JSON_STRICT_H
#define TM_INGEST_JSON_STRICT_H

#include "ingest/json.h"

/* Takes the value whose first token is in hand. False after a fault. */
typedef bool tm_json_take(struct tm_json *json, void *into);

tm_json_take tm_json_take_name;  /* const char *: a name fit to be stored, a key too; texts live in json->texts */
tm_json_take tm_json_take_line;  /* const char *: any text without a NUL */
tm_json_take tm_json_take_time;  /* int64_t: ISO 8601 in quotes */
tm_json_take tm_json_take_count; /* int64_t: a whole number from 0 up */
tm_json_take tm_json_take_real;  /* double: finite */

struct tm_json_field {
    const char *name;
    tm_json_take *take;
    size_t at; /* offset in what is read into */
    bool required;
};

enum { TM_JSON_FIELDS = 64 }; /* that an object may have */

/* Reads the members of the object in hand that are still to come, and its end. */
bool tm_json_read_strict(struct tm_json *json, const struct tm_json_field *fields, size_t n, void *into);

#endif
