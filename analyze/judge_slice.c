/* The series of a night, plugin by plugin, each with all its metrics: what is known of the whole run
 * has been found before, so that no plugin waits for another one.
 *
 * Where only what is to be told is wanted, plugins that pass and those that are young are counted, and their verdicts
 * go: a run of a million plugins has room for the few others. */
#include <math.h>
#include <string.h>

#include "analyze/judging.h"
#include "base/array.h"
#include "base/workers.h"

/* What is allowed of that value tonight, where it is beyond that; NAN: nothing is exceeded, or it is not for this run to say: a
 * branch is not blamed for a limit that its base's newest value is beyond as well. */
static double exceeded(const struct tm_judging *j, size_t sample, size_t metric)
{
    const struct tm_sample *s = &j->night->samples[sample];
    const struct tm_metric_rule *rule = &j->rules->metrics[metric];
    const struct tm_limit *limit = tm_limit_for(j->rules->limits, j->rules->n_limits, s->plugin, rule->name);
    if (!limit)
        return NAN;
    uint64_t *marks = &tm_plugin_of(j, sample)->presence.beyond, mark = UINT64_C(1) << limit->place;
    bool beyond = tm_is_beyond(rule, s->values[metric], limit->value), excused = j->night->alone && (*marks & mark);
    if (!j->night->alone)
        *marks = beyond ? *marks | mark : *marks & ~mark;
    return beyond && !excused ? limit->value : NAN;
}

/* A value beyond its limit fails the night, whatever its past says: also of a metric that is not judged. What is open or has
 * regressed fails in any case, and stays what it is. 0, or -1 without memory. */
static int tell_limit(struct tm_judging *j, size_t sample, size_t metric, double limit)
{
    const struct tm_sample *s = &j->night->samples[sample];
    if (isnan(limit))
        return 0;
    if (j->verdict_of[metric] < 0 && !tm_new_verdict(j, sample, metric))
        return -1;
    struct tm_verdict *verdict = &j->out->verdicts[j->verdict_of[metric]];
    verdict->value = s->values[metric];
    verdict->corrected = isnan(verdict->corrected) ? verdict->value : verdict->corrected;
    verdict->allowed = limit;
    if (verdict->class < TM_OVER_LIMIT) {
        verdict->class = TM_OVER_LIMIT;
        verdict->kind = verdict->why = NULL;
    }
    return 0;
}

/* All metrics of one sample. 0, or -1 without memory. */
static int judge_sample(struct tm_judging *j, size_t sample)
{
    const struct tm_sample *s = &j->night->samples[sample];
    struct tm_metric_rule rule;
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        j->verdict_of[m] = -1;
        if (isnan(s->values[m]) || !tm_rule_tonight(j, s->plugin, m, &rule))
            continue;
        double limit = exceeded(j, sample, m);
        int judged = rule.only_limit                   ? 0
                     : tm_metric_is_counted(rule.kind) ? tm_judge_count(j, m, sample, &rule)
                                                       : tm_judge_level(j, m, sample, &rule);
        if (judged != 0 || tell_limit(j, sample, m, limit) != 0)
            return -1;
    }
    tm_note_present(&tm_plugin_of(j, sample)->presence, j->night->run_id);
    return 0;
}

/* Is there nothing to tell of these verdicts of one plugin? All pass, and not only for the floor, or all are of a plugin that is
 * too young. */
static bool is_settled(const struct tm_verdict *verdicts, size_t n)
{
    size_t passes = 0, young = 0;
    for (size_t i = 0; i < n; i++) {
        passes += verdicts[i].class == TM_PASS && !verdicts[i].why;
        young += tm_is_young(&verdicts[i]);
    }
    return passes == n || young == n;
}

/* Can nothing that is said later change who speaks for the plugin? An alarm may join another one, and a decision may waive. */
static bool is_final(const struct tm_judging *j, const struct tm_verdict *verdicts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (verdicts[i].class == TM_REGRESSED)
            return false;
    return j->n_decisions == 0;
}

/* Passes that have no reason go. Returns how many verdicts stay. */
static size_t drop_passes(struct tm_verdict *verdicts, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (verdicts[i].class != TM_PASS || verdicts[i].why)
            verdicts[kept++] = verdicts[i];
    return kept;
}

/* What the slice says of the sample that has just been judged, its last verdicts from `first` on. 0, or -1 without memory. */
static int tell(struct tm_judging *j, size_t sample, size_t first)
{
    struct tm_judgement *said = j->out;
    if (said->n_verdicts == first)
        return 0;
    struct tm_verdict *verdicts = said->verdicts + first;
    size_t n = said->n_verdicts - first;
    bool settled = said->brief && is_settled(verdicts, n), led = said->brief && is_final(j, verdicts, n);
    if ((settled || led) && tm_choose_leader(j, 0) != 0)
        return -1;
    if (led)
        said->n_verdicts = first + drop_passes(verdicts, n);
    if (settled)
        said->n_verdicts = first;
    if (said->n_verdicts == first)
        return 0;
    struct tm_told *told = tm_array_add(&j->slices->told, &j->slices->n_told, sizeof *told);
    if (!told)
        return -1;
    *told = (struct tm_told){sample, first, said->n_verdicts, led};
    return 0;
}

/* Its own judging: shares the night, and says what it says into the slice. */
static int judge_slice(void *context, size_t part)
{
    struct tm_judging j = *(struct tm_judging *)context;
    struct tm_slice *slice = &j.slices[part];
    slice->said.brief = j.out->brief;
    slice->said.metrics_present = j.out->metrics_present;
    j.out = &slice->said;
    j.slices = slice;
    j.verdict_of = slice->verdict_of;
    for (size_t i = slice->from; i < slice->end; i++) {
        size_t first = j.out->n_verdicts;
        if (judge_sample(&j, i) != 0 || tell(&j, i, first) != 0)
            return -1;
    }
    return 0;
}

int tm_judge_slices(struct tm_judging *j)
{
    return tm_work_in_parts(j->n_slices, j->out->threads, judge_slice, j);
}
