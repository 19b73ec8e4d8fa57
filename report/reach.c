/* What the gate would see, in words: how large a rise has to be. A rise is whatever is worse, so of a metric where higher is better
 * it is called a fall. */
#include <math.h>

#include "base/builder.h"
#include "report/amount.h"
#include "report/words.h"

static const char *const ordinals[TM_REACH_NIGHTS] = {"1st", "2nd", "3rd", "4th", "5th", "6th"};

/* Times its level: as of verdicts (words.c), a percentage beyond 1000 % says less than the two amounts. */
static const double SHARE_MOST = 10;

/* "12.0 % (18 ms, to 168 ms)"; from nothing there is no percentage, and a share of calls is one already. */
static void put_size(FILE *out, const struct tm_report_metric *metric, const struct tm_reach *reach, double value)
{
    double amount = fabs(value - reach->level), share = amount / fabs(reach->level);
    bool shared = metric->kind == TM_METRIC_RATIO && share < SHARE_MOST;
    if (shared)
        fprintf(out, "%.1f %% (", 100 * share);
    tm_put_amount_beside(out, metric, amount, value);
    fputs(shared ? ", to " : " (to ", out);
    tm_put_amount_beside(out, metric, value, amount);
    putc(')', out);
}

static void put_reach(FILE *out, const struct tm_report_metric *metric, const struct tm_reach *reach)
{
    const char *change = metric->higher_is_better ? "fall" : "rise";
    if (isnan(reach->least)) {
        fprintf(out, "no %s would be told within %d nights", change, TM_REACH_NIGHTS);
        return;
    }
    fprintf(out, "a %s of ", change);
    put_size(out, metric, reach, reach->least);
    fprintf(out, " that stays would be told by its %s night", ordinals[reach->nights - 1]);
    if (reach->nights <= TM_REACH_SECOND)
        return;
    fputs(isnan(reach->second) ? ", none" : ", one of ", out);
    if (!isnan(reach->second))
        put_size(out, metric, reach, reach->second);
    fprintf(out, " by its %s", ordinals[TM_REACH_SECOND - 1]);
}

char *tm_verdict_reach(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    if (verdict->metric >= 0 && !isnan(verdict->reach.level))
        put_reach(out, &report->metrics[verdict->metric], &verdict->reach);
    return tm_built(&builder);
}
