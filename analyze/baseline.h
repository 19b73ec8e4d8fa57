/* The baseline of a series: location, scale, memory, and the kernel estimate of its density. Internal to the detector. */
#ifndef TM_ANALYZE_BASELINE_H
#define TM_ANALYZE_BASELINE_H

#include "analyze/detector.h"

enum { TM_BASELINE_MOST = TM_DETECTOR_BASELINE + TM_DETECTOR_NEWEST };

/* Median of 1 <= n <= TM_BASELINE_MOST values, mean of the two middle ones when n is even. v stays as it is. */
double tm_baseline_median(const double *v, int n);

/* Recomputes medians, scales and autocorrelation after the baseline has changed; scale_before must be that of
 * the level before. floor: least scale, in units of y. n_base must be at least 1. */
void tm_baseline_settle(struct tm_detector *s, double floor);

/* A baseline without values; its figures stay until the next is settled. */
void tm_baseline_clear(struct tm_detector *s);

/* Appends one value; the oldest makes room. The figures are those of before until tm_baseline_settle(). */
void tm_baseline_add(struct tm_detector *s, double y, double common);

/* The standardised past of a series, as its own values (run-wide part taken off) or as it was measured. */
struct tm_past {
    int n;
    double z[TM_DETECTOR_BASELINE];
    double median, scale;
};

/* Copies the baseline in units of its own scale, for many densities of the same past. raw: values as measured. */
void tm_past_of(struct tm_past *past, const struct tm_detector *s, bool raw);

/* ln of the density of z under the past, up to a constant: t3 kernels, and a broad one for what was never seen.
 * Finite for every finite z. */
double tm_past_log_density(const struct tm_past *past, double z);

#endif
