/* What all commands that decide have in common. */
#ifndef TM_CLI_DECIDE_H
#define TM_CLI_DECIDE_H

#include "cli/arguments.h"

/* The reason that --reason gives, checked, and --issue with it; NULL (and a message) if it is missing. */
const char *tm_decision_reason(const struct tm_arguments *arguments);

/* As `prepare` of a command. */
int tm_decision_check(struct tm_context *context);

/* Who decides. */
const char *tm_decision_author(void);

/* --reason and --issue, --project, --branch and --host. */
#define TM_DECISION_OPTIONS {"reason", "TEXT", "why; required"}, {"issue", "URL", "a link to the discussion"}, TM_SCOPE_OPTIONS

#endif
