/* Evidence that the newest runs of a series hold a new level. Internal to the detector. */
#ifndef TM_ANALYZE_EVIDENCE_H
#define TM_ANALYZE_EVIDENCE_H

#include "analyze/detector.h"

struct tm_evidence {
    double score; /* discounted log likelihood ratio; -1 when nothing can be said */
    int k;        /* newest runs it rests on */
    int since;    /* newest runs that most likely hold the new level: where the change is dated */
    int earliest; /* and the most and the fewest of them that are not much less likely */
    int latest;
    double effect; /* in units of y */
    bool run_wide;
};

/* The strongest evidence over the newest 2..6 runs, once for the series' own values and once for a run-wide
 * shift that stays. min_effect is in units of y. s must have a baseline and at least one waiting run; with
 * fewer than two the score is -1. */
struct tm_evidence tm_evidence_strongest(const struct tm_detector *s, double min_effect);

/* How surprising the newest waiting run alone is, as a log likelihood ratio >= 0 or nearly so: what makes a suspect. */
double tm_evidence_of_one(const struct tm_detector *s);

/* Was the series already moving that way before the newest e->k runs: a climb rather than a step? To be asked
 * before the alarm starts a new level, for the runs it looks at are gone afterwards. */
bool tm_evidence_drifted(const struct tm_detector *s, const struct tm_evidence *e);

#endif
