/* Fifty nights say how wide the noise is, but not how often a night lies ten scales off; a thousand of all plugins do. Tails are
 * taken as Student's t: heavy where something was seen far out, and lighter only where much was seen and nothing was. */
#include "analyze/nightnoise.h"

#include <math.h>

#include "analyze/detector.h"
#include "analyze/stats.h"

enum { ENOUGH = 200 }; /* values: with t3's tails, one of these lies beyond ten scales in every second lot */

/* Heavier ones than the detector's kernels are left to it: with two degrees, next to nothing is told of a single night. */
const double tm_tails[TM_TAILS] = {3, 4, 5, 7, 10, 15};

/* Upper quartiles of t with those degrees of freedom: half of its values lie within them. */
static const double quartiles[TM_TAILS] = {0.764892, 0.740697, 0.726687, 0.711142, 0.699812, 0.691197};

/* Adds, for each tail, ln of the density of the baseline's values; their distance from the median is measured in scales. */
static void note_tails(const struct tm_detector *state, struct tm_tail_evidence *evidence)
{
    for (int tail = 0; tail < TM_TAILS; tail++) {
        double df = tm_tails[tail], factor = TM_MAD_TO_SIGMA * quartiles[tail], sum = 0;
        double at_0 = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(df * M_PI) + log(factor);
        for (int i = 0; i < state->n_base; i++) {
            double t = factor * (state->base[i] - state->median) / state->scale;
            sum += log1p(t * t / df);
        }
        evidence->likelihood[tail] += state->n_base * at_0 - (df + 1) / 2 * sum;
    }
    evidence->n += (size_t)state->n_base;
}

struct tm_night_noise tm_night_noise(const double *y, size_t n, struct tm_tail_evidence *evidence)
{
    enum { BUDGET_PER_MILLE = 1 }; /* where a new level begins; the scale hardly depends on it */
    const struct tm_detector_params params = tm_detector_params_for(BUDGET_PER_MILLE);
    struct tm_detector state = {0};
    struct tm_detector_result result;
    for (size_t i = 0; i < n; i++)
        tm_detector_step(&state, &params, y[i], 0, &result);
    if (state.n_base < TM_DETECTOR_NEEDED)
        return (struct tm_night_noise){0, (size_t)state.n_base};
    note_tails(&state, evidence);
    return (struct tm_night_noise){state.scale, (size_t)state.n_base};
}

double tm_tail_of(const struct tm_tail_evidence *evidence)
{
    int best = 0;
    for (int tail = 1; tail < TM_TAILS && evidence->n >= ENOUGH; tail++)
        if (evidence->likelihood[tail] > evidence->likelihood[best])
            best = tail;
    return tm_tails[best];
}
