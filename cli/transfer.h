/* From store to store, as a step of commands. */
#ifndef TM_CLI_TRANSFER_H
#define TM_CLI_TRANSFER_H

#include "cli/command.h"

/* tm_send; what is refused is told on standard error, in which "sent" or the like stands for `doing`. project NULL: all. 0, or
 * TM_EXIT_TROUBLE after a message where one of the stores failed. */
int tm_transfer(tm_store *from, tm_store *to, const char *project, bool decided, const char *doing, struct tm_sent *sent);

#endif
