/* Who is an outlier among the plugins of one run. Two scores, because the familiar one is blind
 * where it is needed most: with five plugins no classic z can exceed 1.79, and two slow plugins
 * hide each other. The robust score of the logarithms decides; the classic is shown beside it.
 *
 * NAN in the values means "not of this population"; they are gathered out first, and their
 * standings are NAN. */
#include "analyze/population.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "analyze/stats.h"

double tm_classic_limit(size_t n)
{
    return n > 0 ? ((double)n - 1) / sqrt((double)n) : 0;
}

/* Copies what belongs to the population, or (logs) the logarithms of what is positive, to the
 * front of `kept`; returns how many. */
static size_t gather(const double *values, size_t n, double *kept, int logs)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]) && (!logs || values[i] > 0))
            kept[count++] = logs ? log(values[i]) : values[i];
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

/* z = (v - mean) / s and rank = 100 (below + equal others / 2) / (n - 1). Fewer than two values
 * have neither; equal ones have a rank of 50 and no z, for their s is 0. */
static void classic(const double *values, size_t n, double *scratch, struct tm_standing *standings)
{
    size_t count = gather(values, n, scratch, 0);
    double mean = tm_mean(scratch, count), deviation = count > 1 ? tm_stdev(scratch, count) : NAN;
    if (count > 0)
        qsort(scratch, count, sizeof *scratch, ascending);
    for (size_t i = 0; i < n; i++) {
        int judged = !isnan(values[i]) && count > 1;
        standings[i].z = judged && deviation > 0 ? (values[i] - mean) / deviation : NAN;
        standings[i].rank = NAN;
        if (!judged)
            continue;
        /* One of the equal values is this plugin itself: it is not ranked against itself. */
        size_t below = count_below(scratch, count, values[i], 0);
        bool alone = below + 1 == count || scratch[below + 1] > values[i];
        size_t upto = alone ? below + 1 : count_below(scratch, count, values[i], 1);
        standings[i].rank = 100 * ((double)below + ((double)upto - (double)below - 1) / 2) / ((double)count - 1);
    }
}

/* r = (ln v - median) / (1.4826 MAD). Of logarithms, since plugins of one run span orders of
 * magnitude. A MAD of 0 is not patched with a small number: no scale is known, and no score is
 * given. */
static void robust(const double *values, size_t n, double *scratch, struct tm_standing *standings)
{
    size_t count = gather(values, n, scratch, 1);
    double median = tm_median(scratch, count), sigma = TM_MAD_TO_SIGMA * tm_mad(scratch, count, median);
    for (size_t i = 0; i < n; i++) {
        int judged = values[i] > 0 && count >= TM_POPULATION_LEAST && sigma > 0;
        standings[i].robust_z = judged ? (log(values[i]) - median) / sigma : NAN;
    }
}

size_t tm_population(const double *values, size_t n, double *scratch, struct tm_standing *standings)
{
    classic(values, n, scratch, standings);
    robust(values, n, scratch, standings);
    /* Gathered anew, for robust() has left logarithms in the scratch. */
    return gather(values, n, scratch, 0);
}
