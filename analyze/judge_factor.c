/* What the whole run did, in each metric that a slow host slows: it must come off before any plugin
 * can be told from it. Most nights it is nothing, and then nobody is asked for more than whether it
 * has moved. */
#include <math.h>
#include <stdlib.h>

#include "analyze/judging.h"
#include "base/workers.h"

/* The plugin's part in it; false: it has no say, for want of a baseline, of a value, or of a clock to compare with. */
static bool votes(const struct tm_judging *j, size_t sample, size_t metric, struct tm_voter *voter)
{
    const struct tm_sample *s = &j->night->samples[sample];
    struct tm_metric_rule rule;
    double median;
    if (isnan(s->values[metric]))
        return false;
    const struct tm_kept *kept = tm_series_at(tm_plugin_of(j, sample), metric);
    /* Another clock's times would look like a shift of the whole run. */
    if (!kept || !tm_kept_level(kept, j->rules->metrics[metric].kind, &median, &voter->scale) ||
        !tm_rule_tonight(j, s->plugin, metric, &rule) || tm_other_clock(j, sample, metric))
        return false;
    voter->y = tm_to_y(&rule, s->values[metric]);
    voter->ratio = voter->y - median;
    return true;
}

static bool may_have_factor(const struct tm_metric_rule *rule)
{
    return rule->run_wide && !tm_metric_is_counted(rule->kind);
}

static int count_slice(void *context, size_t part)
{
    const struct tm_judging *j = context;
    struct tm_slice *slice = &j->slices[part];
    struct tm_voter voter;
    for (size_t m = 0; m < j->rules->n_metrics; m++)
        for (size_t i = slice->from; i < slice->end && may_have_factor(&j->rules->metrics[m]); i++)
            if (votes(j, i, m, &voter))
                tm_night_count(&slice->facts[m], &voter);
    return 0;
}

/* 0, or -1 without memory. */
static int find_factor(struct tm_judging *j, size_t metric, struct tm_night_facts *facts)
{
    struct tm_voter *voters = malloc(facts->judged * sizeof *voters);
    size_t n = 0;
    if (!voters)
        return -1;
    for (size_t i = 0; i < j->night->n_samples && n < facts->judged; i++)
        n += votes(j, i, metric, &voters[n]);
    tm_night_find_factor(facts, voters);
    free(voters);
    return 0;
}

int tm_find_factors(struct tm_judging *j)
{
    if (tm_work_in_parts(j->n_slices, j->out->threads, count_slice, j) != 0)
        return -1;
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        struct tm_night_facts *facts = &j->metrics[m].facts;
        for (size_t i = 0; i < j->n_slices; i++) {
            facts->judged += j->slices[i].facts[m].judged;
            facts->slow += j->slices[i].facts[m].slow;
            facts->fast += j->slices[i].facts[m].fast;
            j->slices[i].facts[m] = (struct tm_night_facts){0};
        }
        if (tm_night_has_moved(facts) && find_factor(j, m, facts) != 0)
            return -1;
        facts->judged = 0; /* counted anew, of every metric, when all are judged */
    }
    return 0;
}
