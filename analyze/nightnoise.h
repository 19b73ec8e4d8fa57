/* The noise of single values, from the past of their series: how wide it is, series by series, and how heavy its tails are, which
 * no single series is long enough to tell, from many. */
#ifndef TM_ANALYZE_NIGHTNOISE_H
#define TM_ANALYZE_NIGHTNOISE_H

#include <stddef.h>

/* Degrees of freedom that are tried for tails: that of the detector's kernels first, for who has too few values to tell. */
enum { TM_TAILS = 6 };
extern const double tm_tails[TM_TAILS];

/* What has been seen of values off their series' middle; {0}: nothing. */
struct tm_tail_evidence {
    double likelihood[TM_TAILS]; /* ln of it, by tm_tails */
    size_t n;
};

struct tm_night_noise {
    double scale; /* of single values; 0: fewer than 6 of them, it is not known */
    size_t known; /* values that it rests on */
};

/*
 * The detector's own scale (detector.h) after all n values, oldest first: robust, of the level since the last change, no less than
 * 1 % in ln. What its baseline holds is evidence for the tails: each value by the density of Student's t whose median absolute
 * deviation is that of the scale,
 *
 *     ln f(z c) + ln c,  z = (y - median) / scale,  c = 1.4826 q(df),  q the upper quartile of t
 */
struct tm_night_noise tm_night_noise(const double *y, size_t n, struct tm_tail_evidence *evidence);

/* The degrees of freedom that make what was seen most likely; 3 where that is fewer than 200 values. */
double tm_tail_of(const struct tm_tail_evidence *evidence);

#endif
