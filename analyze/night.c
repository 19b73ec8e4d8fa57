/* What a whole run did: the factor common to its plugins, and the alarm when it stays. A slow
 * host, a debug build or a new runtime moves most plugins at once; taken one by one, they would
 * be as many regressions of plugins that nobody changed. */
#include <math.h>
#include <stdlib.h>

#include "analyze/detector.h"

static const double BEYOND = 2;          /* scales a plugin must be off to count as moved: 5 % of quiet ones are by chance */
static const double SHARE = 0.5;         /* of the plugins must have moved the same way: below, it is they and not the run */
static const double LEAST_FACTOR = 0.02; /* of y: a smaller common part is within the noise of its own estimate */
static const double UNMOVED = 0.2;       /* of those that could tell may have stayed where they were */
static const double ALIKE = 0.75;        /* of those that moved must have moved by about the factor */
static const double FINEST = 0.01;       /* weights are 1 / scale: no plugin weighs more than one of that scale */

/* Two plugins that moved together may have been changed together; from three on, it is the run. */
enum { VOTERS = 3 };

void tm_night_count(struct tm_night_facts *facts, const struct tm_voter *voter)
{
    facts->judged++;
    facts->slow += voter->ratio > BEYOND * voter->scale;
    facts->fast += voter->ratio < -BEYOND * voter->scale;
}

bool tm_night_has_moved(const struct tm_night_facts *facts)
{
    size_t moved = facts->slow > facts->fast ? facts->slow : facts->fast;

    return facts->judged >= VOTERS && (double)moved >= SHARE * (double)facts->judged;
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* No two that differ are equal: the order is one, however it is come by. */
static int by_ratio(const void *a, const void *b)
{
    const struct tm_voter *x = a, *y = b;
    int order = compare(x->ratio, y->ratio);

    if (order == 0)
        order = compare(x->y, y->y);
    return order ? order : compare(x->scale, y->scale);
}

/* A quiet plugin tells more about the run than a noisy one. */
static double weight(const struct tm_voter *voter)
{
    return 1 / fmax(voter->scale, FINEST);
}

/* The lower weighted median of n >= 1 ratios in order: the first at which half of the weight has
 * passed. A mean would follow the one plugin that really regressed. */
static double weighted_median(const struct tm_voter *voters, size_t n)
{
    double total = 0, passed = 0;
    size_t i = 0;

    for (size_t j = 0; j < n; j++)
        total += weight(&voters[j]);
    for (; i + 1 < n; i++) {
        passed += weight(&voters[i]);
        if (2 * passed >= total)
            break;
    }
    return voters[i].ratio;
}

/* A slow host moves everybody, and alike. Of the plugins whose noise would show half of the factor,
 * hardly any may have stayed where they were; and those that moved must have moved by much the
 * same. A crowd that changed among others that did not is no host. */
static bool is_uniform(const struct tm_voter *voters, size_t n, double factor)
{
    double sign = factor > 0 ? 1 : -1, size = fabs(factor);
    size_t tellers = 0, unmoved = 0, movers = 0, alike = 0;

    for (size_t i = 0; i < n; i++) {
        double ratio = sign * voters[i].ratio, scale = voters[i].scale;

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

void tm_night_find_factor(struct tm_night_facts *facts, struct tm_voter *voters)
{
    size_t n = facts->judged;

    qsort(voters, n, sizeof *voters, by_ratio);
    double factor = weighted_median(voters, n);
    if (fabs(factor) < LEAST_FACTOR || !is_uniform(voters, n, factor))
        return;
    facts->factor = factor;
    facts->middle = voters[n / 2].y;
}

double tm_common_part(double ratio, double factor)
{
    return factor > 0 ? fmax(0, fmin(factor, ratio)) : fmin(0, fmax(factor, ratio));
}

/* Three quarters, chosen on the public histories: nearly all plugins, with room for those too noisy
 * to show it. */
bool tm_is_run_wide(size_t together, size_t judged)
{
    return together >= VOTERS && 4 * together >= 3 * judged;
}
