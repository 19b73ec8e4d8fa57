/* One run a side, and the distribution of its calls: two latency sketches. */
#ifndef TM_ANALYZE_CALLSHIFT_H
#define TM_ANALYZE_CALLSHIFT_H

#include "analyze/twosided.h"
#include "schema/sketch.h"

/*
 * The shift of a quantile q, 0 < q < 1, in ln(value). Of each side the interval is that of order statistics: no shape is assumed.
 *
 *     x(l) .. x(u),  l the largest with P(B < l) <= 0.025, u the smallest with P(B >= u) <= 0.025, B binomial(n, q)
 *
 * Both intervals make that of the difference as Newcombe's do (proportions.h), and its se is half of it over 1.96. A sketch knows a
 * value to the width of a bucket: each side's interval is wider by 1/128, and as much of the shift is none.
 * Too few calls for l >= 1 and u <= n (20 for q = 0.95 have no u): nothing is known.
 */
struct tm_shift tm_shift_of_quantile(const struct tm_sketch *a, const struct tm_sketch *b, double q);

/* The shift of the mean, which is known exactly, in ln(mean): se^2 = sum over both sides of s^2 / (n mean^2). Two calls a side or
 * more. */
struct tm_shift tm_shift_of_mean(const struct tm_sketch *a, double mean_a, const struct tm_sketch *b, double mean_b);

/* P(a call of b takes longer than one of a), those of one bucket half: 0.5 where there is no difference. Empty: NAN. */
double tm_slower_calls(const struct tm_sketch *a, const struct tm_sketch *b);

#endif
