/* --spool FILE of the commands that store a night: where it goes while the store is out of reach. */
#ifndef TM_CLI_SPOOL_H
#define TM_CLI_SPOOL_H

#include "cli/command.h"

#define TM_SPOOL_OPTION                                                                                                            \
    {                                                                                                                              \
        "spool", "FILE",                                                                                                           \
            "with FILE...: while the store's server is out of reach, store in that file; the next time it is sent from there "     \
            "first"                                                                                                                \
    }

/* Of the options alone. 0, or TM_EXIT_TROUBLE after a message. */
int tm_spool_check(const struct tm_context *context);

/* The context's store could not be opened: opens the spool in its place where there is one and the server is what is missing, and
 * says so. 0, or TM_EXIT_TROUBLE after a message. */
int tm_spool_open(struct tm_context *context);

/* The store is open, and no transaction: sends it what is in the spool. 0, or TM_EXIT_TROUBLE after a message. A run that is
 * there with another content is told, and stays in the spool: it is no reason not to judge tonight. */
int tm_spool_send(struct tm_context *context);

#endif
