/* Both engines name parameters in their own way, and a person types neither: ':name' is replaced before
 * the store sees the query, by a literal that nothing in the value can end. The query reads all the
 * same, whatever it is: the store holds it to that. */
#include "cli/sql_values.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "cli/arguments.h"

static bool is_part_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Where what begins there ends, if it is quoted, a remark, or a cast ('::'): nothing in it is a parameter. NULL: it is none of
 * these. What has no end goes to the end: the engine says so. */
static const char *past_quoted(const char *at)
{
    const char *end = NULL;
    if (*at == '\'' || *at == '"' || *at == '`')
        end = strchr(at + 1, *at);
    else if (at[0] == '-' && at[1] == '-')
        end = strchr(at, '\n');
    else if (at[0] == '/' && at[1] == '*')
        end = (end = strstr(at + 2, "*/")) ? end + 1 : NULL;
    else if (at[0] == ':' && at[1] == ':')
        end = at + 1;
    else
        return NULL;
    return end ? end + 1 : at + strlen(at);
}

/* The value given for that name, "NAME=VALUE", the last one; NULL: none. */
static const char *value_of(const struct tm_arguments *arguments, const char *name, size_t size, bool *used)
{
    for (int i = arguments->n_given - 1; i >= 0; i--) {
        const char *text = arguments->given[i].value;
        if (strcmp(arguments->command->options[arguments->given[i].option].name, "param") == 0 && strncmp(text, name, size) == 0 &&
            text[size] == '=') {
            used[i] = true;
            return text + size + 1;
        }
    }
    return NULL;
}

/* Digits as people write them: "0x10", "inf" and " 1" are texts. */
static bool is_number(const char *value)
{
    char *end;
    double number = strtod(value, &end);
    return *value && !*end && isfinite(number) && !strpbrk(value, "xX \t\n");
}

static void put_literal(FILE *out, const char *value)
{
    bool number = is_number(value);
    fputs(number ? "(" : "'", out); /* a sign before it joins nothing */
    for (; *value; value++) {
        if (!number && *value == '\'')
            putc('\'', out);
        putc(*value, out);
    }
    fputs(number ? ")" : "'", out);
}

/* 0, or TM_EXIT_TROUBLE after a message. */
static int put_query(FILE *out, const struct tm_arguments *arguments, const char *at, bool *used)
{
    while (*at) {
        const char *end = past_quoted(at);
        size_t size = 0;
        if (!end && *at == ':' && (isalpha((unsigned char)at[1]) || at[1] == '_'))
            while (is_part_of_name(at[1 + size]))
                size++;
        if (size > 0) {
            const char *value = value_of(arguments, at + 1, size, used);
            if (!value)
                return tm_trouble("no value for ':%.*s': --param %.*s=VALUE gives one", (int)size, at + 1, (int)size, at + 1);
            put_literal(out, value);
            at += 1 + size;
            continue;
        }
        end = end ? end : at + 1;
        fwrite(at, 1, (size_t)(end - at), out);
        at = end;
    }
    return 0;
}

/* A parameter that is not in the query is a slip of the pen. */
static int check_used(const struct tm_arguments *arguments, const bool *used)
{
    for (int i = 0; i < arguments->n_given; i++) {
        const char *text = arguments->given[i].value;
        if (strcmp(arguments->command->options[arguments->given[i].option].name, "param") != 0 || used[i])
            continue;
        if (!strchr(text, '=') || *text == '=')
            return tm_trouble("--param '%s': expected NAME=VALUE", text);
        return tm_trouble("--param '%s': the query has no such parameter, or it stands there twice", text);
    }
    return 0;
}

char *tm_sql_with_values(const struct tm_arguments *arguments, const char *query)
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
    int code = out ? put_query(out, arguments, query, used) : tm_trouble("out of memory");
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
