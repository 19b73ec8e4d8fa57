/* What a whole run did: the factor common to its plugins, and the alarm when it stays. A slow host, a debug
 * build or a new runtime moves most plugins at once; taken one by one, they would be as many regressions of
 * plugins that nobody changed. */
#include <math.h>
#include <stdlib.h>

#include "analyze/detector.h"

static const double BEYOND = 2;          /* scales a plugin must be off to count as moved: 5 % of quiet ones are by chance */
static const double SHARE = 0.5;         /* of the plugins must have moved the same way: below, it is they and not the run */
static const double LEAST_FACTOR = 0.02; /* of y: a smaller common part is within the noise of its own estimate */
static const double CROWD_SHARE = 0.2;   /* of the plugins alarming at once are one event, not so many regressions */
static const double FINEST = 0.01;       /* weights are 1 / scale: no plugin weighs more than one of that scale */

/* Two plugins that moved together may have been changed together; from three on, it is the run. */
enum { VOTERS = 3, CROWD = 3 };

/* Only a plugin with a baseline can say how far tonight is off. */
static bool votes(const struct tm_night_entry *e)
{
    return e->state->n_base >= TM_DETECTOR_NEEDED;
}

static int by_ratio(const void *a, const void *b)
{
    const struct tm_night_entry *x = *(struct tm_night_entry *const *)a, *y = *(struct tm_night_entry *const *)b;

    return (x->ratio > y->ratio) - (x->ratio < y->ratio);
}

/* The lower weighted median of n >= 1 ratios: the first at which half of the weight has passed. A mean would
 * follow the one plugin that really regressed. */
static double weighted_median(struct tm_night_entry **order, size_t n)
{
    double total = 0, passed = 0;
    size_t i = 0;

    qsort(order, n, sizeof *order, by_ratio);
    for (size_t j = 0; j < n; j++)
        total += order[j]->weight;
    for (; i + 1 < n; i++) {
        passed += order[i]->weight;
        if (2 * passed >= total)
            break;
    }
    return order[i]->ratio;
}

/* Fills in judged, slow, fast and factor, and the ratios of those that vote; `order` begins with these afterwards. */
static void estimate_factor(struct tm_night_entry *entries, struct tm_night_entry **order, size_t n, struct tm_night_facts *facts)
{
    for (size_t i = 0; i < n; i++) {
        struct tm_night_entry *e = &entries[i];

        if (!votes(e))
            continue;
        e->ratio = e->y - e->state->median;
        /* A quiet plugin tells more about the run than a noisy one. */
        e->weight = 1 / fmax(e->state->scale, FINEST);
        order[facts->judged++] = e;
        facts->slow += e->ratio > BEYOND * e->state->scale;
        facts->fast += e->ratio < -BEYOND * e->state->scale;
    }
    double moved = (double)(facts->slow > facts->fast ? facts->slow : facts->fast);
    if (facts->judged < VOTERS || moved < SHARE * (double)facts->judged)
        return;
    double factor = weighted_median(order, facts->judged);
    if (fabs(factor) >= LEAST_FACTOR)
        facts->factor = factor;
}

/* The part of a plugin's deviation that the factor explains: none if it moved the other way, never more than all of it. */
static double common_part(const struct tm_night_entry *e, double factor)
{
    if (!votes(e))
        return 0;
    return factor > 0 ? fmax(0, fmin(factor, e->ratio)) : fmin(0, fmax(factor, e->ratio));
}

/* An alarm on runs so few that it may be a night, not a level. */
static bool early(const struct tm_night_entry *e)
{
    return e->result.class == TM_DETECTOR_REGRESSED && e->result.k < TM_DETECTOR_PATIENT;
}

/* Takes back the early alarms of a crowd and judges those series again, with patience: from the state before,
 * with the same common part. A crowd that stays alarms on its fifth night, as does a fifth of the plugins that
 * one commit slowed. */
static void hold_crowd(struct tm_night_entry *entries, size_t n, struct tm_night_facts *facts)
{
    size_t crowd = 0;

    for (size_t i = 0; i < n; i++)
        crowd += early(&entries[i]);
    if (crowd < CROWD || (double)crowd < CROWD_SHARE * (double)facts->judged)
        return;
    for (size_t i = 0; i < n; i++) {
        struct tm_night_entry *e = &entries[i];

        if (!early(e))
            continue;
        *e->state = e->before;
        tm_detector_step(e->state, &e->params, e->y, e->result.common, TM_DETECTOR_PATIENT, &e->result);
        facts->held += e->result.class != TM_DETECTOR_REGRESSED;
    }
}

void tm_detector_night(struct tm_night_entry *entries, struct tm_night_entry **order, size_t n, struct tm_night_facts *facts)
{
    *facts = (struct tm_night_facts){0};
    estimate_factor(entries, order, n, facts);
    for (size_t i = 0; i < n; i++) {
        struct tm_night_entry *e = &entries[i];

        /* Kept, so that a crowd can be judged again as if it had not been. */
        e->before = *e->state;
        tm_detector_step(e->state, &e->params, e->y, common_part(e, facts->factor), TM_DETECTOR_ALONE, &e->result);
    }
    hold_crowd(entries, n, facts);
    for (size_t i = 0; i < n; i++)
        facts->lasting += entries[i].result.class == TM_DETECTOR_REGRESSED && entries[i].result.run_wide;
    /* Three quarters, chosen on the public histories: nearly all plugins, with room for those too noisy to show it. */
    facts->run_wide_alarm = facts->lasting >= VOTERS && 4 * facts->lasting >= 3 * facts->judged;
}
