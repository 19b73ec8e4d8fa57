/* The judge's settings as the command line sees them: flags over environment over tidemark.ini over defaults. */
#ifndef TM_CLI_SETTINGS_H
#define TM_CLI_SETTINGS_H

#include "cli/command.h"

#define TM_JUDGE_OPTIONS                                                                                                           \
    {"budget", "N", "tolerated false alarms per 1000 judgements (default: 0.5)"},                                                  \
        {"base", "BRANCH", "the branch whose history a new branch begins with (default: main)"},                                   \
        {"config", "FILE", "read settings from FILE (default: tidemark.ini, if there is one)"},                                    \
        {"threads", "N", "judge with N threads (default: one a processor); verdicts do not depend on N"},                          \
    {                                                                                                                              \
        "no-floors", NULL, "judge without absolute floors, for values of any unit"                                                 \
    }

/* Reads them all into the context, and takes the metrics of its project in. 0, or TM_EXIT_TROUBLE after a message; to be freed in
 * any case. */
int tm_settings_read(struct tm_context *context);

/* The same before the input is read, which may bring a metric that is named: then, and where the store fails, TM_SETTINGS_LATER
 * without a message. */
enum { TM_SETTINGS_LATER = -1 };
int tm_settings_foresee(struct tm_context *context, const char *project);

/* The same for a command that only reads: the settings that the gate judged the context's run with, whatever file lies here, and
 * what the command line adds to them; with --config that file's instead. Where no gate has judged yet, as tm_settings_read. */
int tm_settings_read_stored(struct tm_context *context);

/* Does the command line say how to judge? */
bool tm_settings_given(const struct tm_arguments *arguments);

#endif
