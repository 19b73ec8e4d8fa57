/* What lies beside the branch and host that a command looks at: a file of another tool brings several hosts, and a stranger expects
 * to see all of them. */
#ifndef TM_CLI_BESIDE_H
#define TM_CLI_BESIDE_H

#include "analyze/report.h"
#include "cli/command.h"

/* Says that other hosts have runs on that branch, unless --host or --run has chosen. 0, or TM_EXIT_TROUBLE after a message. */
int tm_hint_other_hosts(struct tm_context *context, const struct tm_report *report);

/* Says that the plugin is in none of the runs that were looked at, and on which branch and host it was last. TM_EXIT_TROUBLE. */
int tm_trouble_elsewhere(struct tm_context *context, const char *plugin);

#endif
