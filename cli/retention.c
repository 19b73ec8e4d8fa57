/* Runs that a project keeps no longer go by themselves, by whole weeks: so most nights find nothing to do, at the price of a query,
 * and what stands on the runs that went is judged again once a week. */
#include "cli/retention.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/builder.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "cli/config.h"

void tm_put_pruned(FILE *out, const struct tm_prune_wish *wish, const struct tm_pruned *pruned)
{
    char text[TM_TIME_SIZE];
    fprintf(out, "%" PRId64 " run%s", pruned->runs, TM_PLURAL(pruned->runs));
    if (wish->before != TM_UNKNOWN) {
        tm_time_format(wish->before, text);
        fprintf(out, " from before %s", text);
    }
    if (wish->keep_runs != TM_UNKNOWN)
        fprintf(out, " %sthe newest %" PRId64, wish->before == TM_UNKNOWN ? "before " : "and before ", wish->keep_runs);
    if (wish->rollup)
        fprintf(out, " rolled up into %" PRId64 " week%s and", pruned->weeks, TM_PLURAL(pruned->weeks));
    fputs(wish->branches ? " of these branches removed" : " removed", out);
    if (pruned->known > 0)
        fprintf(out, "; %" PRId64 " of them %s in the week already", pruned->known, pruned->known == 1 ? "was" : "were");
}

/* The lineage of tonight's run, whose verdict people read next; another one is judged again by its own next gate. */
static int judge_again(struct tm_context *context)
{
    size_t judged;
    if (tm_begin(context->store) != 0)
        return -1;
    if (tm_lock_project(context->store, context->scope.project) == 0 &&
        tm_judge_lineage(context->store, &context->settings, &context->run, &tm_terminal_watcher, &judged) == 0)
        return tm_commit(context->store);
    tm_rollback(context->store);
    return -1;
}

static void tell(const struct tm_prune_wish *wish, const struct tm_pruned *pruned)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (out)
        tm_put_pruned(out, wish, pruned);
    char *text = tm_built(&builder);
    tm_say(stderr, "notice: %s", text ? text : "old runs removed");
    free(text);
}

void tm_retain(struct tm_context *context)
{
    struct tm_kept_runs kept;
    struct tm_pruned pruned = {0};
    if (!tm_config_kept(context->config, context->scope.project, &kept))
        return;
    struct tm_prune_wish wish = {.project = context->scope.project,
                                 .before = TM_UNKNOWN,
                                 .keep_runs = kept.runs,
                                 .needed = TM_NEEDED_NIGHTS,
                                 .whole_weeks = true,
                                 .rollup = kept.rollup};
    int result = kept.days == TM_UNKNOWN ? 0 : tm_keep_days(context->store, wish.project, kept.days, &wish.before);
    if (result == 0)
        result = tm_prune(context->store, &wish, &pruned);
    fflush(stdout); /* the verdict first, where both go to one place */
    if (result != 0)
        tm_say(stderr, "notice: old runs were not removed, and the verdict stands: %s", tm_error(context->store));
    if (result != 0 || pruned.runs == 0)
        return;
    tell(&wish, &pruned);
    if (judge_again(context) != 0)
        tm_say(stderr, "notice: the next gate judges again what stands on them: %s", tm_error(context->store));
}
