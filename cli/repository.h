/* What the git repository says in which the command runs. */
#ifndef TM_CLI_REPOSITORY_H
#define TM_CLI_REPOSITORY_H

#include <limits.h>
#include <stdbool.h>

/* What the symbolic reference `name` of the repository points to, behind `prefix`: of a worktree its own, and else the one that it
 * has in common with others. NULL: there is no such thing, or no repository. */
const char *tm_repository_reference(const char *name, const char *prefix, char room[PATH_MAX]);

/* The address of its origin. false: it has none. */
bool tm_repository_origin(char address[PATH_MAX]);

#endif
