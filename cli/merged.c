/* What is merged is judged no more, and its runs are no alarm's baseline: nothing protects them. What is a base is never meant: the
 * base of the settings, those of the usual names, whatever a stored branch has begun with, and what is checked out. */
#include "cli/merged.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/builder.h"
#include "base/escape.h"
#include "cli/arguments.h"
#include "cli/git.h"

struct branch {
    char *name;
    bool base, there, goes;
};

struct branches {
    struct branch *list; /* by name */
    size_t n;
};

static void free_branches(struct branches *branches)
{
    for (size_t i = 0; i < branches->n; i++)
        free(branches->list[i].name);
    free(branches->list);
}

static bool is_base(const struct tm_context *context, const char *name, const char *checked_out, const char *default_branch)
{
    static const char *const usual[] = {"main", "master", "trunk", "develop", "mainline", "default"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strcmp(name, usual[i]) == 0)
            return true;
    return strcmp(name, context->settings.base) == 0 || (checked_out && strcmp(name, checked_out) == 0) ||
           (default_branch && strcmp(name, default_branch) == 0);
}

static int compare_branches(const void *a, const void *b)
{
    return strcmp(((const struct branch *)a)->name, ((const struct branch *)b)->name);
}

static int read_branches(struct tm_context *context, struct branches *branches)
{
    char here[PATH_MAX], origin[PATH_MAX];
    const char *checked_out = tm_git_symbolic("HEAD", "refs/heads/", here);
    const char *default_branch = tm_git_symbolic("refs/remotes/origin/HEAD", "refs/remotes/origin/", origin);
    tm_rows *rows = tm_ask(context->store, TM_Q_BRANCHES, "t", context->scope.project);
    int step = rows ? 1 : -1;
    while (step == 1 && (step = tm_rows_next(rows)) == 1) {
        struct branch *branch = tm_array_add(&branches->list, &branches->n, sizeof *branch);
        if (!branch || !(branch->name = strdup(tm_row_text(rows, "branch")))) {
            tm_rows_close(rows);
            return tm_trouble("out of memory");
        }
        branch->base = tm_row_integer(rows, "is_base") || is_base(context, branch->name, checked_out, default_branch);
    }
    if (tm_rows_close(rows) != 0 || step < 0)
        return tm_store_trouble(context->store);
    if (branches->n > 0)
        qsort(branches->list, branches->n, sizeof *branches->list, compare_branches);
    return 0;
}

/* NULL: it has no runs. */
static struct branch *find_branch(const struct branches *branches, const char *name)
{
    const struct branch wanted = {.name = (char *)(uintptr_t)name};
    return branches->n > 0 ? bsearch(&wanted, branches->list, branches->n, sizeof *branches->list, compare_branches) : NULL;
}

/* A base is passed over. false: the glob has met no other. */
static bool choose_fitting(struct branches *branches, const char *glob)
{
    bool found = false;
    for (size_t i = 0; i < branches->n; i++)
        if (!branches->list[i].base && fnmatch(glob, branches->list[i].name, 0) == 0)
            found = branches->list[i].goes = true;
    return found;
}

/* A branch may be called like a glob: then it is its name. A base that is named is a slip. */
static int choose_named(const struct tm_context *context, struct branches *branches)
{
    for (int w = 0; w < context->arguments->n_words; w++) {
        const char *word = context->arguments->words[w];
        struct branch *named = find_branch(branches, word);
        if (named && named->base)
            return tm_trouble("refused: '%s' is a base, or checked out", word);
        if (named)
            named->goes = true;
        else if (!choose_fitting(branches, word))
            tm_say(stderr, "notice: no runs of branch '%s'", word);
    }
    return 0;
}

static void see_packed(void *context, const char *name)
{
    struct branch *found = find_branch(context, name);
    if (found)
        found->there = true;
}

/* A repository is one project's, and one that has none of its branches is another's. */
static int choose_gone(struct branches *branches)
{
    struct tm_git git;
    size_t there = 0;
    int code = tm_git_open(&git);
    if (code == 0)
        code = tm_git_each_packed(&git, see_packed, branches);
    for (size_t i = 0; i < branches->n && code == 0; i++) {
        struct branch *branch = &branches->list[i];
        if (!tm_git_may_have(branch->name))
            continue;
        if (!branch->there)
            code = tm_git_has_file(&git, branch->name, &branch->there);
        branch->goes = !branch->there && !branch->base;
        there += branch->there;
    }
    if (code == 0 && branches->n > 0 && there == 0)
        return tm_trouble("'%s' has no branch of the store: it is another project's", git.common);
    return code;
}

/* The array, and the same for people. */
static char *put_going(const struct branches *branches, size_t *going)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    *going = 0;
    for (size_t i = 0; i < branches->n && out; i++) {
        if (!branches->list[i].goes)
            continue;
        fputs(*going > 0 ? ", " : "[", out);
        tm_put_json(out, branches->list[i].name);
        tm_say(stderr, "notice: branch '%s' goes", branches->list[i].name);
        (*going)++;
    }
    if (out)
        putc(']', out);
    return out ? tm_built(&builder) : NULL;
}

char *tm_merged_branches(struct tm_context *context, int *code)
{
    struct branches branches = {NULL, 0};
    char *going = NULL;
    size_t n = 0;
    bool named = context->arguments->n_words > 0;
    *code = named ? 0 : tm_context_choose_project(context, NULL);
    if (*code == 0)
        *code = read_branches(context, &branches);
    if (*code == 0)
        *code = named ? choose_named(context, &branches) : choose_gone(&branches);
    if (*code == 0 && !(going = put_going(&branches, &n)))
        *code = tm_trouble("out of memory");
    free_branches(&branches);
    if (n == 0) {
        free(going);
        going = NULL;
    }
    return going;
}
