/* The gate's second look: suspects are measured again, and the night is judged with what that brings. */
#ifndef TM_CLI_CONFIRM_H
#define TM_CLI_CONFIRM_H

#include "cli/command.h"

/* Looks at --confirm and --times before anything is stored: 0, or TM_EXIT_TROUBLE after a message. */
int tm_confirm_check(const struct tm_arguments *arguments);

/* After the night is judged and committed: has its suspects measured again as --confirm says, stores the repeats and judges the
 * same night anew, all or nothing. Without suspects nothing happens. 0, or TM_EXIT_TROUBLE after messages: then the verdict is the
 * one of before. */
int tm_confirm_suspects(struct tm_context *context);

#endif
