/* What would be caught? Changes are injected into a series' own past and the detector is run on them. */
#ifndef TM_ANALYZE_AUDIT_H
#define TM_ANALYZE_AUDIT_H

#include "analyze/detector.h"

enum { TM_AUDIT_WITHINS = 3, TM_AUDIT_LEAST = 24 };
extern const int tm_audit_within[TM_AUDIT_WITHINS]; /* 2, 3, 5 nights */

/* smallest[i]: the smallest of the steps tried (5 % to 200 %, as ln) that is caught within tm_audit_within[i] nights at half or
 * more of the places it is injected at; INFINITY if none is. y: the series, oldest first; n >= TM_AUDIT_LEAST, else all NAN. */
void tm_audit_series(const double *y, int n, const struct tm_detector_params *params, double smallest[TM_AUDIT_WITHINS]);

#endif
