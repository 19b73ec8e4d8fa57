/* The baseline of a series: location, scale, memory, and the kernel estimate of its density. Internal to the detector. */
#ifndef TM_ANALYZE_BASELINE_H
#define TM_ANALYZE_BASELINE_H

#include "analyze/detector.h"

enum { TM_BASELINE_MOST = TM_DETECTOR_BASELINE + TM_DETECTOR_NEWEST };

/* Median of n <= TM_BASELINE_MOST values, mean of the two middle ones when n is even. */
double tm_baseline_median(const double *v, int n);

/* Recomputes median, scale and autocorrelation after the baseline has changed. */
void tm_baseline_settle(struct tm_detector *s, double floor);

/* Appends one value; the oldest makes room. */
void tm_baseline_add(struct tm_detector *s, double y, double common);

/* The standardised past of a series, as its own values (run-wide part taken off) or as it was measured. */
struct tm_past {
    int n;
    double z[TM_DETECTOR_BASELINE];
    double median, scale;
};

void tm_past_of(struct tm_past *past, const struct tm_detector *s, bool raw);

/* ln of the density of z under the past: t3 kernels, and a broad one for what was never seen. */
double tm_past_log_density(const struct tm_past *past, double z);

#endif
