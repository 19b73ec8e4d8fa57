/* Both engines name parameters in their own way, and a person types neither: ':name' is replaced before
 * the store sees the query, by a literal that nothing in the value can end. The query reads all the
 * same, whatever it is: the store holds it to that. */
#include "cli/sql_values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "cli/arguments.h"

static bool is_part_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Behind the end of a remark between slashes and stars. PostgreSQL's stand within one another. */
static const char *past_remark(const char *at, bool server)
{
    int depth = 0;
    while (*at) {
        bool begins = at[0] == '/' && at[1] == '*', ends = at[0] == '*' && at[1] == '/';
        depth += begins && (depth == 0 || server);
        depth -= ends;
        at += begins || ends ? 2 : 1;
        if (depth == 0)
            break;
    }
    return at;
}

/* Behind the quote that ends what begins at `at`; escapes: a backslash takes the character behind it along. */
static const char *past_quote(const char *at, char quote, bool escapes)
{
    for (at++; *at && *at != quote; at++)
        at += escapes && *at == '\\' && at[1];
    return at + (*at != '\0');
}

/* "$$" or "$tag$", and all up to the next one like it; `at` itself if no such thing begins there. */
static const char *past_dollars(const char *at)
{
    size_t size = 1;
    while (is_part_of_name(at[size]))
        size++;
    if (at[size++] != '$' || isdigit((unsigned char)at[1]))
        return at;
    for (const char *end = at + size; *end; end++)
        if (strncmp(end, at, size) == 0)
            return end + size;
    return at + strlen(at);
}

/* Where what begins there ends, if it is quoted, a remark, or a cast ('::'): nothing in it is a parameter. `at`: it is none of
 * these. What has no end goes to the end: the engine says so. The engines differ: a server has dollar quotes, escapes and remarks
 * within remarks, SQLite names in brackets. */
static const char *past_quoted(const char *query, const char *at, bool server)
{
    if (*at == '\'' || *at == '"' || *at == '`') {
        bool escapes = server && *at == '\'' && at > query && strchr("eE", at[-1]) && (at == query + 1 || !is_part_of_name(at[-2]));
        return past_quote(at, *at, escapes);
    }
    if (*at == '[' && !server)
        return past_quote(at, ']', false);
    if (at[0] == '-' && at[1] == '-')
        return at + strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*')
        return past_remark(at, server);
    if (*at == '$' && server && (at == query || !is_part_of_name(at[-1])))
        return past_dollars(at);
    return at[0] == ':' && at[1] == ':' ? at + 2 : at;
}

/* The value given for that name, "NAME=VALUE", the last one; NULL: none. */
static const char *value_of(const struct tm_arguments *arguments, const char *name, size_t size, bool *used)
{
    const char *last = NULL;
    int at = 0, place = 0;
    for (const char *text; (text = tm_option_next(arguments, "param", &at));)
        if (strncmp(text, name, size) == 0 && text[size] == '=') {
            last = text + size + 1;
            place = at - 1;
        }
    if (last)
        used[place] = true;
    return last;
}

enum { DIGITS_MOST = 15 }; /* a double keeps so many; of a longer number the engine would drop some */

/* As a number is written that is no name of something: "-12", "0.5". A commit "0123456" or "1234e56" stays a text. */
static bool is_number(const char *value)
{
    value += *value == '-';
    size_t whole = strspn(value, "0123456789");
    bool point = value[whole] == '.';
    size_t part = point ? strspn(value + whole + 1, "0123456789") : 0;
    bool led = *value == '0' && whole > 1; /* by a zero: no number has one */
    return whole > 0 && !led && (!point || part > 0) && !value[whole + point + part] && whole + part <= DIGITS_MOST;
}

/* "'1.10'" is a text, whatever stands between the quotes. */
static bool is_quoted(const char *value)
{
    size_t size = strlen(value);
    return size >= 2 && *value == '\'' && value[size - 1] == '\'';
}

static void put_text(FILE *out, const char *text, size_t size)
{
    putc('\'', out);
    for (size_t i = 0; i < size; i++)
        fputs(text[i] == '\'' ? "''" : (char[]){text[i], 0}, out);
    putc('\'', out);
}

/* A server takes the type of a number that is written as a text from what it stands beside: a run may be called 8123. */
static void put_literal(FILE *out, const char *value, bool server)
{
    if (is_quoted(value))
        put_text(out, value + 1, strlen(value) - 2);
    else if (is_number(value) && (!server || strchr(value, '.')))
        fprintf(out, "(%s)", value); /* a sign before it joins nothing */
    else
        put_text(out, value, strlen(value));
}

/* 0, or TM_EXIT_TROUBLE after a message. */
static int put_query(FILE *out, const struct tm_arguments *arguments, const char *query, bool server, bool *used)
{
    for (const char *at = query; *at;) {
        const char *end = past_quoted(query, at, server);
        size_t size = 0;
        if (end == at && *at == ':' && (isalpha((unsigned char)at[1]) || at[1] == '_'))
            while (is_part_of_name(at[1 + size]))
                size++;
        if (size > 0) {
            const char *value = value_of(arguments, at + 1, size, used);
            if (!value)
                return tm_trouble("no value for ':%.*s': --param %.*s=VALUE gives one", (int)size, at + 1, (int)size, at + 1);
            put_literal(out, value, server);
            at += 1 + size;
            continue;
        }
        end = end > at ? end : at + 1;
        fwrite(at, 1, (size_t)(end - at), out);
        at = end;
    }
    return 0;
}

/* A parameter that is not in the query is a slip of the pen. */
static int check_used(const struct tm_arguments *arguments, const bool *used)
{
    int at = 0;
    for (const char *text; (text = tm_option_next(arguments, "param", &at));) {
        if (used[at - 1])
            continue;
        if (!strchr(text, '=') || *text == '=')
            return tm_trouble("--param '%s': expected NAME=VALUE", text);
        return tm_trouble("--param '%s': the query has no such parameter, or it stands there twice", text);
    }
    return 0;
}

char *tm_sql_with_values(const struct tm_arguments *arguments, const char *query, bool server)
{
    struct tm_builder builder;
    if (!tm_option_given(arguments, "param")) {
        char *copy = strdup(query);
        if (!copy)
            tm_trouble("out of memory");
        return copy;
    }
    bool *used = calloc((size_t)arguments->n_given, sizeof *used);
    if (!used) {
        tm_trouble("out of memory");
        return NULL;
    }
    FILE *out = tm_build(&builder);
    int code = out ? put_query(out, arguments, query, server, used) : tm_trouble("out of memory");
    if (code == 0)
        code = check_used(arguments, used);
    char *text = out ? tm_built(&builder) : NULL;
    if (code == 0 && !text)
        tm_trouble("out of memory");
    if (code != 0) {
        free(text);
        text = NULL;
    }
    free(used);
    return text;
}
