/* Repeats tell the noise of a measurement from the night. A value was suspected because it was
 * extreme; measured again, it falls back by as much of it as was chance, and a new level does not.
 * What repeats cannot tell is a shift of the night itself (a busy host), which they share: so one
 * night is never two, and asks for more than two nights do. docs/methods.md has what that costs. */
#include "analyze/confirm.h"

#include <math.h>

#include "analyze/evidence.h"

enum {
    MEASURED = 3,                   /* the first and two repeats: of two, one alone decides */
    KNOWN = 2 * TM_DETECTOR_NEEDED, /* values of a range: that of six is too often narrow by chance */
};

/* Scales beyond all that the past has held: as for two nights (evidence.c). */
static const double BEYOND = 4;

/* Evidence above the bar of several nights: one night, however often measured, is one witness. */
static const double ONE_NIGHT = 1.3;

/* Of the first measurement's distance, that each repeat must have. With half of the noise the
 * night's own, a chance outlier keeps half of it on the average. Chosen on the public histories. */
static const double KEPT = 0.75;

bool tm_confirm_suspected(const struct tm_detector *before, const struct tm_detector_params *p, double first, double common)
{
    struct tm_detector state = *before;
    struct tm_detector_result result;

    tm_detector_step(&state, p, first, common, &result);
    return result.class == TM_DETECTOR_SUSPECT || result.class == TM_DETECTOR_REGRESSED;
}

/* The past in own values, with the runs that still wait: the least and the most of it. */
static void range_of(const struct tm_detector *s, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < s->n_base; i++) {
        *low = fmin(*low, s->base[i] - s->base_common[i]);
        *high = fmax(*high, s->base[i] - s->base_common[i]);
    }
    for (int i = 0; i < s->n_wait; i++)
        *high = fmax(*high, s->wait[i] - s->wait_common[i]);
}

bool tm_confirm_overwhelms(const struct tm_detector *before, const struct tm_measured *measured, double common, double needed)
{
    double least = measured->least - common, low, high;
    struct tm_detector state = *before;

    if (measured->n < MEASURED || before->n_base < KNOWN)
        return false;
    range_of(before, &low, &high);
    if (least < high + fmax(BEYOND * before->scale, high - low))
        return false;
    if (least - before->median < KEPT * (measured->first - common - before->median))
        return false;
    state.wait[state.n_wait] = measured->least;
    state.wait_common[state.n_wait++] = common;
    return tm_evidence_of_one(&state) > needed + ONE_NIGHT;
}
