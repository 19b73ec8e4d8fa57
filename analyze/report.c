/* Looking things up in a report. What is not there has no value: NAN, or the index -1. */
#include "analyze/report.h"

#include <math.h>
#include <string.h>

struct tm_report_verdict tm_report_no_verdict(void)
{
    return (struct tm_report_verdict){.value = NAN,
                                      .corrected = NAN,
                                      .baseline = NAN,
                                      .effect = NAN,
                                      .evidence = NAN,
                                      .needed = NAN,
                                      .z_history = NAN,
                                      .pct_history = NAN,
                                      .z_population = NAN,
                                      .pct_population = NAN,
                                      .allowed = NAN,
                                      .since_run = -1,
                                      .reach = TM_NO_REACH};
}

double tm_report_limit(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    const struct tm_limit *limit = tm_limit_for(report->limits, report->n_limits, plugin->name, report->metrics[metric].name);
    return limit ? limit->value : NAN;
}

int tm_report_metric(const struct tm_report *report, const char *name)
{
    for (size_t m = 0; m < report->n_metrics; m++)
        if (strcmp(report->metrics[m].name, name) == 0)
            return (int)m;
    return -1;
}

double tm_report_value(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t run)
{
    return plugin->values && metric >= 0 ? plugin->values[(size_t)metric * report->n_runs + run] : NAN;
}

const struct tm_week_value *tm_report_weekly(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                                             size_t week)
{
    const struct tm_week_value *value =
        metric >= 0 && plugin->weekly ? &plugin->weekly[(size_t)metric * report->n_weeks + week] : NULL;
    return value && value->n > 0 ? value : NULL;
}

double tm_report_week_at(const struct tm_report *report, size_t week)
{
    double begin = (double)report->weeks[week].begins_at;
    return begin + (fmin((double)report->weeks[week].ends_at, (double)report->runs[0].started_at) - begin) / 2;
}

/* NULL: it was judged, or nothing is known. A plugin is not judged where one of its metrics was
 * not, and nothing was found in the others. */
const char *tm_report_why_unjudged(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    if (plugin->class > TM_IMPROVED)
        return NULL;
    for (size_t i = 0; i < plugin->n_verdicts; i++) {
        const struct tm_report_verdict *verdict = &report->verdicts[plugin->first_verdict + i];
        if (verdict->class == TM_NOT_JUDGED && verdict->why)
            return verdict->why;
    }
    return NULL;
}

void tm_report_count_reasons(struct tm_report *report)
{
    for (size_t i = 0; i < report->n_plugins; i++) {
        const char *why = tm_report_why_unjudged(report, &report->plugins[i]);
        if (why)
            tm_tally_reason(&report->tally, why);
    }
}

/* The effect of a change of level is that of the level; of a suspect or an extreme run it is
 * tonight's, which is `corrected` already. */
double tm_report_level(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    bool level = verdict->class == TM_REGRESSED || verdict->class == TM_OPEN || verdict->class == TM_IMPROVED;
    if (isnan(verdict->effect) || !level || verdict->metric < 0)
        return verdict->corrected;
    return tm_metric_is_by_amount(report->metrics[verdict->metric].kind) ? verdict->baseline + verdict->effect
                                                                         : verdict->baseline * (1 + verdict->effect);
}

const char *tm_report_metric_title(const struct tm_report_metric *metric)
{
    return tm_metric_title(metric->name);
}

bool tm_interval_is_wide(const struct tm_report_interval *interval)
{
    return interval->earliest && interval->latest && strcmp(interval->earliest, interval->latest) != 0;
}

struct tm_commits tm_commits_to_search(const char *good_commit, const char *since_commit, const struct tm_report_interval *interval)
{
    if (tm_interval_is_wide(interval))
        return (struct tm_commits){interval->sure_good_commit, interval->latest_commit};
    return (struct tm_commits){good_commit, since_commit};
}

/* A full hash is cut where git would call it unambiguous in all but the largest repositories.
 * Abbreviated ones, release numbers and dates stay whole: they are shorter than LEAST_HASH, or
 * hold no letter. */
int tm_commit_shown(const char *commit)
{
    enum { HASH_SHOWN = 10, LEAST_HASH = 12 };
    size_t size = strlen(commit);
    bool hash = size >= LEAST_HASH && strspn(commit, "0123456789abcdef") == size && strpbrk(commit, "abcdef");
    return hash ? HASH_SHOWN : (int)size;
}
