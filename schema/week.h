/* The values that a metric had in the runs of a week, as one: how many, their mean, the sum of the squares of their distances from
 * it (M2), the smallest and the largest. The standard deviation is sqrt(M2 / (n - 1)).
 *
 * Two of them combine by the formula of Chan, Golub and LeVeque (1979), with d = mean_b - mean_a:
 *
 *     n = n_a + n_b     mean = mean_a + d * n_b / n     M2 = M2_a + M2_b + d^2 * n_a * n_b / n
 *
 * which is exact but for rounding, and does not lose digits where the mean is far larger than the scatter. One run is n = 1, M2 =
 * 0. */
#ifndef TM_SCHEMA_WEEK_H
#define TM_SCHEMA_WEEK_H

#include <stdbool.h>
#include <stdint.h>

enum { TM_WEEK_SECONDS = 7 * 86400 };

/* n 0: empty. */
struct tm_week_value {
    int64_t n;
    double mean, m2, least, most;
};

/* Adds what `from` holds, one or more values. False, with `into` unchanged: the values are so far apart that a double does not hold
 * the squares of their distances. */
bool tm_week_value_add(struct tm_week_value *into, const struct tm_week_value *from);

/* Could it be made of n values: all finite, the mean between the smallest and the largest, M2 not below zero, and zero where these
 * two are one? */
bool tm_week_value_sound(const struct tm_week_value *value);

/* Monday, 00:00 UTC, of the ISO week of a time from 1970 on: of its first days that is in 1969. */
int64_t tm_week_begin(int64_t seconds);

#endif
