/* --color: whether what people read has colours. */
#ifndef TM_CLI_COLOR_H
#define TM_CLI_COLOR_H

#include "cli/arguments.h"

#define TM_COLOR_OPTION                                                                                                            \
    {                                                                                                                              \
        "color", "WHEN", "colour text: auto (on a terminal, unless NO_COLOR is set), always or never (default: auto)"              \
    }

/* Is standard output a terminal that can show colours, with nobody who said no (no-color.org)? */
bool tm_terminal_has_colours(void);

/* Is standard output to be coloured? 1, 0, or -1 after a message: WHEN is no such word. */
int tm_color_wanted(const struct tm_arguments *arguments);

#endif
