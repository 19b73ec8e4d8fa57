/* The run as a whole: what most plugins did together is one alarm, of the run (plugin "*"), and
 * theirs are open, told by it. It stays open until hardly any of them hold it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/judging.h"

/* Plugins that must still hold a run-wide regression: with fewer it is theirs, not the run's (as
 * for its alarm, night.c). */
enum { HOLDERS = 3 };

/* Is it an alarm of tonight that the whole run shares: a shift of times that stays, or any of what
 * no host can cause? */
bool tm_is_shared(const struct tm_judging *j, const struct tm_verdict *verdict, size_t metric)
{
    if (!verdict || verdict->class != TM_REGRESSED)
        return false;
    return !j->rules->metrics[metric].run_wide || strcmp(verdict->kind, "run-wide") == 0;
}

/* The mean of plugins' effects; of shares on the scale on which they multiply. */
struct mean_effect {
    double sum;
    size_t n;
};

static void add_effect(struct mean_effect *mean, const struct tm_metric_rule *rule, double effect)
{
    if (isnan(effect))
        return; /* a share of nothing */
    mean->sum += tm_metric_is_by_amount(rule->kind) ? effect : log1p(effect);
    mean->n++;
}

static double mean_of(const struct mean_effect *mean, const struct tm_metric_rule *rule)
{
    if (mean->n == 0)
        return NAN;
    double effect = mean->sum / (double)mean->n;
    return tm_metric_is_by_amount(rule->kind) ? effect : expm1(effect);
}

/* The plugins' own alarms join the one of the run: they are open, told by it. Returns the mean of
 * their effects, and one of their verdicts in *sample, from which the run's takes its beginning. */
static double join_run_wide(struct tm_judging *j, size_t metric, struct tm_verdict *sample)
{
    const struct tm_metric_rule *rule = &j->rules->metrics[metric];
    struct mean_effect mean = {0, 0};
    for (size_t i = 0; i < j->n_rows; i++) {
        struct tm_verdict *verdict = tm_verdict_at(j, i, metric);
        if (!tm_is_shared(j, verdict, metric))
            continue;
        verdict->class = TM_OPEN;
        verdict->why = TM_PART_OF_RUN;
        struct tm_alarm_memory *alarm = tm_series_of(j->lineage, verdict)->alarm;
        alarm->shared = TM_TOLD_BY_RUN;
        alarm->alert_night = j->lineage->night;
        add_effect(&mean, rule, verdict->effect);
        *sample = *verdict;
    }
    return mean_of(&mean, rule);
}

/* Its plugins began with it; others that were told by the run may hold an older one. */
int tm_find_run_wide_metric(const struct tm_judging *j)
{
    const struct tm_lineage *lineage = j->lineage;
    if (!lineage->run_wide_since)
        return -1;
    for (size_t i = 0; i < lineage->n_plugins; i++)
        for (size_t m = 0; m < j->rules->n_metrics; m++) {
            const struct tm_alarm_memory *alarm = tm_alarm_of(tm_series_at(&lineage->plugins[i], m));
            if (alarm->shared == TM_TOLD_BY_RUN && alarm->since_run == lineage->run_wide_since)
                return (int)m;
        }
    return -1;
}

/* How many nights ago that run was; FAR if it is further back than a change may be dated. */
static int nights_since(const struct tm_lineage *lineage, int64_t run)
{
    enum { FAR = 100, LOOKED_AT = 3 * TM_DETECTOR_NEWEST };
    for (int k = 0; k < LOOKED_AT && k < lineage->night; k++)
        if (tm_lineage_run(lineage, (int32_t)(lineage->night - k)) == run)
            return k;
    return FAR;
}

/* Is the run's open alarm about that change, too? All times shift with the host, some sooner and
 * some later. What it cannot slow is another event, unless both began together. */
static bool is_open_for(const struct tm_judging *j, size_t metric, int64_t since_run)
{
    enum { TOGETHER = 3 }; /* nights between the dates of one event in two metrics */
    int open_metric = j->run_wide_metric;
    const struct tm_metric_rule *rules = j->rules->metrics;
    if (!j->lineage->run_wide_since)
        return false;
    if (open_metric >= 0 && ((size_t)open_metric == metric || (rules[open_metric].run_wide && rules[metric].run_wide)))
        return true;
    return abs(nights_since(j->lineage, since_run) - nights_since(j->lineage, j->lineage->run_wide_since)) <= TOGETHER;
}

/* One alarm for the run, whichever metric shows it first: while it is open, another metric's shift
 * is mostly the same event. 0, or -1: no memory. */
int tm_add_run_wide(struct tm_judging *j, size_t metric)
{
    struct tm_verdict joined = {0};
    double effect = join_run_wide(j, metric, &joined);
    if (is_open_for(j, metric, joined.since_run))
        return 0;
    struct tm_verdict *whole = tm_judgement_add(j->out, 0, "*", (int)metric);
    if (!whole)
        return -1;
    whole->class = TM_REGRESSED;
    whole->leads = true;
    whole->kind = "run-wide";
    whole->effect = effect;
    whole->evidence = joined.evidence;
    whole->needed = joined.needed;
    whole->runs = joined.runs;
    whole->since_run = joined.since_run;
    whole->good_run = joined.good_run;
    whole->interval = joined.interval;
    whole->why = j->rules->metrics[metric].run_wide
                     ? "most plugins of the run changed together, and it lasts: the host or the runtime, not the plugins"
                     : "most plugins of the run changed together, in what no slow host can change: a build, a library or the data";
    j->lineage->run_wide_since = whole->since_run;
    j->lineage->run_wide_good = whole->good_run;
    j->lineage->run_wide_interval = whole->interval;
    j->lineage->run_wide_night = j->lineage->night;
    j->run_wide_metric = (int)metric;
    return 0;
}

/* Fewer than would make an alarm of the run belong to the one that another time has made. */
void tm_join_open_run_wide(struct tm_judging *j, size_t metric)
{
    int open_metric = j->run_wide_metric;
    if (open_metric >= 0 && j->rules->metrics[open_metric].run_wide && j->rules->metrics[metric].run_wide) {
        struct tm_verdict joined = {0};
        join_run_wide(j, metric, &joined);
    }
}

/* Is the verdict on a plugin's part of the run's open alarm? */
static bool is_part(const struct tm_judging *j, const struct tm_verdict *verdict)
{
    return verdict->class == TM_OPEN && tm_alarm_of(tm_series_of(j->lineage, verdict))->shared == TM_TOLD_BY_RUN;
}

/* Says of each part that it is one, and returns the mean effect of those of the metric. */
static double tell_parts(struct tm_judging *j, int metric)
{
    const struct tm_metric_rule *rule = &j->rules->metrics[metric];
    struct mean_effect mean = {0, 0};
    for (size_t i = 0; i < j->out->n_verdicts; i++) {
        struct tm_verdict *verdict = &j->out->verdicts[i];
        if (!is_part(j, verdict))
            continue;
        if (!verdict->why)
            verdict->why = TM_PART_OF_RUN;
        if (verdict->metric == metric)
            add_effect(&mean, rule, verdict->effect);
    }
    return mean_of(&mean, rule);
}

/* A run-wide regression stays open, one verdict a night, until fewer than three plugins still
 * hold it; then it is forgotten, and what those hold is theirs. 0, or -1: no memory. */
int tm_judge_run_wide(struct tm_judging *j)
{
    size_t holding = 0;
    int shown = tm_find_run_wide_metric(j), metric = 0;
    for (size_t i = 0; i < j->out->n_verdicts; i++) {
        if (j->out->verdicts[i].plugin_id == 0)
            return 0; /* raised tonight: its verdict is there already */
        if (!is_part(j, &j->out->verdicts[i]))
            continue;
        metric = holding++ > 0 ? metric : j->out->verdicts[i].metric;
        metric = j->out->verdicts[i].metric == shown ? shown : metric;
    }
    if (!j->lineage->run_wide_since)
        return 0;
    if (holding < HOLDERS)
        return tm_end_run_wide(j, TM_RETURNED, 0);
    double effect = tell_parts(j, metric);
    struct tm_verdict *whole = tm_judgement_add(j->out, 0, "*", metric);
    if (!whole)
        return -1;
    whole->class = TM_OPEN;
    whole->leads = true;
    whole->kind = "run-wide";
    whole->effect = effect;
    whole->since_run = j->lineage->run_wide_since;
    whole->good_run = j->lineage->run_wide_good;
    whole->interval = j->lineage->run_wide_interval;
    return 0;
}
