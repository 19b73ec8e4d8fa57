/* What is said of runs that went. */
#include "cli/retention.h"

#include <inttypes.h>

#include "base/timestamp.h"

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

void tm_put_pruned(FILE *out, const struct tm_prune_wish *wish, const struct tm_pruned *pruned)
{
    char text[TM_TIME_SIZE];
    fprintf(out, "%" PRId64 " run%s", pruned->runs, plural(pruned->runs));
    if (wish->before != TM_UNKNOWN) {
        tm_time_format(wish->before, text);
        fprintf(out, " from before %s", text);
    }
    if (wish->keep_runs != TM_UNKNOWN)
        fprintf(out, " %sthe newest %" PRId64, wish->before == TM_UNKNOWN ? "before " : "and before ", wish->keep_runs);
    if (wish->rollup)
        fprintf(out, " rolled up into %" PRId64 " week%s and", pruned->weeks, plural(pruned->weeks));
    fputs(" removed", out);
}
