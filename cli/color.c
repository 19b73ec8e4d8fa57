/* Colours are for a terminal, and for whoever asks; a pipe or a file gets none by itself. */
#include "cli/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"

/* A dumb terminal shows the sequences as they are. */
bool tm_terminal_has_colours(void)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0);
}

int tm_color_wanted(const struct tm_arguments *arguments)
{
    const char *when = tm_option_value(arguments, "color");
    if (!when || strcmp(when, "auto") == 0)
        return tm_terminal_has_colours();
    if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
        return strcmp(when, "always") == 0;
    tm_trouble("--color '%s': expected auto, always or never", when);
    return -1;
}
