/* What all commands that decide have in common. */
#ifndef TM_CLI_DECIDE_H
#define TM_CLI_DECIDE_H

#include "cli/arguments.h"
#include "gate/decide.h"

/* The reason that --reason gives, checked, and --issue with it; NULL (and a message) if it is missing. */
const char *tm_decision_reason(const struct tm_arguments *arguments);

/* As `prepare` of a command. */
int tm_decision_check(struct tm_context *context);

/* Inside a transaction: decides about each plugin that the command's words name or, as globs, fit; all but the wish's plugin is
 * set. Writes what is to be told to `lines`. 0, or TM_EXIT_TROUBLE after a message: then nothing may be committed. */
int tm_decide_words(struct tm_context *context, struct tm_decision_wish *wish, FILE *lines);

/* Who decides. */
const char *tm_decision_author(void);

/* Of those that a file may have. */
#define TM_DECISION_TO                                                                                                             \
    {                                                                                                                              \
        "to", "FILE", "append a line to FILE for review, as tidemark.decisions is one, and store nothing"                          \
    }

/* --reason and --issue, --project, --branch and --host. */
#define TM_DECISION_OPTIONS {"reason", "TEXT", "why; required"}, {"issue", "URL", "a link to the discussion"}, TM_SCOPE_OPTIONS

#endif
