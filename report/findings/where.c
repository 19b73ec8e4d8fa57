/* Of which plugin and metric a finding is, and between which runs and commits it began. */
#include "report/findings/diagnosis.h"
#include "report/words.h"

/* Names of runs and commits are what people search their logs and repositories for. */
static void put_good(FILE *out, const char *before, const char *key, int64_t at)
{
    fputs(before, out);
    tm_put_dated_run(out, key, at);
    fputs(" was good)", out);
}

static void put_sure(FILE *out, const struct tm_report_interval *interval)
{
    fputs(" (at the earliest ", out);
    tm_put_dated_run(out, interval->earliest, interval->earliest_at);
    fputs(", at the latest ", out);
    tm_put_dated_run(out, interval->latest, interval->latest_at);
    put_good(out, "; run ", interval->sure_good, interval->sure_good_at);
}

void tm_put_where(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_report_verdict *v = f->verdict;
    (void)cause;
    if (v->group)
        fprintf(out, "%s, the weightiest of them: ", f->report->plugins[v->plugin].name);
    if (v->metric >= 0 && v->plugin != TM_WHOLE_RUN)
        fprintf(out, "%s, ", f->report->metrics[v->metric].name);
    fputs(tm_class_name(v->class), out);
    bool wide = v->since && tm_interval_is_wide(&v->interval);
    if (v->since)
        fputs(" since run ", out), tm_put_dated_run(out, v->since, v->since_at);
    else if (v->metric >= 0 && v->plugin != TM_WHOLE_RUN)
        fprintf(out, " in run %s", f->report->run->key);
    if (v->last_good && v->metric < 0) {
        fputs(", ", out);
        tm_put_last_seen(out, v);
    } else if (wide && v->interval.sure_good)
        put_sure(out, &v->interval);
    else if (v->last_good)
        put_good(out, " (run ", v->last_good, v->good_at);
    if (v->since)
        tm_put_commits(out, ", commits ", tm_verdict_commits(v));
}
