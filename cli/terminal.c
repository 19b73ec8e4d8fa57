#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool tm_terminal_knows_utf8(void)
{
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

bool tm_sparklines_wanted(const struct tm_arguments *arguments)
{
    return !tm_option_given(arguments, "no-sparkline") && isatty(STDOUT_FILENO) && tm_terminal_knows_utf8();
}
