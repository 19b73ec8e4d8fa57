/* Who is an outlier among the plugins of one run. Two scores, because the familiar one is blind
 * where it is needed most: with five plugins no classic z can exceed 1.79, and two slow plugins
 * hide each other. The robust score of the logarithms decides; the classic is shown beside it.
 *
 * NAN in the values means "not of this population"; they are gathered out first, and their
 * standings are NAN. */
#include "analyze/population.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/stats.h"

double tm_classic_limit(size_t n)
{
    return n > 0 ? ((double)n - 1) / sqrt((double)n) : 0;
}

/* Copies the logarithms of what is positive to the front of `kept`; returns how many. */
static size_t gather_logs(const double *values, size_t n, double *kept)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (values[i] > 0)
            kept[count++] = log(values[i]);
    return count;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many of the sorted values are below v, or with `equal` not above it. O(log n), so that
 * ranking a run of 10,000 plugins is no matter. */
static size_t count_below(const double *sorted, size_t n, double v, int equal)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] < v || (equal && !(sorted[middle] > v)))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Those that are not NAN come to the front, and are sorted there. */
void tm_population_of(struct tm_population *population, double *values, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[count++] = values[i];
    *population = (struct tm_population){
        .sorted = values, .n = count, .mean = tm_mean(values, count), .deviation = count > 1 ? tm_stdev(values, count) : NAN};
    if (count > 0)
        qsort(values, count, sizeof *values, ascending);
}

struct tm_standing tm_standing_in(const struct tm_population *population, double value)
{
    struct tm_standing standing = {NAN, NAN, NAN};
    size_t n = population->n;
    if (isnan(value) || n < 2)
        return standing;
    if (population->deviation > 0)
        standing.z = (value - population->mean) / population->deviation;
    /* One of the equal values is this plugin itself: it is not ranked against itself. */
    double below = (double)count_below(population->sorted, n, value, 0),
           upto = (double)count_below(population->sorted, n, value, 1);
    standing.rank = 100 * (below + (upto - below - 1) / 2) / ((double)n - 1);
    return standing;
}

/* r = (ln v - median) / (1.4826 MAD). Of logarithms, since plugins of one run span orders of
 * magnitude. A MAD of 0 is not patched with a small number: no scale is known, and no score is
 * given. */
static void robust(const double *values, size_t n, double *scratch, struct tm_standing *standings)
{
    size_t count = gather_logs(values, n, scratch);
    double median = tm_median(scratch, count), sigma = TM_MAD_TO_SIGMA * tm_mad(scratch, count, median);
    for (size_t i = 0; i < n; i++) {
        int judged = values[i] > 0 && count >= TM_POPULATION_LEAST && sigma > 0;
        standings[i].robust_z = judged ? (log(values[i]) - median) / sigma : NAN;
    }
}

size_t tm_population(const double *values, size_t n, double *scratch, struct tm_standing *standings)
{
    struct tm_population population;
    for (size_t i = 0; i < n; i++)
        scratch[i] = values[i];
    tm_population_of(&population, scratch, n);
    for (size_t i = 0; i < n; i++)
        standings[i] = tm_standing_in(&population, values[i]);
    robust(values, n, scratch, standings);
    return population.n;
}
