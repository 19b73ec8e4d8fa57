/* Programs write a number as a text now and then, and null for what they have not measured: both
 * are taken for what they mean. What is of another type altogether is a fault: a reader that
 * passed over it would call a file of another program an empty one. */
#include "ingest/json_read.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "ingest/number.h"

bool tm_json_take_text(struct tm_json *json, struct tm_json_text *text)
{
    char shown[64];
    if (json->token == TM_JSON_NULL)
        return true;
    if (json->token != TM_JSON_TEXT_VALUE && json->token != TM_JSON_NUMBER)
        return tm_json_fault(json, "found %s, expected a text", tm_json_found(json, shown));
    text->text = tm_arena_text(&json->texts, json->text, json->size);
    text->size = json->size;
    return text->text || tm_json_no_memory(json);
}

/* What programs write in quotes for a number that there is not. */
static bool says_none(const char *text)
{
    static const char *const none[] = {"", "NaN", "nan", "Infinity", "-Infinity", "inf", "-inf"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (strcmp(text, none[i]) == 0)
            return true;
    return false;
}

bool tm_json_take_number(struct tm_json *json, double *number)
{
    char shown[64];
    *number = NAN;
    if (json->token == TM_JSON_NULL || json->token == TM_JSON_NO_NUMBER ||
        (json->token == TM_JSON_TEXT_VALUE && says_none(json->text)))
        return true;
    if (json->token == TM_JSON_NUMBER)
        *number = json->number;
    else if (json->token != TM_JSON_TEXT_VALUE || tm_parse_real(json->text, json->size, 0, number) != TM_NUMBER_OK)
        return tm_json_fault(json, "found %s, expected a number", tm_json_found(json, shown));
    return true;
}

static bool read_bool(struct tm_json *json, bool *value)
{
    char shown[64];
    if (json->token != TM_JSON_TRUE && json->token != TM_JSON_FALSE && json->token != TM_JSON_NULL)
        return tm_json_fault(json, "found %s, expected true or false", tm_json_found(json, shown));
    *value = json->token == TM_JSON_TRUE;
    return true;
}

static const struct tm_json_member *member_named(const struct tm_json_member *members, size_t n, const char *name, size_t size)
{
    for (size_t i = 0; i < n; i++)
        if (!members[i].name || (strlen(members[i].name) == size && memcmp(members[i].name, name, size) == 0))
            return &members[i];
    return NULL;
}

/* Goes to the end of the value that a reader has taken a part of, or nothing: one of a type that it passes over. */
static void finish_value(struct tm_json *json, int depth)
{
    while (json->depth > depth && json->token != TM_JSON_FAILED)
        tm_json_next(json);
}

static void read_value(struct tm_json *json, const struct tm_json_member *member, void *into)
{
    void *at = (char *)into + member->at;
    int depth = json->depth - (json->token == TM_JSON_OBJECT || json->token == TM_JSON_ARRAY);
    if (member->want == TM_JSON_A_TEXT)
        tm_json_take_text(json, at);
    else if (member->want == TM_JSON_A_NUMBER)
        tm_json_take_number(json, at);
    else if (member->want == TM_JSON_A_BOOL)
        read_bool(json, at);
    else
        member->read(json, at);
    finish_value(json, depth);
}

bool tm_json_read(struct tm_json *json, const struct tm_json_member *members, size_t n, void *into)
{
    char shown[64];
    if (json->token != TM_JSON_OBJECT)
        return tm_json_fault(json, "found %s, expected an object", tm_json_found(json, shown));
    while (tm_json_next(json) == TM_JSON_KEY) {
        const struct tm_json_member *member = member_named(members, n, json->text, json->size);
        if (member && !member->name)
            json->key = (struct tm_json_text){tm_arena_text(&json->texts, json->text, json->size), json->size};
        tm_json_next(json);
        if (!member)
            tm_json_skip(json);
        else if (!member->name && !json->key.text)
            tm_json_no_memory(json);
        else if (json->token != TM_JSON_FAILED)
            read_value(json, member, into);
    }
    return json->token == TM_JSON_OBJECT_END;
}

bool tm_json_each(struct tm_json *json, void (*read)(struct tm_json *json, void *into), void *into)
{
    char shown[64];
    if (json->token == TM_JSON_NULL)
        return true;
    if (json->token != TM_JSON_ARRAY)
        return tm_json_fault(json, "found %s, expected an array", tm_json_found(json, shown));
    int depth = json->depth;
    while (tm_json_next(json) != TM_JSON_ARRAY_END && json->token != TM_JSON_FAILED) {
        read(json, into);
        finish_value(json, depth);
    }
    return json->token == TM_JSON_ARRAY_END;
}
