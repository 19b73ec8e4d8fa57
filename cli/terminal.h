/* What the terminal can show. */
#ifndef TM_CLI_TERMINAL_H
#define TM_CLI_TERMINAL_H

#include "cli/arguments.h"

#define TM_SPARKLINE_OPTION                                                                                                        \
    {                                                                                                                              \
        "no-sparkline", NULL, "leave out the line of blocks that shows a new finding's last runs on a UTF-8 terminal"              \
    }

/* Does the locale's name say UTF-8? No locale is loaded. */
bool tm_terminal_knows_utf8(void);

/* Shall lines of blocks be printed? Yes on a UTF-8 terminal, unless --no-sparkline is given. */
bool tm_sparklines_wanted(const struct tm_arguments *arguments);

#endif
