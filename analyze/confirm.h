/* A night that was measured more than once: do its repeats confirm what its first measurement made suspect? */
#ifndef TM_ANALYZE_CONFIRM_H
#define TM_ANALYZE_CONFIRM_H

#include "analyze/detector.h"

/* What one night measured of a series, in units of y (higher is worse). */
struct tm_measured {
    int n;        /* measurements; 1: it was not repeated */
    double first; /* what the night's run had, before anybody knew that it would be repeated */
    double least; /* the one that is least worse */
};

/* Would the first measurement have made a suspect (or an alarm) of the night? `before` is the state before it. */
bool tm_confirm_suspected(const struct tm_detector *before, const struct tm_detector_params *p, double first, double common);

/* Do the measurements rule out that noise made the suspect? There are three or more; each lies beyond all that the past has held,
 * by four scales and by the whole range of the past, which is known from twelve values or more; no repeat has fallen back by more
 * than a quarter of the first one's distance; and the least of them alone is more evidence than an alarm of several nights needs.
 */
bool tm_confirm_overwhelms(const struct tm_detector *before, const struct tm_measured *measured, double common, double needed);

#endif
