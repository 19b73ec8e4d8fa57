/* One walk through one store that puts into another, for push, pull and the spool alike. */
#include "cli/transfer.h"

#include <inttypes.h>

/* Named by what it is, with its project where there may be several. */
static void tell_refused(void *context, const struct tm_fact *fact, const char *why)
{
    const char *doing = context;
    if (fact->kind == TM_FACT_RUN)
        tm_trouble("run '%s' of project '%s' was not %s: %s", fact->run.run.key, fact->project, doing, why);
    else if (fact->kind == TM_FACT_DECISION)
        tm_trouble("decision %" PRId64 " of project '%s' was not %s: %s", fact->decision.number, fact->project, doing, why);
    else if (fact->kind == TM_FACT_WEEK)
        tm_trouble("a week of project '%s' on branch '%s' was not %s: %s", fact->project, fact->week.branch, doing, why);
    else
        tm_trouble("not %s: %s", doing, why);
}

int tm_transfer(tm_store *from, tm_store *to, const char *project, bool decided, const char *doing, struct tm_sent *sent)
{
    const struct tm_send_wish wish = {
        .project = project, .decided = decided, .refused = tell_refused, .context = (void *)(uintptr_t)doing};
    return tm_send(from, to, &wish, sent) == 0 ? 0 : tm_store_trouble(to);
}
