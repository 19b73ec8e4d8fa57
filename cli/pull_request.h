/* What a CI system and the repository say of a pull request. */
#ifndef TM_CLI_PULL_REQUEST_H
#define TM_CLI_PULL_REQUEST_H

#include <limits.h>

#include "cli/command.h"

/* The branch that was built: what the CI system calls it, else what is checked out. NULL: nobody says. In `room`, or in the
 * environment. */
const char *tm_pull_request_branch(char room[PATH_MAX]);

/* With --pr and no base named: sets as base the branch that the pull request goes to, by what the CI system or git say, if the
 * project has runs of it; or one of a usual name; or the one with the most runs. 0, or TM_EXIT_TROUBLE after a message. */
int tm_pull_request_base(struct tm_context *context, const char *project);

#endif
