/* Texts are scanned in the buffer up to what is not plain, and copied in one piece: most have
 * nothing that is not. */
#include "ingest/json_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "ingest/number.h"

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

void tm_json_mark_place(struct tm_json *json)
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
    tm_json_mark_place(json);
    return false;
}

int tm_json_pass_blanks(struct tm_json *json)
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

bool tm_json_scan_text(struct tm_json *json)
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
            tm_json_mark_place(json);
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

enum tm_json_token tm_json_scan_word(struct tm_json *json)
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
