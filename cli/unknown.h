/* What is not in the store: said, with what might have been meant. */
#ifndef TM_CLI_UNKNOWN_H
#define TM_CLI_UNKNOWN_H

#include "cli/command.h"

/* An empty list would look like an answer: 0 if there is such a project and such a host, else an exit code after a message. */
int tm_check_scope(tm_store *store, const struct tm_scope *scope);

/* 0 if the plugin is there, else an exit code after a message. */
int tm_check_plugin(tm_store *store, const char *project, const char *name);

#endif
