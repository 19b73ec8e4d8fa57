#include "analyze/population.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/stats.h"

double tm_classic_limit(size_t n)
{
    return n > 0 ? ((double)n - 1) / sqrt((double)n) : 0;
}

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

/* How many of the sorted values are below v, or with `equal` not above it. */
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
        double below = (double)count_below(scratch, count, values[i], 0), upto = (double)count_below(scratch, count, values[i], 1);
        standings[i].rank = 100 * (below + (upto - below - 1) / 2) / ((double)count - 1);
    }
}

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
    return gather(values, n, scratch, 0);
}
