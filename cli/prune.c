/* prune: old runs go, or become weeks first. A dry run lists exactly what the other removes: both ask the same query
 * (schema/queries.sql). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/format.h"
#include "cli/merged.h"
#include "cli/retention.h"
#include "cli/settings.h"

/* --before; or *days, back from the newest run. A clock that is wrong removes nothing so. */
static int read_wish(const struct tm_arguments *arguments, struct tm_prune_wish *wish, int64_t *days)
{
    bool by_days = tm_option_given(arguments, "keep-days"), by_time = tm_option_given(arguments, "before");
    *wish = (struct tm_prune_wish){.before = TM_UNKNOWN,
                                   .keep_runs = TM_UNKNOWN,
                                   .needed = TM_UNKNOWN,
                                   .rollup = tm_option_given(arguments, "rollup"),
                                   .all = tm_option_given(arguments, "all")};
    *days = TM_UNKNOWN;
    if (tm_option_given(arguments, "merged"))
        return by_days || by_time || wish->rollup || tm_option_given(arguments, "keep-runs")
                   ? tm_trouble(
                         "--merged removes whole branches: neither --keep-days, --before, --keep-runs nor --rollup goes with it")
                   : 0;
    if (arguments->n_words > 0)
        return tm_trouble("'prune' takes branches with --merged only");
    if (by_days == by_time && (by_days || !tm_option_given(arguments, "keep-runs")))
        return tm_trouble("'prune' needs either --keep-days N or --before TIME, or --keep-runs N, or --merged");
    if (wish->rollup && strcmp(tm_option_value(arguments, "rollup"), "week") != 0)
        return tm_trouble("--rollup '%s': expected week", tm_option_value(arguments, "rollup"));
    if (wish->rollup && wish->all)
        return tm_trouble("--rollup keeps what the judge needs: --all cannot be given with it");
    if (wish->rollup)
        wish->needed = TM_NEEDED_NIGHTS;
    return tm_option_count(arguments, "keep-days", 0, days) != 0 || tm_option_time(arguments, "before", &wish->before) != 0 ||
                   tm_option_count(arguments, "keep-runs", 1, &wish->keep_runs) != 0
               ? TM_EXIT_TROUBLE
               : 0;
}

/* A dry run opens the store for reading: it cannot remove anything, whatever comes. */
static int prepare_prune(struct tm_context *context)
{
    struct tm_prune_wish wish;
    int64_t days;
    if (tm_option_given(context->arguments, "dry-run"))
        context->flags = TM_READONLY;
    return read_wish(context->arguments, &wish, &days);
}

/* What stays although it is old, and what the store is smaller by. */
static void print_sizes(const struct tm_pruned *pruned)
{
    if (pruned->kept > 0)
        tm_say(stdout, "%" PRId64 " older run%s stay%s: a full baseline, what is not over yet, or a decision needs %s",
               pruned->kept, TM_PLURAL(pruned->kept), pruned->kept == 1 ? "s" : "", pruned->kept == 1 ? "it" : "them");
    if (pruned->used == TM_UNKNOWN)
        return;
    int64_t less = pruned->used_before - pruned->used;
    tm_say(stdout, "the store uses %" PRId64 " bytes, %" PRId64 " %s than before; what is free of the file is for what comes",
           pruned->used, less < 0 ? -less : less, less < 0 ? "more" : "less");
}

static int remove_or_list(struct tm_context *context, const struct tm_prune_wish *wish)
{
    struct tm_pruned pruned;
    if (tm_option_given(context->arguments, "dry-run"))
        return tm_print_rows(context, tm_list_prunable(context->store, wish));
    if (tm_prune(context->store, wish, &pruned) != 0)
        return tm_store_trouble(context->store);
    tm_put_pruned(stdout, wish, &pruned);
    putchar('\n');
    if (wish->rollup)
        print_sizes(&pruned);
    return TM_EXIT_DONE;
}

static int remove_merged(struct tm_context *context, struct tm_prune_wish *wish)
{
    int code = tm_settings_read(context);
    char *branches = code == 0 ? tm_merged_branches(context, &code) : NULL;
    if (!branches && code == 0)
        puts("no branch goes");
    wish->branches = branches;
    wish->project = context->scope.project;
    if (branches)
        code = remove_or_list(context, wish);
    free(branches);
    return code;
}

static int run_prune(struct tm_context *context)
{
    struct tm_prune_wish wish;
    int64_t days;
    int code = read_wish(context->arguments, &wish, &days);
    if (code != 0)
        return code;
    wish.project = context->scope.project;
    if (tm_option_given(context->arguments, "merged"))
        return remove_merged(context, &wish);
    if (days != TM_UNKNOWN && tm_keep_days(context->store, wish.project, days, &wish.before) != 0)
        return tm_store_trouble(context->store);
    return remove_or_list(context, &wish);
}

const struct tm_command tm_command_prune = {
    .name = "prune",
    .usage = "--keep-days N | --before TIME | --keep-runs N | --merged [BRANCH...] [options]",
    .summary = "remove old runs and all that belongs to them",
    .example = "  tidemark prune --keep-days 730 --rollup week --dry-run\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_WRITING,
    .checks_scope = true,
    .prepare = prepare_prune,
    .run = run_prune,
    .most_words = -1,
    .options = {{"keep-days", "N", "keep the runs of the N days before the newest run"},
                {"before", "TIME", "remove runs that started before that time"},
                {"keep-runs", "N", "keep the newest N runs of each branch and host"},
                {"merged", NULL, "remove all runs of BRANCH, which may be a glob; without one of branches that git has no more"},
                {"rollup", "week", "make weekly rows of the runs that go, and keep those that the judge needs"},
                {"all", NULL, "also where no run of a project would be left"},
                {"dry-run", NULL, "only list the runs that would be removed"},
                {"project", "NAME", "only this project (default: $TIDEMARK_PROJECT, project in tidemark.ini, or all)"},
                TM_FORMAT_OPTION},
};
