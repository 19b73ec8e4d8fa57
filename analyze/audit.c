/* What would be caught? Steps of known size are added to a series' own past, and the detector is
 * run on it as if each night were tonight. The answer is the project's own: its noise, its
 * modes, its slow nights. */
#include "analyze/audit.h"

#include <math.h>

/* Five places of the second half, so that one unlucky night decides nothing; 60 nights before
 * each fill a baseline and the runs that wait, and keep the cost of an audit independent of the
 * length of the history. */
enum { PLACES = 5, BEFORE = 60 };

/* Shares, ascending: 5 % is the least change that is judged by default, from 200 % on anything is
 * caught. */
static const double steps[] = {0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2};
enum { STEPS = sizeof steps / sizeof *steps };

const int tm_audit_within[TM_AUDIT_WITHINS] = {2, 3, 5};

/* The detector as it stands before the night `place`: the same for every step that is injected
 * there. An alarm before the step does not count against it. */
static struct tm_detector state_before(const double *y, int place, const struct tm_detector_params *params)
{
    struct tm_detector state = {0};
    struct tm_detector_result result;
    for (int t = place > BEFORE ? place - BEFORE : 0; t < place; t++)
        tm_detector_step(&state, params, y[t], 0, &result);
    return state;
}

/* Nights from a step that is injected before y[0] to its alarm, counted from 1; 0: not within
 * `most`. */
static int nights_to_alarm(struct tm_detector state, const double *y, double step, int most,
                           const struct tm_detector_params *params)
{
    struct tm_detector_result result;
    for (int t = 0; t < most; t++) {
        tm_detector_step(&state, params, y[t] + step, 0, &result);
        if (result.class == TM_DETECTOR_REGRESSED)
            return t + 1;
    }
    return 0;
}

/* Counts the places where the step is caught, for each number of nights. */
static void inject(const struct tm_detector before[PLACES], const double *const from[PLACES], double step,
                   const struct tm_detector_params *params, int caught[TM_AUDIT_WITHINS])
{
    for (int w = 0; w < TM_AUDIT_WITHINS; w++)
        caught[w] = 0;
    for (int p = 0; p < PLACES; p++) {
        int nights = nights_to_alarm(before[p], from[p], step, tm_audit_within[TM_AUDIT_WITHINS - 1], params);
        for (int w = 0; w < TM_AUDIT_WITHINS; w++)
            caught[w] += nights > 0 && nights <= tm_audit_within[w];
    }
}

/* From the smallest step up. What is caught within the fewest nights is caught within more: then
 * the larger steps have nothing to add. */
void tm_audit_series(const double *y, int n, const struct tm_detector_params *params, double smallest[TM_AUDIT_WITHINS])
{
    struct tm_detector before[PLACES];
    const double *from[PLACES];
    int caught[TM_AUDIT_WITHINS], most = tm_audit_within[TM_AUDIT_WITHINS - 1];
    for (int w = 0; w < TM_AUDIT_WITHINS; w++)
        smallest[w] = n < TM_AUDIT_LEAST ? NAN : INFINITY;
    if (n < TM_AUDIT_LEAST)
        return;
    for (int p = 0; p < PLACES; p++) {
        /* Evenly over the second half, the last one with `most` nights after it. */
        int place = n / 2 + p * (n - most - n / 2) / (PLACES - 1);
        from[p] = y + place;
        before[p] = state_before(y, place, params);
    }
    for (int s = 0; s < STEPS && isinf(smallest[0]); s++) {
        inject(before, from, log1p(steps[s]), params, caught);
        for (int w = 0; w < TM_AUDIT_WITHINS; w++)
            /* Three of five: what is caught at half of the places is a matter of luck, what is
             * caught at more is not. */
            if (2 * caught[w] >= PLACES && isinf(smallest[w]))
                smallest[w] = log1p(steps[s]);
    }
}
