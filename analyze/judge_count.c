/* A count on its night: errors are out of tonight's calls, calls are a count of one run. Counts are
 * judged by themselves, for errors do not rise because a host is slow. */
#include <math.h>

#include "analyze/judging.h"

/* The same budget as for levels, as a bound on a tail probability. */
struct tm_count_params tm_count_params_for(const struct tm_rules *rules, const struct tm_metric_rule *rule, size_t metric,
                                           size_t metrics_present)
{
    return (struct tm_count_params){rule->kind == TM_METRIC_ERRORS ? TM_BINOMIAL : TM_POISSON,
                                    tm_count_threshold(tm_budget_share(rules->budget, metric, metrics_present)), rule->min_effect,
                                    rules->floors ? rule->floor : 0};
}

/* Effect and baseline, as rates. */
static void measure(const struct tm_metric_rule *rule, const struct tm_counts *counts, const struct tm_detector_result *result,
                    struct tm_verdict *verdict)
{
    if (result->class == TM_DETECTOR_TOO_FEW && verdict->class != TM_OPEN)
        return;
    verdict->baseline = verdict->class == TM_OPEN ? counts->old_rate : result->median;
    /* What is waived, suspect or better is told by tonight's rate, a new level by that of its
     * runs. */
    double now = fabs(result->effect) > 0 && verdict->class >= TM_OPEN ? result->median + result->effect : verdict->value;
    verdict->effect = tm_change(rule, verdict->baseline, now);
}

int tm_judge_count(struct tm_judging *j, size_t metric, size_t sample, const struct tm_metric_rule *rule)
{
    const struct tm_sample *s = &j->night->samples[sample];
    bool errors = rule->kind == TM_METRIC_ERRORS;
    struct tm_count_params params = tm_count_params_for(j->rules, rule, metric, j->out->metrics_present);
    struct tm_night_facts *facts = &j->slices->facts[metric];
    struct tm_detector_result result;
    struct tm_series series;
    struct tm_kept **place = tm_series_place(tm_plugin_of(j, sample), metric);
    struct tm_verdict *verdict = place ? tm_new_verdict(j, sample, metric) : NULL;
    if (!verdict)
        return -1;
    tm_kept_open(*place, rule->kind, &series);
    bool was_open = series.counts.open, suspected = s->repeats && tm_count_suspected(&series.counts, &params, s->repeats);
    struct tm_counts before = series.counts;
    double events = errors ? s->errors : s->calls, trials = errors ? s->calls : 1;
    bool extreme = j->night->alone && tm_counts_extreme(&before, &params, events, trials, j->rules->extreme_alone);
    tm_counts_step(&series.counts, &params, events, trials, &result);
    if (extreme && result.class == TM_DETECTOR_SUSPECT)
        tm_counts_confirm(&series.counts, &before, &params, events, trials, &result);
    tm_remember_night(&series, j->lineage->night);
    tm_describe(verdict, &result);
    verdict->value = verdict->corrected = s->values[metric];
    if (verdict->class == TM_PASS && result.held_back)
        verdict->why = TM_HELD_BACK;
    tm_say_repeats(verdict, s->repeats ? s->repeats->of[metric].n - 1 : 0, suspected);
    if (tm_date_verdict(j, &series, verdict, &result, was_open) != 0)
        return -1;
    if (extreme && verdict->class == TM_REGRESSED)
        verdict->kind = TM_KIND_EXTREME;
    measure(rule, &series.counts, &result, verdict);
    facts->judged += verdict->class != TM_NOT_JUDGED;
    facts->together += tm_is_shared(j, verdict, metric);
    return tm_kept_close(place, &series, rule->kind, verdict->class == TM_REGRESSED);
}
