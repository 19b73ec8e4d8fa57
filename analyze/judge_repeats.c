/* A night that was measured more than once, before the judge: a suspect whose repeats leave no
 * doubt fails tonight, one that they do not bear out passes, and either is said. A night stays one
 * night: the value that is judged, and remembered, is the median of its measurements. */
#include <math.h>

#include "analyze/confirm.h"
#include "analyze/judging.h"

/* What the night measured of that metric, in units of y. n is 1 where it was not repeated. */
static struct tm_measured measured_of(const struct tm_judging *j, size_t metric, size_t sample)
{
    const struct tm_sample *s = &j->night->samples[sample];
    struct tm_metric_rule rule;

    if (!s->repeats || s->repeats->of[metric].n < 2 || !tm_rule_for(j->rules, s->plugin, metric, &rule))
        return (struct tm_measured){.n = 1};
    double least = tm_to_y(&rule, s->repeats->of[metric].least), most = tm_to_y(&rule, s->repeats->of[metric].most);
    return (struct tm_measured){s->repeats->of[metric].n, tm_to_y(&rule, s->repeats->of[metric].first), fmin(least, most)};
}

void tm_confirm(const struct tm_judging *j, size_t metric, size_t sample, struct tm_judged_level *level)
{
    struct tm_detector_result *result = &level->result;
    struct tm_measured measured = measured_of(j, metric, sample);
    struct tm_detector before;

    if (result->class != TM_DETECTOR_SUSPECT || measured.n < 2)
        return;
    tm_level_before(level, j->rules->metrics[metric].kind, &before);
    if (tm_confirm_overwhelms(&before, &measured, result->common, result->needed))
        tm_detector_confirm(level->state, &before, &level->params, level->y, result);
}

/* An alarm on one run is one that tm_confirm() made: all others rest on two or more. */
void tm_say_repeats(struct tm_verdict *verdict, int more, bool suspected)
{
    if (more < 1)
        return;
    if (verdict->class == TM_SUSPECT || (verdict->class == TM_REGRESSED && verdict->runs == 1))
        verdict->why = tm_confirmed_words(more);
    else if (verdict->class == TM_PASS && suspected)
        verdict->why = tm_not_confirmed_words(more);
}

void tm_tell_repeats(const struct tm_judging *j, size_t metric, size_t sample, const struct tm_judged_level *level,
                     struct tm_verdict *verdict)
{
    struct tm_measured measured = measured_of(j, metric, sample);
    struct tm_detector before;
    bool suspected = measured.n > 1 && level->result.class == TM_DETECTOR_QUIET;

    if (suspected) {
        tm_level_before(level, j->rules->metrics[metric].kind, &before);
        suspected = tm_confirm_suspected(&before, &level->params, measured.first, level->result.common);
    }
    tm_say_repeats(verdict, measured.n - 1, suspected);
}

bool tm_count_suspected(const struct tm_counts *before, const struct tm_count_params *params, const struct tm_repeats *repeats)
{
    struct tm_counts state = *before;
    struct tm_detector_result result;
    bool errors = params->law == TM_BINOMIAL;

    tm_counts_step(&state, params, errors ? repeats->first_errors : repeats->first_calls, errors ? repeats->first_calls : 1,
                   &result);
    return result.class == TM_DETECTOR_SUSPECT || result.class == TM_DETECTOR_REGRESSED;
}
