/* Judges one night: first what people decided, then every metric over all plugins, then one word
 * for each plugin. The order matters: an accepted level is the baseline that tonight is judged
 * by, and who leads is known only when all metrics have spoken. */
#include "analyze/judging.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"

/* Metrics with a value tonight: the budget of false alarms is shared among these, not among all
 * that the rules name. */
static size_t count_metrics(const struct tm_judging *j)
{
    size_t present = 0;
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        bool any = false;
        for (size_t i = 0; i < j->night->n_samples && !any; i++)
            any = !isnan(j->night->samples[i].values[m]);
        present += any;
    }
    return present;
}

/* All the memory of a night at once, so that nothing can fail between two series. One more
 * than samples and metrics: malloc(0) may be NULL. */
static int take_scratch(struct tm_judging *j)
{
    size_t n = j->night->n_samples + 1, cells = n * (j->rules->n_metrics + 1);
    j->verdict_of = malloc(cells * sizeof *j->verdict_of);
    j->values = malloc(n * sizeof *j->values);
    j->scratch = malloc(n * sizeof *j->scratch);
    j->standings = malloc(n * sizeof *j->standings);
    j->entries = malloc(n * sizeof *j->entries);
    j->order = malloc(n * sizeof *j->order);
    j->sample_of = malloc(n * sizeof *j->sample_of);
    for (size_t i = 0; j->verdict_of && i < cells; i++)
        j->verdict_of[i] = -1;
    return j->verdict_of && j->values && j->scratch && j->standings && j->entries && j->order && j->sample_of ? 0 : -1;
}

static void free_scratch(struct tm_judging *j)
{
    free(j->verdict_of);
    free(j->values);
    free(j->scratch);
    free(j->standings);
    free(j->entries);
    free(j->order);
    free(j->sample_of);
}

/* Clocks are noted before any series is judged: they decide which CPU times may be compared at
 * all. */
static int judge_all(struct tm_judging *j)
{
    if (take_scratch(j) != 0)
        return -1;
    /* Every plugin of the night is known to the lineage before any series is touched: pointers
     * into it stay good. */
    for (size_t i = 0; i < j->night->n_samples; i++)
        if (!tm_lineage_plugin(j->lineage, j->night->samples[i].plugin_id, j->night->samples[i].plugin))
            return -1;
    j->out->metrics_present = count_metrics(j);
    j->out->fine_clock = j->night->fine_clock;
    if (tm_apply_decisions(j) != 0 || tm_note_clocks(j) != 0)
        return -1;
    for (size_t m = 0; m < j->rules->n_metrics; m++)
        if (tm_judge_metric(j, m) != 0)
            return -1;
    return tm_judge_plugins(j);
}

/* Nothing is taken off any metric, so far. */
static int no_factors(struct tm_judgement *judgement, size_t n)
{
    while (judgement->n_factors < n)
        if (!tm_array_add(&judgement->factors, &judgement->n_factors, sizeof *judgement->factors))
            return -1;
    for (size_t m = 0; m < judgement->n_factors; m++)
        judgement->factors[m] = (struct tm_run_factor){NAN, NAN};
    return 0;
}

int tm_judge(struct tm_lineage *lineage, const struct tm_rules *rules, const struct tm_night *night,
             const struct tm_decision *decisions, size_t n_decisions, struct tm_judgement *judgement)
{
    struct tm_judging j = {lineage, rules, night, decisions, n_decisions, judgement, NULL, NULL, NULL, NULL, NULL, NULL, NULL};
    judgement->run_id = night->run_id;
    judgement->plugins = night->n_samples;
    judgement->judged = judgement->passed = judgement->n_verdicts = judgement->n_ends = judgement->held = 0;
    /* Runs before this one, not itself. */
    judgement->comparable = (size_t)lineage->night;
    if (no_factors(judgement, rules->n_metrics) != 0 || tm_lineage_add_night(lineage, night->run_id) != 0)
        return -1;
    int result = judge_all(&j);
    /* Only now: tm_apply_decisions() needs the run before this one. */
    lineage->previous_run = night->run_id;
    lineage->previous_at = night->started_at;
    free_scratch(&j);
    return result;
}
