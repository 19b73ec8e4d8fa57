#include "report/links.h"

#include <ctype.h>
#include <string.h>

/* Beside letters and digits, what an address may hold; a % only as part of %s or of an encoded byte. */
static const char address_marks[] = "-._~:/?#[]@!$&()*+,;=";

bool tm_link_is_valid(const char *address, int holes)
{
    int found = 0;
    if (strncmp(address, "https://", 8) != 0 && strncmp(address, "http://", 7) != 0)
        return false;
    for (const char *at = address; *at; at++) {
        if (*at == '%' && at[1] == 's')
            found++, at++;
        else if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]))
            at += 2;
        else if ((unsigned char)*at >= 0x80 || !(isalnum((unsigned char)*at) || strchr(address_marks, *at)))
            return false;
    }
    return found == holes;
}

static void put_encoded(FILE *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x80 && (isalnum(c) || strchr("-._~", c)))
            putc(c, out);
        else
            fprintf(out, "%%%02X", c);
    }
}

void tm_put_link(FILE *out, const char *link, const char *first, const char *second)
{
    for (const char *next = first; *link; link++) {
        if (link[0] == '%' && link[1] == 's') {
            put_encoded(out, next);
            next = second;
            link++;
        } else {
            putc(*link, out);
        }
    }
}
