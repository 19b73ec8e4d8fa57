/* A plugin's newest runs in blocks, for who looks at a terminal. */
#ifndef TM_CLI_HISTORY_BLOCKS_H
#define TM_CLI_HISTORY_BLOCKS_H

#include "cli/command.h"

/* Prints a line for each metric of which two runs have values, on the branch and host of the scope's newest run; nothing where the
 * plugin is not in these runs. 0, or TM_EXIT_TROUBLE after a message. */
int tm_print_history_blocks(struct tm_context *context, const char *plugin);

#endif
