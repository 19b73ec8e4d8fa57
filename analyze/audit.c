/* What would be caught? Steps of known size are added to a series' own past, and the detector is
 * run on it as if each night were tonight. The answer is the project's own: its noise, its
 * modes, its slow nights. */
#include "analyze/audit.h"

#include <math.h>

/* Five places of the second half, so that one unlucky night decides nothing; 60 nights before
 * each fill a baseline and the runs that wait, and keep the cost of an audit independent of the
 * length of the history. */
enum { PLACES = 5, BEFORE = 60 };

const int tm_audit_within[TM_AUDIT_WITHINS] = {2, 3, 5};

/* Nights from the injected step to its alarm, counted from 1; 0: not within `most`. An alarm
 * before the step does not count against it. */
static int nights_to_alarm(const double *y, int n, int place, double step, int most, const struct tm_detector_params *params)
{
    struct tm_detector state = {0};
    struct tm_detector_result result;
    for (int t = place > BEFORE ? place - BEFORE : 0; t < n && t < place + most; t++) {
        tm_detector_step(&state, params, y[t] + (t >= place ? step : 0), 0, &result);
        if (t >= place && result.class == TM_DETECTOR_REGRESSED)
            return t - place + 1;
    }
    return 0;
}

void tm_audit_series(const double *y, int n, const struct tm_detector_params *params, double smallest[TM_AUDIT_WITHINS])
{
    /* Shares, ascending: 5 % is the least change that is judged by default, from 200 % on
     * anything is caught. */
    static const double steps[] = {0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2};
    int most = tm_audit_within[TM_AUDIT_WITHINS - 1];
    for (int w = 0; w < TM_AUDIT_WITHINS; w++)
        smallest[w] = n < TM_AUDIT_LEAST ? NAN : INFINITY;
    /* From the largest down, so that the smallest step that is caught is what stays. */
    for (int s = (int)(sizeof steps / sizeof *steps) - 1; s >= 0 && n >= TM_AUDIT_LEAST; s--) {
        int caught[TM_AUDIT_WITHINS] = {0};
        for (int p = 0; p < PLACES; p++) {
            /* Evenly over the second half, the last one with `most` nights after it. */
            int place = n / 2 + p * (n - most - n / 2) / (PLACES - 1);
            int nights = nights_to_alarm(y, n, place, log1p(steps[s]), most, params);
            for (int w = 0; w < TM_AUDIT_WITHINS; w++)
                caught[w] += nights > 0 && nights <= tm_audit_within[w];
        }
        for (int w = 0; w < TM_AUDIT_WITHINS; w++)
            /* Three of five: what is caught at half of the places is a matter of luck, what is
             * caught at more is not. */
            if (2 * caught[w] >= PLACES)
                smallest[w] = log1p(steps[s]);
    }
}
