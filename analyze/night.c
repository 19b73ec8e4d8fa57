/* What a whole run did: the factor common to its plugins, and the alarm when it stays. A slow
 * host, a debug build or a new runtime moves most plugins at once; taken one by one, they would
 * be as many regressions of plugins that nobody changed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/detector.h"

static const double BEYOND = 2;          /* scales a plugin must be off to count as moved: 5 % of quiet ones are by chance */
static const double SHARE = 0.5;         /* of the plugins must have moved the same way: below, it is they and not the run */
static const double LEAST_FACTOR = 0.02; /* of y: a smaller common part is within the noise of its own estimate */
static const double UNMOVED = 0.2;       /* of those that could tell may have stayed where they were */
static const double ALIKE = 0.75;        /* of those that moved must have moved by about the factor */
static const double FINEST = 0.01;       /* weights are 1 / scale: no plugin weighs more than one of that scale */

/* Two plugins that moved together may have been changed together; from three on, it is the run. */
enum { VOTERS = 3 };

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

/* The lower weighted median of n >= 1 ratios: the first at which half of the weight has passed.
 * A mean would follow the one plugin that really regressed. */
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

/* Fills in judged, slow, fast and factor, and the ratios of those that vote; `order` begins with
 * these afterwards. */
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

/* The part of a plugin's deviation that the factor explains: none if it moved the other way,
 * never more than all of it. */
static double common_part(const struct tm_night_entry *e, double factor)
{
    if (!votes(e))
        return 0;
    return factor > 0 ? fmax(0, fmin(factor, e->ratio)) : fmin(0, fmax(factor, e->ratio));
}

/* A slow host moves everybody, and alike. Of the plugins whose noise would show half of the factor,
 * hardly any may have stayed where they were; and those that moved must have moved by much the
 * same. A crowd that changed among others that did not is no host. */
static bool is_uniform(struct tm_night_entry *const *order, size_t n, double factor)
{
    double sign = factor > 0 ? 1 : -1, size = fabs(factor);
    size_t tellers = 0, unmoved = 0, movers = 0, alike = 0;

    for (size_t i = 0; i < n; i++) {
        double ratio = sign * order[i]->ratio, scale = order[i]->state->scale;

        if (BEYOND * scale < size / 2) {
            tellers++;
            unmoved += ratio < size / 2;
        }
        if (ratio > BEYOND * scale) {
            movers++;
            alike += fabs(ratio - size) <= size / 2 + BEYOND * scale;
        }
    }
    return (double)unmoved <= UNMOVED * (double)tellers && (double)alike >= ALIKE * (double)movers;
}

/* Three quarters, chosen on the public histories: nearly all plugins, with room for those too noisy
 * to show it. */
bool tm_is_run_wide(size_t together, size_t judged)
{
    return together >= VOTERS && 4 * together >= 3 * judged;
}

/* What can be derived is left out: half of a state, and copying is what a night of many plugins
 * would do most. */
static void remember(struct tm_night_entry *e)
{
    memcpy(&e->before, e->state, offsetof(struct tm_detector, own));
    e->before.own.n = e->before.raw.n = 0;
}

void tm_detector_night(struct tm_night_entry *entries, struct tm_night_entry **order, size_t n, bool host,
                       struct tm_night_facts *facts)
{
    *facts = (struct tm_night_facts){0};
    estimate_factor(entries, order, n, facts);
    if (fabs(facts->factor) > 0 && (!host || !is_uniform(order, facts->judged, facts->factor)))
        facts->factor = 0;
    for (size_t i = 0; i < n; i++) {
        struct tm_night_entry *e = &entries[i];

        remember(e);
        tm_detector_step(e->state, &e->params, e->y, common_part(e, facts->factor), &e->result);
    }
    for (size_t i = 0; i < n; i++)
        facts->together += entries[i].result.class == TM_DETECTOR_REGRESSED && (entries[i].result.run_wide || !host);
    facts->run_wide_alarm = tm_is_run_wide(facts->together, facts->judged);
}
