/* A pull request's own branch, and the one it goes to. CI systems say both in variables, each in its own;
 * a repository says what is checked out, and which branch of its origin is the main one. What is
 * said counts only as far as the store has runs of it: a job may build a branch of a fork. */
#include "cli/pull_request.h"

#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/git.h"
#include "cli/settings.h"

/* The first variable of a list that is set, and not empty, counts. CI systems set those of requests for pull requests alone. */
static const char *const request_variables[] = {"GITHUB_HEAD_REF",     "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                                                "CHANGE_BRANCH",       "SYSTEM_PULLREQUEST_SOURCEBRANCH",
                                                "DRONE_SOURCE_BRANCH", NULL};
static const char *const build_variables[] = {"BUILDKITE_BRANCH", "CI_COMMIT_BRANCH", NULL};
static const char *const base_variables[] = {"GITHUB_BASE_REF",
                                             "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
                                             "CHANGE_TARGET",
                                             "SYSTEM_PULLREQUEST_TARGETBRANCH",
                                             "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
                                             "DRONE_TARGET_BRANCH",
                                             "CI_DEFAULT_BRANCH",
                                             NULL};

/* Some name the whole reference. */
static const char *short_name(const char *reference)
{
    static const char heads[] = "refs/heads/";
    return strncmp(reference, heads, strlen(heads)) == 0 ? reference + strlen(heads) : reference;
}

static const char *from_environment(const char *const *variables)
{
    for (; *variables; variables++) {
        const char *value = getenv(*variables);
        if (value && *value)
            return short_name(value);
    }
    return NULL;
}

/* NULL: nobody says. In `room`, or in the environment. */
static const char *branch_of(char room[PATH_MAX])
{
    const char *branch = from_environment(request_variables);
    if (!branch)
        branch = from_environment(build_variables);
    return branch ? branch : tm_git_symbolic("HEAD", "refs/heads/", room);
}

/* A pull request's run is of its own branch, whatever the usual one is: the base's history must stay the base's. */
int tm_pull_request_prepare(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    char room[PATH_MAX];
    if (!tm_option_given(arguments, "pr") || arguments->n_words == 0 || context->scope.branch)
        return 0;
    const char *branch = branch_of(room);
    if (!branch)
        return 0;
    context->default_branch = context->own = strdup(branch);
    return context->own ? 0 : tm_trouble("out of memory");
}

/* A run of which nobody said a branch would become a night of the base. One that is known to be of the base is one. */
int tm_pull_request_check(const struct tm_context *context)
{
    bool known = context->scope.branch || context->default_branch || context->arguments->n_words == 0;
    if (!tm_option_given(context->arguments, "pr") || strcmp(context->run.branch, context->settings.base) != 0)
        return 0;
    const char *requested = context->arguments->n_words > 0 && !context->scope.branch ? from_environment(request_variables) : NULL;
    if (requested && strcmp(requested, context->run.branch) == 0) {
        tm_trouble("--pr: the request's branch is called '%s', as its base is: it is a fork's", requested);
        tm_hint("--branch OWNER:%s gives it a name of its own", requested);
        return TM_EXIT_TROUBLE;
    }
    if (known)
        return tm_hint("branch '%s' is the base: the run is judged as one of its nights", context->run.branch), 0;
    tm_trouble("--pr: nothing says of which branch the run is");
    tm_hint("--branch NAME does; CI systems do so in variables, and a checked out branch of git is found as well");
    return TM_EXIT_TROUBLE;
}

/* Are there runs of that branch in the project? 1, 0 or -1. */
static int has_runs(const struct tm_context *context, const char *project, const char *branch)
{
    int64_t found;
    return branch ? tm_get(context->store, &found, TM_Q_HAS_BRANCH, "tt", project, branch) : 0;
}

static int set_base(struct tm_context *context, const char *branch)
{
    enum tm_setting_fault fault = tm_settings_set(&context->settings, "gate", "base", branch);
    if (fault == TM_SETTING_DONE)
        return 0;
    return fault == TM_SETTING_TROUBLE ? tm_trouble("out of memory")
                                       : tm_trouble("the base branch '%s' has no name that can be kept", branch);
}

/* The branch with the most runs beside the one that is judged; where there is none, nothing is set, and nothing will be judged. */
static int set_busiest(struct tm_context *context, const char *project)
{
    const char *own = context->scope.branch ? context->scope.branch : context->default_branch ? context->default_branch : "";
    tm_rows *rows = tm_ask(context->store, TM_Q_BUSIEST_BRANCH, "tt", project, own);
    int step = rows ? tm_rows_next(rows) : -1, code = step == 1 ? set_base(context, tm_row_text(rows, "branch")) : 0;
    return tm_rows_close(rows) != 0 || step < 0 ? tm_store_trouble(context->store) : code;
}

int tm_pull_request_base(struct tm_context *context, const char *project)
{
    char room[PATH_MAX];
    const char *branch = from_environment(base_variables);
    int found = has_runs(context, project, branch);
    if (found == 0) {
        branch = tm_git_symbolic("refs/remotes/origin/HEAD", "refs/remotes/origin/", room);
        found = has_runs(context, project, branch);
    }
    if (found > 0)
        return set_base(context, branch);
    int64_t usual;
    if (found == 0)
        found = tm_get(context->store, &usual, TM_Q_BASE_BRANCH, "t", project);
    return found < 0 ? tm_store_trouble(context->store) : found > 0 ? 0 : set_busiest(context, project);
}
