/* The grammar is small: a value is begun, or a key, or something ends. Which of them may come is
 * told by the level in hand alone: whether it is an array, whether it has had a member, and
 * whether a key waits for its value.
 *
 * Texts are scanned in the buffer up to what is not plain, and copied in one piece: most have
 * nothing that is not. */
#include "ingest/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "ingest/number.h"

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

struct tm_place tm_json_place(const struct tm_json *json)
{
    return (struct tm_place){json->source->name, json->line, json->column};
}

bool tm_json_fault(struct tm_json *json, const char *format, ...)
{
    va_list arguments;
    const struct tm_place place = tm_json_place(json);
    if (json->token == TM_JSON_FAILED)
        return false;
    va_start(arguments, format);
    tm_diag_verror(json->diag, &place, format, arguments);
    va_end(arguments);
    json->token = TM_JSON_FAILED;
    return false;
}

bool tm_json_no_memory(struct tm_json *json)
{
    json->trouble = json->trouble || json->token != TM_JSON_FAILED;
    return tm_json_fault(json, "out of memory");
}

const char *tm_json_found(const struct tm_json *json, char shown[64])
{
    static const char *const words[] = {
        [TM_JSON_FAILED] = "a fault",      [TM_JSON_END] = "the end",    [TM_JSON_OBJECT] = "an object",
        [TM_JSON_OBJECT_END] = "'}'",      [TM_JSON_ARRAY] = "an array", [TM_JSON_ARRAY_END] = "']'",
        [TM_JSON_KEY] = "a key",           [TM_JSON_TRUE] = "true",      [TM_JSON_FALSE] = "false",
        [TM_JSON_NO_NUMBER] = "no number", [TM_JSON_NULL] = "null",
    };
    if (json->token != TM_JSON_TEXT_VALUE && json->token != TM_JSON_NUMBER)
        return words[json->token];
    char safe[TM_SHOWN_SIZE];
    snprintf(shown, 64, json->token == TM_JSON_NUMBER ? "%.30s" : "the text '%.30s'", tm_shown(json->text, json->size, safe));
    return shown;
}

/* More of the input; false at its end, or after a fault. */
static bool fill(struct tm_json *json)
{
    if (json->ended)
        return false;
    json->before += json->filled;
    ssize_t got = tm_source_read(json->source, json->buffer, sizeof json->buffer);
    json->at = 0;
    json->filled = got > 0 ? (size_t)got : 0;
    json->ended = got <= 0;
    if (got < 0) {
        json->trouble = true;
        tm_json_fault(json, "cannot read: %s", tm_source_fault(json->source));
    }
    return got > 0;
}

/* The next byte without taking it; -1 at the end. */
static inline int peek(struct tm_json *json)
{
    return json->at < json->filled || fill(json) ? json->buffer[json->at] : -1;
}

static void mark_place(struct tm_json *json)
{
    json->line = json->now_line;
    json->column = json->before + json->at - json->line_start + 1;
}

bool tm_json_pass(struct tm_json *json, char last, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        int c = peek(json);
        if (c < 0)
            break;
        json->at++;
        if (c == '\n') {
            json->now_line++;
            json->line_start = json->before + json->at;
        }
        if (c == last)
            return true;
    }
    mark_place(json);
    return false;
}

/* To the next byte that is no blank; -1 at the end. */
static int pass_blanks(struct tm_json *json)
{
    for (;;) {
        int c = peek(json);
        if (c == '\n') {
            json->now_line++;
            json->line_start = json->before + json->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return c;
        }
        json->at++;
    }
}

static bool add_text(struct tm_json *json, const void *bytes, size_t size)
{
    if (json->size + size > TM_JSON_TEXT)
        return tm_json_fault(json, "found a text of more than %d bytes", TM_JSON_TEXT);
    if (tm_array_reserve(&json->text, &json->room, json->size + size + 1, 1) != 0)
        return tm_json_no_memory(json);
    memcpy(json->text + json->size, bytes, size);
    json->size += size;
    json->text[json->size] = '\0';
    return true;
}

static int hexadecimal(int c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Four digits behind "\u"; -1: there are none. */
static int take_unit(struct tm_json *json)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hexadecimal(peek(json));
        if (digit < 0)
            return -1;
        unit = 16 * unit + digit;
        json->at++;
    }
    return unit;
}

static bool add_character(struct tm_json *json, uint32_t code)
{
    char bytes[4];
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    static const unsigned char firsts[] = {0, 0, 0xc0, 0xe0, 0xf0};
    bytes[0] = (char)(firsts[size] | code);
    return add_text(json, bytes, size);
}

static bool take_escape(struct tm_json *json);

/* A character of two halves, or one half that stands alone, which is none. */
static bool take_code(struct tm_json *json)
{
    enum { NO_CHARACTER = 0xfffd };
    int unit = take_unit(json), low;
    if (unit < 0)
        return tm_json_fault(json, "found a text with '\\u' and no four hexadecimal digits");
    while (unit >= 0xd800 && unit < 0xdc00 && peek(json) == '\\') {
        json->at++;
        if (peek(json) != 'u') /* another escape follows the half */
            return add_character(json, NO_CHARACTER) && take_escape(json);
        json->at++;
        if ((low = take_unit(json)) < 0)
            return tm_json_fault(json, "found a text with '\\u' and no four hexadecimal digits");
        if (low >= 0xdc00 && low < 0xe000)
            return add_character(json, 0x10000 + (((uint32_t)unit & 0x3ff) << 10) + ((uint32_t)low & 0x3ff));
        if (!add_character(json, NO_CHARACTER))
            return false;
        unit = low;
    }
    return add_character(json, unit >= 0xd800 && unit < 0xe000 ? NO_CHARACTER : (uint32_t)unit);
}

/* Behind a backslash. */
static bool take_escape(struct tm_json *json)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    int c = peek(json);
    if (c < 0)
        return tm_json_fault(json, "found the end of the file within a text");
    json->at++;
    if (c == 'u')
        return take_code(json);
    const char *letter = strchr(letters, c);
    if (!letter || c == 0)
        return tm_json_fault(json, "found '\\' in a text before a character that it does not escape");
    return add_text(json, &meant[letter - letters], 1);
}

/* Behind the opening quote, up to the closing one. */
static bool take_text(struct tm_json *json)
{
    json->size = 0;
    if (!add_text(json, "", 0))
        return false;
    for (;;) {
        if (peek(json) < 0)
            return tm_json_fault(json, "found the end of the file within a text");
        size_t from = json->at;
        unsigned char c = 0;
        while (json->at < json->filled && (c = json->buffer[json->at]) != '"' && c != '\\' && c >= ' ')
            json->at++;
        if (json->at > from && !add_text(json, json->buffer + from, json->at - from))
            return false;
        if (json->at == json->filled)
            continue;
        json->at++;
        if (c == '"')
            return true;
        if (c != '\\') {
            json->at--;
            mark_place(json);
            return tm_json_fault(json, "found a control character (0x%02x) in a text", c);
        }
        if (!take_escape(json))
            return false;
    }
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool is_number(const char *at)
{
    at += *at == '-';
    if (*at == '0')
        at++;
    else if (*at >= '1' && *at <= '9')
        at += strspn(at, "0123456789");
    else
        return false;
    if (*at == '.') {
        size_t digits = strspn(at + 1, "0123456789");
        if (digits == 0)
            return false;
        at += 1 + digits;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        size_t digits = strspn(at, "0123456789");
        if (digits == 0)
            return false;
        at += digits;
    }
    return *at == '\0';
}

/* A word without quotes: a number, or one of six names. */
static enum tm_json_token take_word(struct tm_json *json)
{
    static const struct {
        const char *word;
        enum tm_json_token token;
    } words[] = {{"true", TM_JSON_TRUE},     {"false", TM_JSON_FALSE},        {"null", TM_JSON_NULL},
                 {"NaN", TM_JSON_NO_NUMBER}, {"Infinity", TM_JSON_NO_NUMBER}, {"-Infinity", TM_JSON_NO_NUMBER}};
    char shown[TM_SHOWN_SIZE];
    json->size = 0;
    for (;;) {
        size_t from = json->at;
        while (json->at < json->filled && !strchr(" \t\r\n,:]}[{\"", json->buffer[json->at]))
            json->at++;
        if (json->at > from && !add_text(json, json->buffer + from, json->at - from))
            return TM_JSON_FAILED;
        if (json->at < json->filled || peek(json) < 0)
            break;
    }
    if (json->size == 0 && !add_text(json, json->buffer + json->at, 1)) /* the comma or bracket that it stopped at */
        return TM_JSON_FAILED;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(json->text, words[i].word) == 0 && json->size == strlen(words[i].word))
            return words[i].token;
    if (strlen(json->text) != json->size || !is_number(json->text)) {
        tm_json_fault(json, "found '%s', expected a value", tm_shown(json->text, json->size, shown));
        return TM_JSON_FAILED;
    }
    /* Too large for a double is no number that anybody could judge. */
    return tm_parse_real(json->text, json->size, 0, &json->number) == TM_NUMBER_OK ? TM_JSON_NUMBER : TM_JSON_NO_NUMBER;
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
    if (!take_text(json) || !note_key(json))
        return TM_JSON_FAILED;
    if (pass_blanks(json) != ':') {
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
        return take_text(json) ? TM_JSON_TEXT_VALUE : TM_JSON_FAILED;
    case -1:
        tm_json_fault(json, "found the end of the file, expected a value");
        return TM_JSON_FAILED;
    default:
        return take_word(json);
    }
}

/* Within an object or an array: a comma, the end, or what stands first. */
static enum tm_json_token take_member(struct tm_json *json)
{
    struct tm_json_level *level = &json->levels[json->depth - 1];
    int c = pass_blanks(json);
    mark_place(json);
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
        c = pass_blanks(json);
        mark_place(json);
    }
    level->any = true;
    return level->array ? take_value(json, c) : take_key(json, c);
}

/* Outside of everything: the document, the end, or in a file of lines another document. */
static enum tm_json_token take_top(struct tm_json *json)
{
    int c = pass_blanks(json);
    mark_place(json);
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
        int c = pass_blanks(json);
        mark_place(json);
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
