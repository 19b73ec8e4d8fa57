/* What the terminal can show. */
#ifndef TM_CLI_TERMINAL_H
#define TM_CLI_TERMINAL_H

#include "cli/arguments.h"

#define TM_SPARKLINE_OPTION                                                                                                        \
    {                                                                                                                              \
        "no-sparkline", NULL, "no history in blocks below what is new; there is none but on a terminal that knows UTF-8"           \
    }

/* What the locale says, without loading one. */
bool tm_terminal_knows_utf8(void);

/* Are histories in blocks wanted, and is standard output a terminal that shows them? */
bool tm_sparklines_wanted(const struct tm_arguments *arguments);

#endif
