#include "analyze/population.h"

#include <math.h>

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

static void classic(const double *values, size_t n, double *scratch, struct tm_standing *standings)
{
    size_t count = gather(values, n, scratch, 0);
    double mean = tm_mean(scratch, count), deviation = count > 1 ? tm_stdev(scratch, count) : NAN;
    for (size_t i = 0; i < n; i++) {
        int judged = !isnan(values[i]) && count > 1;
        standings[i].z = judged && deviation > 0 ? (values[i] - mean) / deviation : NAN;
        standings[i].rank = NAN;
        if (judged) /* tm_percentile_rank counts the value itself as half: take that out */
            standings[i].rank = (tm_percentile_rank(scratch, count, values[i]) * (double)count - 50) / ((double)count - 1);
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
