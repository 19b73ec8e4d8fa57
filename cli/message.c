/* Messages may hold names from outside: nothing in them reaches a terminal raw. */
#include "cli/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/address.h"
#include "base/escape.h"

enum { LINE_SIZE = 8192 }; /* the longest message holds a few names of TM_NAME_MAX bytes */

/* Formatted first, then made safe as a whole: no argument can be forgotten; nor can a password, of an address that stood in a wrong
 * place. */
static void put_line(FILE *out, const char *before, const char *format, va_list arguments)
{
    char line[LINE_SIZE];
    vsnprintf(line, sizeof line, format, arguments);
    tm_hide_passwords(line);
    fputs(before, out);
    tm_put_safe_first(out, line);
    fputc('\n', out);
}

void tm_say(FILE *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(out, "", format, arguments);
    va_end(arguments);
}

int tm_trouble(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(stderr, "tidemark: ", format, arguments);
    va_end(arguments);
    return TM_EXIT_TROUBLE;
}

void tm_hint(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(stderr, "tidemark: hint: ", format, arguments);
    va_end(arguments);
}

/* A store that had no memory for its message left none. */
int tm_store_trouble(tm_store *store)
{
    const char *message = tm_error(store);
    return tm_trouble("%s", *message ? message : "out of memory");
}
