/* What the git repository says of itself in which the program runs. */
#ifndef TM_CLI_GIT_H
#define TM_CLI_GIT_H

#include <limits.h>
#include <stdbool.h>

/* What the symbolic reference `name` of the repository points to, behind `prefix`: of a worktree its own, and else the one that it
 * has in common with others. NULL: there is no such thing, or no repository. */
const char *tm_git_symbolic(const char *name, const char *prefix, char room[PATH_MAX]);

/* The address of its origin. false: it has none, or there is no repository. */
bool tm_git_origin(char address[PATH_MAX]);

struct tm_git {
    char common[PATH_MAX]; /* its directory */
};

/* 0, or TM_EXIT_TROUBLE after a message: there is none, or one that does not tell all of its branches. */
int tm_git_open(struct tm_git *git);

/* May a branch be called so? What has another name, as a fork's OWNER:BRANCH, is none of any repository. */
bool tm_git_may_have(const char *name);

/* Is there a file for the branch of that name, which there may be, its own or a remote's? The others are packed. 0, or
 * TM_EXIT_TROUBLE after a message. */
int tm_git_has_file(const struct tm_git *git, const char *name, bool *has);

/* Calls `see` with the name of each branch that is packed. 0, or TM_EXIT_TROUBLE after a message. */
int tm_git_each_packed(const struct tm_git *git, void (*see)(void *context, const char *name), void *context);

#endif
