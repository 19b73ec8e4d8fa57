/* A file that Tidemark wrote holds what Tidemark writes: anything else in it is damage, or comes from a newer version, and passing
 * over it would lose what somebody has kept. */
#include "ingest/json_strict.h"

#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "ingest/number.h"
#include "schema/valid.h"

static bool expected(struct tm_json *json, const char *what)
{
    char shown[64];
    return tm_json_fault(json, "found %s, expected %s", tm_json_found(json, shown), what);
}

static bool take_text(struct tm_json *json, const char **text)
{
    *text = tm_arena_text(&json->texts, json->text, json->size);
    return *text || tm_json_no_memory(json);
}

bool tm_json_take_name(struct tm_json *json, void *into)
{
    char shown[64];
    if (json->token != TM_JSON_TEXT_VALUE && json->token != TM_JSON_KEY)
        return expected(json, "a name");
    const char *fault = tm_name_fault(json->text, json->size);
    if (fault)
        return tm_json_fault(json, "found %s, which %s, expected a name", tm_json_found(json, shown), fault);
    return take_text(json, into);
}

bool tm_json_take_line(struct tm_json *json, void *into)
{
    if (json->token != TM_JSON_TEXT_VALUE || !tm_is_text(json->text, json->size))
        return expected(json, "a text in UTF-8");
    return take_text(json, into);
}

bool tm_json_take_time(struct tm_json *json, void *into)
{
    if (json->token != TM_JSON_TEXT_VALUE || tm_time_parse(json->text, json->size, into) != 0)
        return expected(json, "a time like 2026-11-20T02:00:00Z");
    return true;
}

bool tm_json_take_count(struct tm_json *json, void *into)
{
    if (json->token != TM_JSON_NUMBER || tm_parse_count(json->text, json->size, into) != TM_NUMBER_OK)
        return expected(json, "a whole number from 0 up");
    return true;
}

bool tm_json_take_real(struct tm_json *json, void *into)
{
    if (json->token != TM_JSON_NUMBER) /* one that is too large is none */
        return expected(json, "a number");
    *(double *)into = json->number;
    return true;
}

static size_t field_named(const struct tm_json_field *fields, size_t n, const struct tm_json *json)
{
    size_t at = 0;
    while (at < n && (strlen(fields[at].name) != json->size || memcmp(fields[at].name, json->text, json->size) != 0))
        at++;
    return at;
}

bool tm_json_read_strict(struct tm_json *json, const struct tm_json_field *fields, size_t n, void *into)
{
    uint64_t seen = 0;
    while (tm_json_next(json) == TM_JSON_KEY) {
        char shown[TM_SHOWN_SIZE];
        size_t at = field_named(fields, n, json);
        if (at == n)
            return tm_json_fault(json, "found the member '%s', expected none of that name",
                                 tm_shown(json->text, json->size, shown));
        seen |= UINT64_C(1) << at;
        if (tm_json_next(json) == TM_JSON_FAILED || !fields[at].take(json, (char *)into + fields[at].at))
            return false;
    }
    for (size_t i = 0; i < n && json->token == TM_JSON_OBJECT_END; i++)
        if (fields[i].required && !(seen >> i & 1))
            return tm_json_fault(json, "found the end of the line, expected a member '%s'", fields[i].name);
    return json->token == TM_JSON_OBJECT_END;
}
