/* All series of one metric on one night. Levels are judged together, since the run's own factor
 * must come off before any of them can be told from it; counts are judged one by one, for errors do
 * not rise because a host is slow.
 *
 * Each series yields one verdict, passes too: what was judged must be told from what was not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/judging.h"

/* The series has a value tonight: its position in `recent` is the position of its value among
 * the newest. */
static void remember_night(struct tm_series *series, int64_t night)
{
    memmove(series->recent + 1, series->recent, (TM_RECENT - 1) * sizeof *series->recent);
    series->recent[0] = (int32_t)night; /* tm_lineage_add_night lets no more come */
}

/* An open regression outranks what tonight alone would be called; only a further alarm outranks
 * it. */
static enum tm_class class_of(const struct tm_detector_result *result)
{
    static const enum tm_class classes[] = {TM_NOT_JUDGED, TM_PASS, TM_SUSPECT, TM_REGRESSED, TM_IMPROVED};
    return result->open && result->class != TM_DETECTOR_REGRESSED ? TM_OPEN : classes[result->class];
}

/* By how much b lies above a, as the metric's effects are given: a share, or an amount where
 * values may be zero. NAN where a share of nothing is asked for. */
static double change(const struct tm_metric_rule *rule, double a, double b)
{
    if (tm_metric_is_by_amount(rule->kind))
        return b - a;
    return a > 0 ? b / a - 1 : NAN;
}

static const char *kind_of(const struct tm_detector_result *result)
{
    return result->run_wide ? "run-wide" : result->kind == TM_DETECTOR_DRIFT ? "drift" : "step";
}

/* The first run of the new level, which the newest `since` of the series' own values hold, and the
 * last good one before it (a plugin is not in every run); and the runs between which it lies. */
static void date_change(const struct tm_lineage *lineage, const struct tm_series *series, struct tm_verdict *verdict,
                        const struct tm_detector_result *result)
{
    verdict->since_run = tm_lineage_run(lineage, series->recent[result->since - 1]);
    verdict->good_run = tm_lineage_run(lineage, series->recent[result->since]);
    verdict->interval = (struct tm_interval){tm_lineage_run(lineage, series->recent[result->earliest - 1]),
                                             tm_lineage_run(lineage, series->recent[result->latest - 1]),
                                             tm_lineage_run(lineage, series->recent[result->earliest])};
}

/* The series keeps the date of the first regression that is still open: a further step does not
 * move the beginning. */
static void keep_date(struct tm_series *series, const struct tm_verdict *verdict, bool was_open)
{
    if (!was_open || !series->since_run) {
        series->since_run = verdict->since_run;
        series->good_run = verdict->good_run;
        series->interval = verdict->interval;
    }
}

/* From memory: tonight's result speaks of the level that the series has now. */
static void note_open(const struct tm_series *series, struct tm_verdict *verdict)
{
    verdict->since_run = series->since_run;
    verdict->good_run = series->good_run;
    verdict->interval = series->interval;
}

/* What any result says, of levels and of counts. Where there was too little to judge by,
 * evidence and z stay NAN: a 0 would read as "judged, and nothing found". */
static void describe(struct tm_verdict *verdict, const struct tm_detector_result *result, const struct tm_standing *standing)
{
    verdict->class = class_of(result);
    verdict->runs = result->k;
    verdict->baseline_runs = result->n;
    verdict->evidence = result->evidence > 0 ? result->evidence : 0;
    verdict->needed = result->needed;
    verdict->z_population = standing->z;
    verdict->pct_population = standing->rank;
    if (result->class == TM_DETECTOR_TOO_FEW) {
        verdict->evidence = verdict->needed = NAN;
        verdict->why = verdict->class == TM_NOT_JUDGED ? TM_TOO_FEW_RUNS : NULL;
        return;
    }
    verdict->z_history = result->z;
    verdict->pct_history = result->percentile;
}

/* Where the regression began: from tonight's alarm, or from memory. When nothing is open any
 * more, the memory of it goes. 0, or -1: no memory. */
static int judge_open_or_new(struct tm_judging *j, struct tm_series *series, struct tm_verdict *verdict,
                             const struct tm_detector_result *result, bool was_open)
{
    if (verdict->class == TM_REGRESSED || verdict->class == TM_IMPROVED)
        date_change(j->lineage, series, verdict, result);
    if (verdict->class == TM_REGRESSED) {
        verdict->kind = kind_of(result);
        keep_date(series, verdict, was_open);
    } else if (verdict->class == TM_OPEN) {
        note_open(series, verdict);
    } else if (!result->open) {
        if (tm_end_alarm(j, verdict->plugin_id, (size_t)verdict->metric, series, TM_RETURNED, 0) != 0)
            return -1;
        series->since_run = series->good_run = series->alert_night = series->shared = 0;
        series->interval = (struct tm_interval){0};
    }
    return 0;
}

/* A verdict on that sample's metric, entered in verdict_of. NULL: no memory. */
static struct tm_verdict *new_verdict(struct tm_judging *j, size_t sample, size_t metric)
{
    const struct tm_sample *s = &j->night->samples[sample];
    struct tm_verdict *verdict = tm_judgement_add(j->out, s->plugin_id, s->plugin, (int)metric);
    if (verdict)
        j->verdict_of[sample * j->rules->n_metrics + metric] = (int)(j->out->n_verdicts - 1);
    return verdict;
}

/* Beyond `extreme` times the whole range of the past, and at least doubled: those who want it
 * need no second night to see that. The range of twelve values or more; of six, it is too often
 * narrow by chance. `before` is the state before tonight, y in logarithms: log(2) is twice. */
static bool is_extreme(const struct tm_judging *j, const struct tm_detector *before, double own)
{
    double low = INFINITY, high = -INFINITY;
    if (!(j->rules->extreme > 0) || before->n_base < 2 * TM_DETECTOR_NEEDED)
        return false;
    for (int i = 0; i < before->n_base; i++) {
        low = fmin(low, before->base[i] - before->base_common[i]);
        high = fmax(high, before->base[i] - before->base_common[i]);
    }
    return own > high + j->rules->extreme * (high - low) && own > high + log(2);
}

/* From a detector's result to a verdict: numbers back in the metric's unit, beginning, and
 * effect. 0, or -1: no memory. */
static int finish_level(struct tm_judging *j, size_t metric, const struct tm_night_entry *entry, size_t sample)
{
    const struct tm_sample *s = &j->night->samples[sample];
    struct tm_metric_rule rule;
    struct tm_verdict *verdict = new_verdict(j, sample, metric);
    if (!verdict)
        return -1;
    struct tm_series *series = tm_series_of(j->lineage, verdict);
    const struct tm_detector_result *result = &entry->result;
    /* The state has been stepped already: whether something was open is in the copy from before. */
    bool was_open = entry->before.open;
    tm_rule_for(j->rules, s->plugin, metric, &rule);
    remember_night(series, j->lineage->night);
    describe(verdict, result, &j->standings[sample]);
    verdict->value = s->values[metric];
    verdict->corrected = tm_from_y(&rule, entry->y - result->common);
    /* "Too few runs" would be true and puzzling: the plugin has a year of them, with another
     * clock. */
    if (verdict->class == TM_NOT_JUDGED && tm_why_anew(j, sample, metric))
        verdict->why = tm_why_anew(j, sample, metric);
    else if (verdict->class == TM_NOT_JUDGED && series->level.scale_before > 0)
        verdict->why = "too few runs since its level changed";
    if (verdict->class == TM_SUSPECT && is_extreme(j, &entry->before, entry->y - result->common))
        verdict->kind = "extreme";
    if (verdict->class == TM_PASS && result->held_back)
        verdict->why = TM_HELD_BACK;
    tm_tell_repeats(j, metric, entry, sample, verdict);
    if (judge_open_or_new(j, series, verdict, result, was_open) != 0)
        return -1;
    /* The effect is of the level where one was found, and of tonight where not. What is open is
     * measured against the level before the first alarm, not against the one it has become. */
    double old = verdict->class == TM_OPEN ? series->level.old_median : result->median;
    double now = result->class == TM_DETECTOR_REGRESSED || result->class == TM_DETECTOR_IMPROVED ? result->median + result->effect
                                                                                                 : entry->y - result->common;
    if (verdict->class == TM_OPEN)
        now = series->level.median;
    if (result->class != TM_DETECTOR_TOO_FEW || verdict->class == TM_OPEN) {
        verdict->baseline = tm_from_y(&rule, old);
        verdict->effect = change(&rule, verdict->baseline, tm_from_y(&rule, now));
    }
    return 0;
}

/* A night with another CPU clock: the value does not enter the history. What is open stays open;
 * else the night says nothing of it. */
static int leave_out(struct tm_judging *j, size_t sample, size_t metric)
{
    struct tm_verdict *verdict = new_verdict(j, sample, metric);
    if (!verdict)
        return -1;
    const struct tm_series *series = tm_series_of(j->lineage, verdict);
    verdict->class = series->level.open ? TM_OPEN : TM_NOT_JUDGED;
    verdict->value = verdict->corrected = j->night->samples[sample].values[metric];
    verdict->why = "another CPU clock than before";
    if (series->level.open)
        note_open(series, verdict);
    return 0;
}

/* A new series has no level yet: its least change is taken at tonight's value. */
struct tm_detector_params tm_level_params(const struct tm_rules *rules, const struct tm_metric_rule *rule, size_t metric,
                                          size_t metrics_present, const struct tm_detector *state, double y)
{
    struct tm_detector_params params = tm_detector_params_for(tm_budget_share(rules->budget, metric, metrics_present));
    params.min_effect = tm_min_change(rules, rule, state->n_base ? state->median : y);
    params.share = tm_min_share(rule);
    params.either = rule->either;
    return params;
}

/* The same budget as for levels, as a bound on a tail probability. */
struct tm_count_params tm_count_params_for(const struct tm_rules *rules, const struct tm_metric_rule *rule, size_t metric,
                                           size_t metrics_present)
{
    return (struct tm_count_params){rule->kind == TM_METRIC_ERRORS ? TM_BINOMIAL : TM_POISSON,
                                    tm_count_threshold(tm_budget_share(rules->budget, metric, metrics_present)), rule->min_effect,
                                    rules->floors ? rule->floor : 0};
}

/* The series that tonight has a value for. Returns how many, SIZE_MAX: no memory. */
static size_t fill_entries(struct tm_judging *j, size_t metric)
{
    size_t n = 0;
    for (size_t i = 0; i < j->night->n_samples; i++) {
        const struct tm_sample *s = &j->night->samples[i];
        struct tm_metric_rule rule;
        struct tm_plugin *plugin = tm_lineage_find(j->lineage, s->plugin_id);
        if (isnan(s->values[metric]) || !tm_rule_tonight(j, s->plugin, metric, &rule))
            continue;
        /* Not into the night's factor either: another clock's times would look like a shift of
         * the whole run. */
        if (tm_other_clock(j, i, metric)) {
            if (leave_out(j, i, metric) != 0)
                return SIZE_MAX;
            continue;
        }
        struct tm_series *series = tm_plugin_series(plugin, metric);
        if (!series)
            return SIZE_MAX;
        double y = tm_to_y(&rule, s->values[metric]);
        j->entries[n] =
            (struct tm_night_entry){.state = &series->level,
                                    .params = tm_level_params(j->rules, &rule, metric, j->out->metrics_present, &series->level, y),
                                    .y = y};
        j->sample_of[n++] = i;
    }
    return n;
}

/* The factor as a share of the value, by the plugin in the middle. Near zero, or across it, there
 * is hardly a share: the bounds keep what is said a number, and its direction right. */
static double share_of(const struct tm_metric_rule *rule, double y, double factor)
{
    static const double LEAST = -0.99, MOST = 1e6;
    double usual = tm_from_y(rule, y - factor), share = tm_from_y(rule, y) / usual - 1;
    bool more = (factor > 0) != rule->higher_is_better;
    if (!isfinite(share) || (share > 0) != more)
        return more ? 1 : LEAST;
    return fmax(LEAST, fmin(MOST, share));
}

/* Judges the metric's levels as one night. 0, or -1: no memory. */
static int judge_levels(struct tm_judging *j, size_t metric)
{
    struct tm_night_facts facts;
    size_t n = fill_entries(j, metric);
    if (n == SIZE_MAX)
        return -1;
    /* All series step together, then the verdicts are written: finish_level() looks at states of
     * after the night. */
    tm_detector_night(j->entries, j->order, n, j->rules->metrics[metric].run_wide, &facts);
    for (size_t i = 0; i < n; i++)
        tm_confirm(j, metric, &j->entries[i], j->sample_of[i]);
    for (size_t i = 0; i < n; i++)
        if (finish_level(j, metric, &j->entries[i], j->sample_of[i]) != 0)
            return -1;
    if (fabs(facts.factor) > 0) {
        j->out->factors[metric] =
            (struct tm_run_factor){.factor = share_of(&j->rules->metrics[metric], j->order[facts.judged / 2]->y, facts.factor),
                                   .share = (double)(facts.factor > 0 ? facts.slow : facts.fast) / (double)facts.judged};
    }
    if (facts.run_wide_alarm)
        return tm_add_run_wide(j, metric);
    tm_join_open_run_wide(j, metric);
    return 0;
}

/* One counted series. Errors are out of tonight's calls; calls are a count of one run. 0, or -1:
 * no memory. */
static int judge_count(struct tm_judging *j, size_t metric, size_t sample, const struct tm_metric_rule *rule)
{
    const struct tm_sample *s = &j->night->samples[sample];
    bool errors = rule->kind == TM_METRIC_ERRORS;
    struct tm_count_params params = tm_count_params_for(j->rules, rule, metric, j->out->metrics_present);
    struct tm_detector_result result;
    struct tm_plugin *plugin = tm_lineage_find(j->lineage, s->plugin_id);
    struct tm_series *series = tm_plugin_series(plugin, metric);
    struct tm_verdict *verdict = series ? new_verdict(j, sample, metric) : NULL;
    if (!verdict)
        return -1;
    bool was_open = series->counts.open, suspected = false;
    if (s->repeats)
        suspected = tm_count_suspected(&series->counts, &params, s->repeats);
    tm_counts_step(&series->counts, &params, errors ? s->errors : s->calls, errors ? s->calls : 1, &result);
    remember_night(series, j->lineage->night);
    describe(verdict, &result, &j->standings[sample]);
    verdict->value = verdict->corrected = s->values[metric];
    if (verdict->class == TM_PASS && result.held_back)
        verdict->why = TM_HELD_BACK;
    tm_say_repeats(verdict, s->repeats ? s->repeats->of[metric].n - 1 : 0, suspected);
    if (judge_open_or_new(j, series, verdict, &result, was_open) != 0)
        return -1;
    if (result.class == TM_DETECTOR_TOO_FEW && verdict->class != TM_OPEN)
        return 0;
    verdict->baseline = verdict->class == TM_OPEN ? series->counts.old_rate : result.median;
    /* What is waived, suspect or better is told by tonight's rate, a new level by that of its
     * runs. */
    double now = fabs(result.effect) > 0 && verdict->class >= TM_OPEN ? result.median + result.effect : s->values[metric];
    verdict->effect = change(rule, verdict->baseline, now);
    return 0;
}

/* Each series is judged by itself; what most of them did together is one alarm all the same. */
static int judge_counts(struct tm_judging *j, size_t metric)
{
    size_t judged = 0, together = 0;
    for (size_t i = 0; i < j->night->n_samples; i++) {
        const struct tm_sample *s = &j->night->samples[i];
        struct tm_metric_rule rule;
        if (isnan(s->values[metric]) || !tm_rule_tonight(j, s->plugin, metric, &rule))
            continue;
        if (judge_count(j, metric, i, &rule) != 0)
            return -1;
        judged += tm_verdict_at(j, i, metric)->class != TM_NOT_JUDGED;
        together += tm_is_shared(j, tm_verdict_at(j, i, metric), metric);
    }
    return tm_is_run_wide(together, judged) ? tm_add_run_wide(j, metric) : 0;
}

/* The population first: each verdict also says where the plugin stands among those of tonight. */
int tm_judge_metric(struct tm_judging *j, size_t metric)
{
    for (size_t i = 0; i < j->night->n_samples; i++)
        j->values[i] = j->night->samples[i].values[metric];
    tm_population(j->values, j->night->n_samples, j->scratch, j->standings);
    return tm_metric_is_counted(j->rules->metrics[metric].kind) ? judge_counts(j, metric) : judge_levels(j, metric);
}
