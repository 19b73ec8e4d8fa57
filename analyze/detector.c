#include "analyze/detector.h"

#include <math.h>
#include <string.h>

#include "analyze/baseline.h"
#include "analyze/evidence.h"

static const double SUSPICION = 3;   /* evidence of one run that makes a suspect: about 20 to 1 */
enum { RETURNING = 3 };              /* runs that must be back at the old level before a regression closes */
static const double YOUNG_DOUBT = 6; /* scales (of few values, so wide ones) from which a young level doubts a value */
static const double YOUNG_BAR = 4;   /* on n baseline values the threshold is 1 + YOUNG_BAR / n times as high */

struct tm_detector_params tm_detector_params_for(double budget)
{
    double threshold = budget <= 1 ? 3.2 - 3 * log(budget) : 3.2 / budget;

    return (struct tm_detector_params){threshold, log(1.04), TM_DETECTOR_FLOOR};
}

/* The oldest waiting run joins the baseline. What the run had in common is kept apart from a value only if it passed:
 * when all waiting runs share it, it is the level now. */
static void admit(struct tm_detector *s, double floor)
{
    bool lasting = true;

    for (int i = 0; i < s->n_wait; i++)
        lasting = lasting && s->wait_common[i] * s->wait_common[0] > 0;
    tm_baseline_add(s, s->wait[0], lasting ? 0 : s->wait_common[0]);
    s->n_wait--;
    memmove(s->wait, s->wait + 1, (size_t)s->n_wait * sizeof *s->wait);
    memmove(s->wait_common, s->wait_common + 1, (size_t)s->n_wait * sizeof *s->wait_common);
    tm_baseline_settle(s, floor);
}

/* A new level begins with the newest k runs. A regression stays open against the level before the first one. */
static void start_level(struct tm_detector *s, const struct tm_evidence *e, double floor)
{
    int from = s->n_wait - e->k;

    if (e->effect > 0 && !s->open) {
        s->open = 1;
        s->old_median = e->run_wide ? s->raw_median : s->median;
        s->old_scale = e->run_wide ? s->raw_scale : s->scale;
    }
    s->scale_before = s->scale;
    s->n_base = 0;
    for (int i = 0; i < e->k; i++)
        tm_baseline_add(s, s->wait[from + i], e->run_wide ? 0 : s->wait_common[from + i]);
    s->n_wait = 0;
    tm_baseline_settle(s, floor);
}

/* The level that counts for a return: the baseline's, or that of the newest runs if there are enough of them and they lie lower. */
static double level_now(const struct tm_detector *s)
{
    double own[TM_DETECTOR_NEWEST];
    for (int i = 0; i < s->n_wait; i++)
        own[i] = s->wait[i] - s->wait_common[i];
    return s->n_wait < RETURNING ? s->median : fmin(s->median, tm_baseline_median(own, s->n_wait));
}

/* Back when the level is no further from the old one than its noise, or than anybody minds. */
static void close_if_returned(struct tm_detector *s, const struct tm_detector_params *p, struct tm_detector_result *out)
{
    if (s->open && level_now(s) - s->old_median <= fmax(p->min_effect, s->old_scale)) {
        s->open = 0;
        out->returned = true;
    }
    out->open = s->open;
}

static void describe(const struct tm_detector *s, double y, double common, struct tm_detector_result *out)
{
    double own = y - common, below = 0;

    for (int i = 0; i < s->n_base; i++) {
        double b = s->base[i] - s->base_common[i];

        below += b < own ? 1 : b > own ? 0 : 0.5;
    }
    out->common = common;
    out->median = s->median;
    out->scale = s->scale;
    out->n = s->n_base;
    out->z = (own - s->median) / s->scale;
    out->percentile = 100 * below / s->n_base;
}

static void classify(const struct tm_detector *s, const struct tm_detector_params *p, const struct tm_evidence *e,
                     struct tm_detector_result *out)
{
    out->evidence = e->score;
    out->k = e->k;
    out->effect = e->effect;
    out->run_wide = e->run_wide;
    out->needed = p->threshold * (1 + YOUNG_BAR / s->n_base);
    if (e->score > out->needed) {
        out->class = e->effect > 0 ? TM_DETECTOR_REGRESSED : TM_DETECTOR_IMPROVED;
        out->kind = tm_evidence_drifted(s, e) ? TM_DETECTOR_DRIFT : TM_DETECTOR_STEP;
    } else if (out->z * out->scale > p->min_effect && tm_evidence_of_one(s) > SUSPICION) {
        out->class = TM_DETECTOR_SUSPECT;
    } else {
        out->class = TM_DETECTOR_QUIET;
    }
}

/* A level that has just begun takes its first values as they come, but not one that is worse by half and far beyond the noise:
 * from there on it is judged, on the few values it has. */
static bool doubts(const struct tm_detector *s, double own)
{
    if (s->n_base == 0 || !(s->scale_before > 0))
        return false;
    return s->n_wait > 0 || own - s->median > fmax(log(1.5), YOUNG_DOUBT * s->scale);
}

void tm_detector_step(struct tm_detector *s, const struct tm_detector_params *p, double y, double common, int least,
                      struct tm_detector_result *out)
{
    *out = (struct tm_detector_result){.class = TM_DETECTOR_TOO_FEW, .common = common};
    if (s->n_base < TM_DETECTOR_NEEDED && !doubts(s, y - common)) {
        tm_baseline_add(s, y, common);
        tm_baseline_settle(s, p->floor);
        out->n = s->n_base;
        out->open = s->open;
        if (s->n_base == TM_DETECTOR_NEEDED)
            close_if_returned(s, p, out);
        return;
    }
    s->wait[s->n_wait] = y;
    s->wait_common[s->n_wait++] = common;
    describe(s, y, common, out);

    struct tm_evidence e = tm_evidence_strongest(s, p->min_effect, least);
    classify(s, p, &e, out);
    if (out->class == TM_DETECTOR_REGRESSED || out->class == TM_DETECTOR_IMPROVED)
        start_level(s, &e, p->floor);
    else if (s->n_wait == TM_DETECTOR_NEWEST)
        admit(s, p->floor);
    close_if_returned(s, p, out);
}
