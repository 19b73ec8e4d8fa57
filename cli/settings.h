/* The judge's settings as the command line sees them: flags over environment over tidemark.ini over defaults. */
#ifndef TM_CLI_SETTINGS_H
#define TM_CLI_SETTINGS_H

#include "cli/command.h"

#define TM_JUDGE_OPTIONS                                                                                                           \
    {"budget", "N", "tolerated false alarms per 1000 judgements (default: 0.5)"},                                                  \
        {"base", "BRANCH", "the branch whose history a new branch begins with (default: main)"},                                   \
        {"config", "FILE", "read settings from FILE (default: tidemark.ini, if there is one)"},                                    \
    {                                                                                                                              \
        "no-floors", NULL, "judge without absolute floors, for values of any unit"                                                 \
    }

/* Reads them all into the context, and takes the metrics of its project in. 0, or TM_EXIT_TROUBLE after a message; to be freed in
 * any case. */
int tm_settings_read(struct tm_context *context);

#endif
