/* The two sides of a comparison, from the words that name them: runs of the store, the newest of a branch, files. */
#ifndef TM_CLI_SIDES_H
#define TM_CLI_SIDES_H

#include "analyze/compare.h"
#include "cli/command.h"

/* Does the word name a file that is there, so that no store need be? */
bool tm_side_is_file(const char *word);

/* Reads both sides into the comparison, and the past that knows their noise. 0, or TM_EXIT_TROUBLE after a message. */
int tm_sides_read(struct tm_context *context, struct tm_comparison *comparison, const char *glob);

#endif
