/* Reads HTML as far as tests need it: tags with their attributes, one after the other, and text without them. */
#ifndef TM_TESTS_HTML_H
#define TM_TESTS_HTML_H

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct tag {
    char name[16];                /* "/td" for an end */
    const char *attributes, *end; /* behind the name; behind the '>' */
};

struct attribute {
    char name[32];
    const char *value;
    size_t size;
};

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

/* What stands before the end of an element whose content is no markup. */
static inline const char *skip_raw(const struct tag *tag)
{
    const char *end = strcmp(tag->name, "style") == 0 ? "</style>" : strcmp(tag->name, "script") == 0 ? "</script>" : NULL;
    const char *found = end ? strstr(tag->end, end) : NULL;
    return found ? found : tag->end;
}

/* From the attributes on; false behind the last one. */
static inline bool next_attribute(const char **at, struct attribute *attribute)
{
    while (is_blank(**at) || **at == '/')
        ++*at;
    if (**at == '>' || !**at)
        return false;
    size_t n = strcspn(*at, "= \n\t>");
    *attribute = (struct attribute){.value = "", .size = 0};
    memcpy(attribute->name, *at, n < sizeof attribute->name - 1 ? n : sizeof attribute->name - 1);
    *at += n;
    if (**at != '=')
        return true;
    char quote = *++*at;
    bool quoted = quote == '"' || quote == '\'';
    const char *ends = quote == '"' ? "\"" : quote == '\'' ? "'" : " \n\t>";
    attribute->value = *at += quoted;
    attribute->size = strcspn(*at, ends);
    *at += attribute->size + quoted;
    return true;
}

/* The next tag at or behind *at, which moves behind it. */
static inline bool next_tag(const char **at, struct tag *tag)
{
    const char *opening = strchr(*at, '<');
    struct attribute attribute;
    if (!opening)
        return false;
    size_t n = 1 + strcspn(opening + 1, " \n\t>");
    *tag = (struct tag){.attributes = opening + n};
    memcpy(tag->name, opening + 1, n - 1 < sizeof tag->name - 1 ? n - 1 : sizeof tag->name - 1);
    const char *rest = tag->attributes;
    while (next_attribute(&rest, &attribute))
        ;
    tag->end = *rest ? rest + 1 : rest;
    *at = skip_raw(tag);
    return true;
}

static inline bool attribute_of(const struct tag *tag, const char *name, struct attribute *attribute)
{
    const char *at = tag->attributes;
    while (next_attribute(&at, attribute))
        if (strcmp(attribute->name, name) == 0)
            return true;
    return false;
}

/* The text between two places, without tags and with its references resolved; to be freed. */
static inline char *text_between(const char *from, const char *to)
{
    static const struct {
        const char *reference;
        char character;
    } known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    char *text = calloc(1, (size_t)(to - from) + 1), *end = text;
    while (text && from < to) {
        struct tag tag;
        if (*from == '<' && next_tag(&from, &tag))
            continue;
        size_t i = 0;
        while (i < 5 && strncmp(from, known[i].reference, strlen(known[i].reference)) != 0)
            i++;
        char next = *from;
        if (i < 5)
            next = known[i].character;
        *end++ = next;
        from += i < 5 ? strlen(known[i].reference) : 1;
    }
    return text;
}

#endif
