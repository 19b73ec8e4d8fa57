/* Judges counts as counts: errors out of calls (binomial), calls of a run (Poisson), both with the dispersion their own past shows.
 *
 * Baseline: up to 50 quiet runs, E events in C trials. Under no change the newest k runs' events follow
 *     errors:  beta-binomial(trials, E + 1/2, C - E + 1/2)
 *     calls:   negative binomial with the baseline's mean and size
 * and the evidence is -ln of the upper tail, divided by the dispersion phi = max(1, Pearson chi^2 / (n - 1)) of the baseline, less
 * ln 5 for the five windows k = 2..6. At least two of the k runs must stand out by themselves (tail < 0.05), so that no single bad
 * night can alarm. A history without errors is E = 0: the half event keeps its rate above nothing, and a first error is no alarm.
 */
#ifndef TM_ANALYZE_COUNTS_H
#define TM_ANALYZE_COUNTS_H

#include "analyze/detector.h"

enum tm_count_law { TM_BINOMIAL, TM_POISSON };

/* The memory of a counted series: plain numbers, {0} is one never seen. Trials are 1 a run for TM_POISSON. */
struct tm_counts {
    int n_base, n_wait;
    double events[TM_DETECTOR_BASELINE], trials[TM_DETECTOR_BASELINE]; /* oldest first */
    double wait_events[TM_DETECTOR_NEWEST], wait_trials[TM_DETECTOR_NEWEST];
    int open;
    double old_rate; /* the rate a regression is open against */
};

struct tm_count_params {
    enum tm_count_law law;
    double threshold;  /* evidence an alarm needs: ln(1000 / budget) */
    double min_effect; /* least change of the rate, as a share of it */
    double floor;      /* and absolutely */
};

/* Evidence that keeps false alarms within `budget` > 0 of 1000 judgements. */
double tm_count_threshold(double budget);

/* What waits joins the baseline, as tm_detector_settle() has it. */
void tm_counts_settle(struct tm_counts *s);

/* Do that many events, in one run alone, lie beyond the baseline by more than chance, and beyond each of its runs by more than
 * `range` times what lies between them, twice as many at least? Of a state with a baseline, before the run. */
bool tm_counts_extreme(const struct tm_counts *s, const struct tm_count_params *p, double events, double trials, double range);

/* That run alone begins a new, worse level. s is the state after it, `before` the one before; *out is its result, and is changed.
 */
void tm_counts_confirm(struct tm_counts *s, const struct tm_counts *before, const struct tm_count_params *p, double events,
                       double trials, struct tm_detector_result *out);

/* Brings the series forward by one run of `events` in `trials` (TM_BINOMIAL: of that many calls, TM_POISSON:
 * 1). In *out: effect is the change of the rate, median and scale are rates, common is 0. */
void tm_counts_step(struct tm_counts *s, const struct tm_count_params *p, double events, double trials,
                    struct tm_detector_result *out);

#endif
