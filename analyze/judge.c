/* Judges one night: first what people decided, then what the whole run did, then every plugin by
 * itself, in as many threads as there are, then what several plugins say together, and one word for
 * each. The order matters: an accepted level is the baseline that tonight is judged by, the run's
 * part comes off before a plugin is judged, and who leads is known only when all have spoken. */
#include "analyze/judging.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"

/* Samples of a slice: many, for each is a visit to the allocator; few, so that all threads end together. */
enum { SLICE = 256 };

/* Values below which threads are not begun: they are judged in a millisecond or two. */
enum { FEW_VALUES = 4000 };

/* Is there a value of the metric tonight? The budget of false alarms is shared among those that have one, not among all that the
 * rules name. */
static bool is_present(const struct tm_night *night, size_t metric)
{
    for (size_t i = 0; i < night->n_samples; i++)
        if (!isnan(night->samples[i].values[metric]))
            return true;
    return false;
}

/* 0, or -1 without memory; what was taken is freed with all else. */
static int take_slice(struct tm_judging *j, struct tm_slice *slice, size_t from)
{
    size_t rest = j->night->n_samples - from, n_metrics = j->rules->n_metrics;
    slice->from = from;
    slice->end = from + (rest < SLICE ? rest : SLICE);
    slice->facts = calloc(n_metrics + 1, sizeof *slice->facts);
    slice->verdict_of = malloc((n_metrics + 1) * sizeof *slice->verdict_of);
    return slice->facts && slice->verdict_of ? 0 : -1;
}

/* One more than samples and metrics: malloc(0) may be NULL. */
static int take_memory(struct tm_judging *j)
{
    size_t n = j->night->n_samples;
    j->plugin_of = malloc((n + 1) * sizeof *j->plugin_of);
    j->metrics = calloc(j->rules->n_metrics + 1, sizeof *j->metrics);
    j->slices = calloc(n / SLICE + 1, sizeof *j->slices);
    if (!j->plugin_of || !j->metrics || !j->slices)
        return -1;
    for (size_t from = 0; from < n; from += SLICE)
        if (take_slice(j, &j->slices[j->n_slices++], from) != 0)
            return -1;
    return 0;
}

static void free_memory(struct tm_judging *j)
{
    for (size_t i = 0; i < j->n_slices; i++) {
        struct tm_slice *slice = &j->slices[i];
        tm_judgement_free(&slice->said);
        free(slice->told);
        free(slice->facts);
        free(slice->verdict_of);
    }
    free(j->slices);
    free(j->metrics);
    free(j->plugin_of);
    free(j->verdict_of);
    free(j->rows);
}

/* Every plugin of the night is known to the lineage before any series is touched: pointers into it stay good. 0, or -1. */
static int find_plugins(struct tm_judging *j)
{
    for (size_t i = 0; i < j->night->n_samples; i++) {
        struct tm_plugin *plugin = tm_lineage_plugin(j->lineage, j->night->samples[i].plugin_id, j->night->samples[i].plugin);
        if (!plugin)
            return -1;
        j->plugin_of[i] = (size_t)(plugin - j->lineage->plugins);
    }
    return 0;
}

/* Clocks are noted before any series is judged: they decide which CPU times may be compared at
 * all. */
static int judge_all(struct tm_judging *j)
{
    if (take_memory(j) != 0 || find_plugins(j) != 0)
        return -1;
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        j->metrics[m].cpu_time = tm_is_cpu_time(&j->rules->metrics[m]);
        j->out->metrics_present += !j->rules->metrics[m].only_limit && is_present(j->night, m);
    }
    if (j->night->n_samples * j->out->metrics_present < FEW_VALUES)
        j->out->threads = 1;
    if (tm_apply_decisions(j) != 0 || tm_note_clocks(j) != 0)
        return -1;
    j->run_wide_metric = tm_find_run_wide_metric(j);
    return tm_find_factors(j) != 0 || tm_judge_slices(j) != 0 || tm_gather_slices(j) != 0 ? -1 : tm_judge_plugins(j);
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
    struct tm_judging j = {
        .lineage = lineage, .rules = rules, .night = night, .decisions = decisions, .n_decisions = n_decisions, .out = judgement};
    size_t threads = judgement->threads;
    judgement->run_id = night->run_id;
    judgement->plugins = night->n_samples;
    judgement->judged = judgement->passed = judgement->n_verdicts = judgement->n_ends = judgement->held = 0;
    judgement->n_young = judgement->metrics_present = 0;
    judgement->fine_clock = night->fine_clock;
    /* Runs before this one, not itself. */
    judgement->comparable = (size_t)lineage->night;
    if (no_factors(judgement, rules->n_metrics) != 0 || tm_lineage_add_night(lineage, night->run_id) != 0)
        return -1;
    int result = judge_all(&j);
    /* Only now: tm_apply_decisions() needs the run before this one. */
    lineage->previous_run = night->run_id;
    lineage->previous_at = night->started_at;
    judgement->threads = threads;
    free_memory(&j);
    return result;
}
