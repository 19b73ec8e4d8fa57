/* What a CI system and the repository say of a pull request. */
#ifndef TM_CLI_PULL_REQUEST_H
#define TM_CLI_PULL_REQUEST_H

#include "cli/command.h"

/* With --pr and a file, of whose branch nothing says: the runs are of the branch that the CI system names, else of the one that is
 * checked out. 0, or TM_EXIT_TROUBLE after a message. */
int tm_pull_request_prepare(struct tm_context *context);

/* After the run was judged: 0, or TM_EXIT_TROUBLE after a message where nothing has said of which branch it is. */
int tm_pull_request_check(const struct tm_context *context);

/* With --pr and no base named: sets as base the branch that the pull request goes to, by what the CI system or git say, if the
 * project has runs of it; or one of a usual name; or the one with the most runs. 0, or TM_EXIT_TROUBLE after a message. */
int tm_pull_request_base(struct tm_context *context, const char *project);

#endif
