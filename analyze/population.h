/* Who is an outlier among all plugins of one run? Two views of the same values v_1..v_n:
 *
 *     classic  z_i = (v_i - mean) / stdev (n - 1)      known to everybody; cannot exceed (n - 1) / sqrt(n), and slow plugins hide
 * each other robust   r_i = (ln v_i - median) / (1.4826 MAD)  of the logarithms; decides, from TM_POPULATION_LEAST plugins on rank
 * 100 * (number below + half of those equal, without itself) / (n - 1)
 *
 * Values that are not positive have no logarithm: their robust z is NAN. */
#ifndef TM_ANALYZE_POPULATION_H
#define TM_ANALYZE_POPULATION_H

#include <stddef.h>

enum { TM_POPULATION_LEAST = 3 };

struct tm_standing {
    double z, robust_z, rank; /* NAN where there is none */
};

/* The largest classic z that n values can have: (n - 1) / sqrt(n). */
double tm_classic_limit(size_t n);

/* standings[i] is that of values[i]; NAN values are not of the population. scratch: n doubles. Returns the population's size. */
size_t tm_population(const double *values, size_t n, double *scratch, struct tm_standing *standings);

/* The same without the robust z, for a few of many values. */
struct tm_population {
    const double *sorted; /* borrowed */
    size_t n;
    double mean, deviation; /* NAN: of too few values */
};

/* The population of n values, which are reordered and must stay as long as it is asked. */
void tm_population_of(struct tm_population *population, double *values, size_t n);

/* Its robust z is NAN. */
struct tm_standing tm_standing_in(const struct tm_population *population, double value);

#endif
