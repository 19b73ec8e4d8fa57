/* What the slices say, put together in the order of metrics, and within one in that of the samples,
 * however many slices there were. Here the run as a whole speaks: of each metric, what was taken off
 * and what most of its series did together; and each verdict that is told learns where its plugin
 * stands among those of tonight. */
#include <math.h>
#include <stdlib.h>

#include "analyze/judging.h"
#include "base/array.h"
#include "base/workers.h"

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

static void note_factor(struct tm_judging *j, size_t metric)
{
    const struct tm_night_facts *facts = &j->metrics[metric].facts;
    if (fabs(facts->factor) > 0)
        j->out->factors[metric] =
            (struct tm_run_factor){.factor = share_of(&j->rules->metrics[metric], facts->middle, facts->factor),
                                   .share = (double)(facts->factor > 0 ? facts->slow : facts->fast) / (double)facts->judged};
}

/* Room for all rows at once; one more than none, for malloc(0) may be NULL. 0, or -1 without memory. */
static int take_rows(struct tm_judging *j)
{
    size_t n_metrics = j->rules->n_metrics, n_verdicts = n_metrics;
    j->n_rows = 0;
    for (size_t i = 0; i < j->n_slices; i++) {
        j->n_rows += j->slices[i].n_told;
        n_verdicts += j->slices[i].said.n_verdicts;
    }
    j->verdict_of = malloc((j->n_rows * n_metrics + 1) * sizeof *j->verdict_of);
    j->rows = malloc((j->n_rows + 1) * sizeof *j->rows);
    for (size_t i = 0; j->verdict_of && i < j->n_rows * n_metrics; i++)
        j->verdict_of[i] = -1;
    return j->verdict_of && j->rows ? tm_array_reserve(&j->out->verdicts, &j->out->room, n_verdicts, sizeof *j->out->verdicts) : -1;
}

/* What is counted, and not told. 0, or -1 without memory. */
static int add_counts(struct tm_judging *j, const struct tm_judgement *said)
{
    struct tm_judgement *out = j->out;
    out->judged += said->judged;
    out->passed += said->passed;
    out->held += said->held;
    for (size_t i = 0; i < said->n_young; i++) {
        int64_t *id = tm_array_add(&out->young, &out->n_young, sizeof *id);
        if (!id)
            return -1;
        *id = said->young[i];
    }
    if (tm_array_reserve(&out->ends, &out->ends_room, out->n_ends + said->n_ends, sizeof *out->ends) != 0)
        return -1;
    for (size_t i = 0; i < said->n_ends; i++)
        out->ends[out->n_ends++] = said->ends[i];
    return 0;
}

/* The slice's verdicts on that metric; a row's come in the order of metrics, so its first is the next one. */
static void add_verdicts(struct tm_judging *j, struct tm_slice *slice, size_t row, size_t metric)
{
    for (size_t i = 0; i < slice->n_told; i++, row++) {
        struct tm_told *told = &slice->told[i];
        const struct tm_verdict *verdict = &slice->said.verdicts[told->first];
        j->rows[row] = *told;
        if (told->first == told->end || (size_t)verdict->metric != metric)
            continue;
        told->first++;
        j->verdict_of[row * j->rules->n_metrics + metric] = (int)j->out->n_verdicts;
        j->out->verdicts[j->out->n_verdicts++] = *verdict; /* take_rows() has made room */
    }
}

/* All verdicts on one metric, and what they say together. 0, or -1 without memory. */
static int gather_metric(struct tm_judging *j, size_t metric)
{
    struct tm_metric_night *night = &j->metrics[metric];
    const struct tm_metric_rule *rule = &j->rules->metrics[metric];
    size_t row = 0;
    night->first_verdict = j->out->n_verdicts;
    for (size_t i = 0; i < j->n_slices; i++) {
        struct tm_slice *slice = &j->slices[i];
        night->facts.judged += slice->facts[metric].judged;
        night->facts.together += slice->facts[metric].together;
        add_verdicts(j, slice, row, metric);
        row += slice->n_told;
    }
    night->end_verdict = j->out->n_verdicts;
    note_factor(j, metric);
    if (tm_is_run_wide(night->facts.together, night->facts.judged))
        return tm_add_run_wide(j, metric);
    if (!tm_metric_is_counted(rule->kind))
        tm_join_open_run_wide(j, metric);
    return 0;
}

/* Where those stand that are told of that metric. 0, or -1 without memory. */
static int place_in_population(void *context, size_t metric)
{
    const struct tm_judging *j = context;
    const struct tm_metric_night *night = &j->metrics[metric];
    struct tm_population population = {0};
    if (night->first_verdict == night->end_verdict)
        return 0;
    double *values = malloc(j->night->n_samples * sizeof *values);
    if (!values)
        return -1;
    for (size_t i = 0; i < j->night->n_samples; i++)
        values[i] = j->night->samples[i].values[metric];
    tm_population_of(&population, values, j->night->n_samples);
    for (size_t i = night->first_verdict; i < night->end_verdict; i++) {
        struct tm_verdict *verdict = &j->out->verdicts[i];
        struct tm_standing standing = tm_standing_in(&population, verdict->value);
        verdict->z_population = standing.z;
        verdict->pct_population = standing.rank;
    }
    free(values);
    return 0;
}

int tm_gather_slices(struct tm_judging *j)
{
    if (take_rows(j) != 0)
        return -1;
    for (size_t i = 0; i < j->n_slices; i++)
        if (add_counts(j, &j->slices[i].said) != 0)
            return -1;
    for (size_t m = 0; m < j->rules->n_metrics; m++)
        if (gather_metric(j, m) != 0)
            return -1;
    return tm_work_in_parts(j->rules->n_metrics, j->out->threads, place_in_population, j);
}
