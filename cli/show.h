#ifndef TM_CLI_SHOW_H
#define TM_CLI_SHOW_H

#include "cli/command.h"

/* Changes of level, verdicts and decisions of a plugin, as tables: 0, or TM_EXIT_TROUBLE after a message. */
int tm_show_judged(tm_store *store, const char *project, const char *plugin);

#endif
