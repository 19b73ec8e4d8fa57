/* The grammar is small: a value is begun, or a key, or something ends. Which of them may come is
 * told by the level in hand alone: whether it is an array, whether it has had a member, and
 * whether a key waits for its value. */
#include "ingest/json_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

static const unsigned char MARK[] = {0xef, 0xbb, 0xbf}; /* UTF-8's byte order mark */

void tm_json_begin(struct tm_json *json, struct tm_source *source, struct tm_diag *diag)
{
    json->source = source;
    json->diag = diag;
    json->lines = json->trouble = false;
    json->token = TM_JSON_NULL;
    json->at = json->filled = json->n_keys = 0;
    json->ended = json->wants_value = false;
    json->n_large = 0;
    json->now_line = json->line = json->column = 1;
    json->line_start = json->before = json->serial = 0;
    json->depth = 0;
    tm_hash_free(&json->many);
    tm_arena_reset(&json->texts);
    if (source->head_size >= sizeof MARK && memcmp(source->head, MARK, sizeof MARK) == 0) {
        tm_source_read(source, json->buffer, sizeof MARK);
        json->before = sizeof MARK;
    }
}

void tm_json_free(struct tm_json *json)
{
    tm_hash_free(&json->many);
    tm_arena_free(&json->texts);
    free(json->keys);
    free(json->text);
}

/* The key in hand is the object's first of that name. */
static bool note_key(struct tm_json *json)
{
    struct tm_json_level *level = &json->levels[json->depth - 1];
    uint64_t hash = tm_hash_text(json->text, json->size);
    size_t n = json->n_keys - level->keys_from;
    char shown[TM_SHOWN_SIZE];
    bool twice = false;
    for (size_t i = 0; i < n && n <= TM_JSON_KEYS; i++)
        twice = twice || json->keys[level->keys_from + i] == hash;
    const uint64_t serial = level->serial * 0x9e3779b97f4a7c15u; /* the odd number nearest to 2^64 divided by the golden ratio */
    if (n > TM_JSON_KEYS)
        twice = tm_hash_find(&json->many, hash ^ serial, NULL, NULL);
    if (twice)
        return tm_json_fault(json, "found the key '%s' twice in an object", tm_shown(json->text, json->size, shown));
    /* From the first one too many on, all of the object's are in the table. */
    for (size_t i = 0; i < n && n == TM_JSON_KEYS; i++)
        if (tm_hash_add(&json->many, json->keys[level->keys_from + i] ^ serial, 1) != 0)
            return tm_json_no_memory(json);
    json->n_large += n == TM_JSON_KEYS;
    level->large = level->large || n == TM_JSON_KEYS;
    if (n >= TM_JSON_KEYS && tm_hash_add(&json->many, hash ^ serial, 1) != 0)
        return tm_json_no_memory(json);
    if (n > TM_JSON_KEYS)
        return true;
    if (tm_array_reserve(&json->keys, &json->keys_room, json->n_keys + 1, sizeof *json->keys) != 0)
        return tm_json_no_memory(json);
    json->keys[json->n_keys++] = hash;
    return true;
}

static enum tm_json_token open_level(struct tm_json *json, bool array)
{
    if (json->depth == TM_JSON_DEPTH) {
        tm_json_fault(json, "found more than %d objects and arrays in one another", TM_JSON_DEPTH);
        return TM_JSON_FAILED;
    }
    json->levels[json->depth++] = (struct tm_json_level){.array = array, .serial = ++json->serial, .keys_from = json->n_keys};
    return array ? TM_JSON_ARRAY : TM_JSON_OBJECT;
}

static enum tm_json_token close_level(struct tm_json *json)
{
    const struct tm_json_level *level = &json->levels[--json->depth];
    json->n_keys = level->keys_from;
    /* The table goes with the last object that has keys in it: it does not grow with the file. */
    json->n_large -= level->large;
    if (level->large && json->n_large == 0)
        tm_hash_free(&json->many);
    return level->array ? TM_JSON_ARRAY_END : TM_JSON_OBJECT_END;
}

static enum tm_json_token take_key(struct tm_json *json, int c)
{
    if (c != '"') {
        tm_json_fault(json, c < 0 ? "found the end of the file, expected a key" : "found something else, expected a key in quotes");
        return TM_JSON_FAILED;
    }
    json->at++;
    if (!tm_json_scan_text(json) || !note_key(json))
        return TM_JSON_FAILED;
    if (tm_json_pass_blanks(json) != ':') {
        tm_json_fault(json, "found no ':' behind a key");
        return TM_JSON_FAILED;
    }
    json->at++;
    json->wants_value = true;
    return TM_JSON_KEY;
}

static enum tm_json_token take_value(struct tm_json *json, int c)
{
    json->wants_value = false;
    switch (c) {
    case '{':
    case '[':
        json->at++;
        return open_level(json, c == '[');
    case '"':
        json->at++;
        return tm_json_scan_text(json) ? TM_JSON_TEXT_VALUE : TM_JSON_FAILED;
    case -1:
        tm_json_fault(json, "found the end of the file, expected a value");
        return TM_JSON_FAILED;
    default:
        return tm_json_scan_word(json);
    }
}

/* Within an object or an array: a comma, the end, or what stands first. */
static enum tm_json_token take_member(struct tm_json *json)
{
    struct tm_json_level *level = &json->levels[json->depth - 1];
    int c = tm_json_pass_blanks(json);
    tm_json_mark_place(json);
    if (c == (level->array ? ']' : '}')) {
        json->at++;
        return close_level(json);
    }
    if (level->any && c != ',') {
        tm_json_fault(json, "found %s, expected ',' or '%c'", c < 0 ? "the end of the file" : "something else",
                      level->array ? ']' : '}');
        return TM_JSON_FAILED;
    }
    if (level->any) {
        json->at++;
        c = tm_json_pass_blanks(json);
        tm_json_mark_place(json);
    }
    level->any = true;
    return level->array ? take_value(json, c) : take_key(json, c);
}

/* Outside of everything: the document, the end, or in a file of lines another document. */
static enum tm_json_token take_top(struct tm_json *json)
{
    int c = tm_json_pass_blanks(json);
    tm_json_mark_place(json);
    if (c < 0 && json->token != TM_JSON_FAILED && (json->serial > 0 || json->lines))
        return TM_JSON_END;
    if (json->serial > 0 && !json->lines) {
        tm_json_fault(json, "found something behind the end of the document");
        return TM_JSON_FAILED;
    }
    json->serial++;
    return take_value(json, c);
}

enum tm_json_token tm_json_next(struct tm_json *json)
{
    if (json->token == TM_JSON_FAILED)
        return TM_JSON_FAILED;
    enum tm_json_token token;
    if (json->wants_value) {
        int c = tm_json_pass_blanks(json);
        tm_json_mark_place(json);
        token = take_value(json, c);
    } else {
        token = json->depth > 0 ? take_member(json) : take_top(json);
    }
    /* A fault while reading on is the token, whatever came of it. */
    return json->token = json->token == TM_JSON_FAILED ? TM_JSON_FAILED : token;
}

void tm_json_skip(struct tm_json *json)
{
    int depth = json->depth;
    if (json->token != TM_JSON_OBJECT && json->token != TM_JSON_ARRAY)
        return;
    bool more = true;
    while (more && json->depth >= depth)
        more = tm_json_next(json) != TM_JSON_FAILED;
}
