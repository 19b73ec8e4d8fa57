/* A level on its night: the detector's result becomes a verdict, with numbers back in the metric's
 * unit. What the whole run did is known, and comes off first. */
#include <math.h>

#include "analyze/judging.h"

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

/* Beyond `extreme` times the whole range of the past, and at least doubled: those who want it
 * need no second night to see that. The range of twelve values or more; of six, it is too often
 * narrow by chance. y is in logarithms: log(2) is twice. */
static bool is_extreme(const struct tm_judged_level *level, enum tm_metric_kind kind, double extreme)
{
    double low = INFINITY, high = -INFINITY, own = level->y - level->result.common;
    struct tm_detector before;
    if (!(extreme > 0))
        return false;
    tm_level_before(level, kind, &before);
    for (int i = 0; i < before.n_base; i++) {
        low = fmin(low, before.base[i] - before.base_common[i]);
        high = fmax(high, before.base[i] - before.base_common[i]);
    }
    return before.n_base >= 2 * TM_DETECTOR_NEEDED && own > high + extreme * (high - low) && own > high + log(2);
}

/* Why the class is what it is, where that is not plain. */
static void explain(const struct tm_judging *j, size_t metric, size_t sample, const struct tm_judged_level *level,
                    struct tm_verdict *verdict)
{
    const char *anew = verdict->class == TM_NOT_JUDGED ? tm_why_anew(j, sample, metric) : NULL;
    /* "Too few runs" would be true and puzzling: the plugin has a year of them, with another
     * clock. */
    if (anew)
        verdict->why = anew;
    else if (verdict->class == TM_NOT_JUDGED && level->state->scale_before > 0)
        verdict->why = "too few runs since its level changed";
    if (verdict->class == TM_SUSPECT && is_extreme(level, j->rules->metrics[metric].kind, j->rules->extreme))
        verdict->kind = TM_KIND_EXTREME;
    if (verdict->class == TM_PASS && level->result.held_back)
        verdict->why = TM_HELD_BACK;
    tm_tell_repeats(j, metric, sample, level, verdict);
}

/* The effect is of the level where one was found, and of tonight where not. What is open is
 * measured against the level before the first alarm, not against the one it has become. */
static void measure(const struct tm_metric_rule *rule, const struct tm_judged_level *level, struct tm_verdict *verdict)
{
    const struct tm_detector_result *result = &level->result;
    bool open = verdict->class == TM_OPEN;
    bool changed = result->class == TM_DETECTOR_REGRESSED || result->class == TM_DETECTOR_IMPROVED;
    double old = open ? level->state->old_median : result->median;
    double now = open ? level->state->median : changed ? result->median + result->effect : level->y - result->common;
    verdict->corrected = tm_from_y(rule, level->y - result->common);
    if (result->class == TM_DETECTOR_TOO_FEW && !open)
        return;
    verdict->baseline = tm_from_y(rule, old);
    verdict->effect = tm_change(rule, verdict->baseline, tm_from_y(rule, now));
}

/* A night with another CPU clock: the value does not enter the history. What is open stays open;
 * else the night says nothing of it. */
static int leave_out(struct tm_judging *j, size_t metric, size_t sample)
{
    struct tm_verdict *verdict = tm_new_verdict(j, sample, metric);
    if (!verdict)
        return -1;
    const struct tm_kept *kept = tm_series_at(tm_plugin_of(j, sample), metric);
    verdict->class = tm_kept_is_open(kept) ? TM_OPEN : TM_NOT_JUDGED;
    verdict->value = verdict->corrected = j->night->samples[sample].values[metric];
    verdict->why = "another CPU clock than before";
    if (tm_kept_is_open(kept))
        tm_note_open(tm_alarm_of(kept), verdict);
    return 0;
}

/* No later run will say more of one that is judged by itself. */
static void confirm_extreme(const struct tm_judging *j, size_t metric, struct tm_judged_level *level)
{
    enum tm_metric_kind kind = j->rules->metrics[metric].kind;
    struct tm_detector before;
    level->extreme =
        j->night->alone && level->result.class == TM_DETECTOR_SUSPECT && is_extreme(level, kind, j->rules->extreme_alone);
    if (!level->extreme)
        return;
    tm_level_before(level, kind, &before);
    tm_detector_confirm(level->state, &before, &level->params, level->y, &level->result);
}

/* The step itself, without the part that is the run's. */
static void step(struct tm_judging *j, size_t metric, size_t sample, struct tm_judged_level *level)
{
    struct tm_night_facts *facts = &j->slices->facts[metric];
    bool host = j->rules->metrics[metric].run_wide, votes = level->state->n_base >= TM_DETECTOR_NEEDED;
    double factor = j->metrics[metric].facts.factor;
    double common = votes ? tm_common_part(level->y - level->state->median, factor) : 0;
    tm_detector_step(level->state, &level->params, level->y, common, &level->result);
    facts->judged += votes;
    facts->together += level->result.class == TM_DETECTOR_REGRESSED && (level->result.run_wide || !host);
    tm_confirm(j, metric, sample, level);
    confirm_extreme(j, metric, level);
}

int tm_judge_level(struct tm_judging *j, size_t metric, size_t sample, const struct tm_metric_rule *rule)
{
    if (tm_other_clock(j, sample, metric))
        return leave_out(j, metric, sample);
    struct tm_kept **place = tm_series_place(tm_plugin_of(j, sample), metric);
    struct tm_verdict *verdict = place ? tm_new_verdict(j, sample, metric) : NULL;
    struct tm_series series;
    if (!verdict)
        return -1;
    tm_kept_open(*place, rule->kind, &series);
    double value = j->night->samples[sample].values[metric];
    struct tm_judged_level level = {.before = *place, .state = &series.level, .y = tm_to_y(rule, value)};
    level.params = tm_level_params(j->rules, rule, metric, j->out->metrics_present, level.state, level.y);
    bool was_open = series.level.open;
    step(j, metric, sample, &level);
    tm_remember_night(&series, j->lineage->night);
    tm_describe(verdict, &level.result);
    verdict->value = value;
    explain(j, metric, sample, &level, verdict);
    if (tm_date_verdict(j, &series, verdict, &level.result, was_open) != 0)
        return -1;
    if (level.extreme)
        verdict->kind = TM_KIND_EXTREME;
    measure(rule, &level, verdict);
    return tm_kept_close(place, &series, rule->kind, verdict->class == TM_REGRESSED);
}
