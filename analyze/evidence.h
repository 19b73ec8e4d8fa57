/* Evidence that the newest runs of a series hold a new level. Internal to the detector. */
#ifndef TM_ANALYZE_EVIDENCE_H
#define TM_ANALYZE_EVIDENCE_H

#include "analyze/detector.h"

struct tm_evidence {
    double score;  /* discounted log likelihood ratio; -1 when nothing can be said */
    int k;         /* newest runs it rests on */
    double effect; /* in units of y */
    bool run_wide;
};

/* The strongest evidence over the newest least..6 runs, once for the series' own values and once for a run-wide shift that stays.
 */
struct tm_evidence tm_evidence_strongest(const struct tm_detector *s, double min_effect, int least);

/* How surprising the newest run alone is, as a log likelihood ratio: what makes a suspect. */
double tm_evidence_of_one(const struct tm_detector *s);

/* Was the series already moving that way before the newest k runs: a climb rather than a step? */
bool tm_evidence_drifted(const struct tm_detector *s, const struct tm_evidence *e);

#endif
