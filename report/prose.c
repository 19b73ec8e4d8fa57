/* Some signs call a person or link an issue after they were escaped, when a word follows at
 * once. Sentences are taken apart there. */
#include "report/prose.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* Signs that GitHub and GitLab take, after escaping, for a person, issue, label, ... when a word
 * follows at once. */
static bool calls_somebody(const char *text)
{
    bool word = isalnum((unsigned char)text[1]) || (text[1] && strchr("_\"{", text[1])) || (unsigned char)text[1] >= 0x80;
    return strchr("@#!$%~&", *text) && word;
}

/* Sentences that may hold names. Such a sign gets an element of its own: that parts it from its
 * word. */
int tm_put_prose(FILE *out, const char *text)
{
    char *copy = strdup(text), *from = copy;
    if (!copy)
        return -1;
    for (char *at = copy; *at; at++) {
        char sign[2] = {*at, '\0'};
        if (!calls_somebody(at))
            continue;
        *at = '\0';
        tm_put_markdown(out, from);
        fputs("<span>", out);
        tm_put_markdown(out, sign);
        fputs("</span>", out);
        from = at + 1;
    }
    tm_put_markdown(out, from);
    free(copy);
    return 0;
}
