/* Branches that are merged or gone, whose runs 'prune --merged' removes. */
#ifndef TM_CLI_MERGED_H
#define TM_CLI_MERGED_H

#include "cli/command.h"

/* A JSON array of the branches that go, which the caller frees, and which standard error names: those that the words name, globs
 * too; without words those that the repository has no more. Never a base. NULL: after a message, with *code the exit code, 0 where
 * nothing goes. */
char *tm_merged_branches(struct tm_context *context, int *code);

#endif
