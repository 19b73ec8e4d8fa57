/* One series, one night: the detector compares two explanations of the newest runs, "as before" and
 * "a new level", by what the series' own past makes likely. docs/methods.md gives formulas and
 * measurements.
 *
 * A run waits up to six nights beside the baseline before it joins it, so that the first nights
 * of a change cannot spoil the yardstick that they are measured with. An alarm empties the
 * baseline: the runs that raised it are the new level. */
#include "analyze/detector.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analyze/baseline.h"
#include "analyze/evidence.h"

/* Evidence of one run that makes a suspect: ln of about 20 to 1. A suspect fails only under
 * --strict, so odds will do that would drown an alarm. */
static const double SUSPICION = 3;

/* Waiting runs that must be back at the old level before a regression closes: one good night, or
 * two, is what noise makes of a level that is still up. */
enum { RETURNING = 3 };

/* A young level doubts a value that is worse by half (ln 1.5) and beyond six of its scales.
 * Those come from few values, so they are wide already; anything below would end young levels by
 * the ordinary scatter of their second night. */
static const double YOUNG_DOUBT = 6;

/* On n baseline values the threshold is 1 + YOUNG_BAR / n times as high: a density estimated
 * from six values promises more than it can know, and makes false alarms where the same one from
 * fifty makes none. */
static const double YOUNG_BAR = 4;

/* Values that a better level must have before a rise back to the one before it is news. A few lucky
 * runs make an improvement, and their end is not a regression. */
enum { TRIED = 12 };

/* The line 1.2 - 2.1 ln B was fitted to the false alarms measured on public histories
 * (docs/methods.md has the table). It would reach zero at B = 1.8, hence the hyperbola above 1,
 * where both give 1.2. The least change is ln 1.04, four fifths of the 5 % that people ask for:
 * estimates from two to six noisy runs scatter, and a change of just 5 % shall mostly be caught. */
struct tm_detector_params tm_detector_params_for(double budget)
{
    double threshold = budget <= 1 ? 1.2 - 2.1 * log(budget) : 1.2 / budget;

    return (struct tm_detector_params){threshold, log(1.04), log(1.04), TM_DETECTOR_FLOOR, false};
}

/* Do all waiting runs have something in common with the whole run, on one side? */
static bool is_lasting(const struct tm_detector *s)
{
    bool lasting = true;

    for (int i = 0; i < s->n_wait; i++)
        lasting = lasting && s->wait_common[i] * s->wait_common[0] > 0;
    return lasting;
}

/* The oldest waiting run joins the baseline. What the run had in common is kept apart from a
 * value only if it passed: when all waiting runs share it, it is the level now. */
static void admit(struct tm_detector *s, double floor)
{
    tm_baseline_add(s, s->wait[0], is_lasting(s) ? 0 : s->wait_common[0]);
    s->n_wait--;
    memmove(s->wait, s->wait + 1, (size_t)s->n_wait * sizeof *s->wait);
    memmove(s->wait_common, s->wait_common + 1, (size_t)s->n_wait * sizeof *s->wait_common);
    tm_baseline_settle(s, floor);
}

/* As few as one may wait here, so what they have in common is taken for the level only where they are as many as between two
 * nights. */
void tm_detector_settle(struct tm_detector *s)
{
    bool lasting = s->n_wait == TM_DETECTOR_NEWEST - 1 && is_lasting(s);

    for (int i = 0; i < s->n_wait; i++)
        tm_baseline_add(s, s->wait[i], lasting ? 0 : s->wait_common[i]);
    if (s->n_wait > 0)
        tm_baseline_settle(s, TM_DETECTOR_FLOOR);
    s->n_wait = 0;
}

/* A new level begins with the newest k runs; what waited before them is forgotten with the old
 * baseline.
 *
 * A regression stays open against the level before the first one: a second step up must not
 * become "back to normal" when only the second is undone. A run-wide shift was judged on values
 * as measured, so the level it is open against, and the values it begins with, are as measured
 * too. */
static void start_level(struct tm_detector *s, const struct tm_evidence *e, const struct tm_detector_params *p)
{
    bool worse = e->effect > 0 || p->either;
    int from = s->n_wait - e->since;

    if (worse && !s->open) {
        s->open = 1;
        s->old_median = e->run_wide ? s->raw_median : s->median;
        s->old_scale = e->run_wide ? s->raw_scale : s->scale;
    }
    /* The young level borrows from the one that ends here. */
    s->scale_before = s->scale;
    s->improved = !worse;
    s->median_before = s->median;
    tm_baseline_clear(s);
    for (int i = 0; i < e->since; i++)
        tm_baseline_add(s, s->wait[from + i], e->run_wide ? 0 : s->wait_common[from + i]);
    s->n_wait = 0;
    tm_baseline_settle(s, p->floor);
}

/* The level that counts for a return: the baseline's, or that of the newest runs if there are
 * enough of them and they lie lower (nearer, where a fall was the regression). The baseline alone would keep a repaired plugin red
 * for six nights more, until its good runs have joined. */
static double level_now(const struct tm_detector *s, const struct tm_detector_params *p)
{
    double own[TM_DETECTOR_NEWEST];
    for (int i = 0; i < s->n_wait; i++)
        own[i] = s->wait[i] - s->wait_common[i];
    if (s->n_wait < RETURNING)
        return s->median;
    double newest = tm_baseline_median(own, s->n_wait);
    return p->either && s->median < s->old_median ? fmax(s->median, newest) : fmin(s->median, newest);
}

/* Closes an open regression when the level is no further from the old one than that one's noise,
 * or than anybody minds. Sets out->open and out->returned. */
static void close_if_returned(struct tm_detector *s, const struct tm_detector_params *p, struct tm_detector_result *out)
{
    double away = s->open ? level_now(s, p) - s->old_median : 0;
    if (s->open && (p->either ? fabs(away) : away) <= fmax(p->min_effect, s->old_scale)) {
        s->open = 0;
        out->returned = true;
    }
    out->open = s->open;
}

/* Where tonight lies in the past it is judged against. To be called before classify(), which
 * needs z, and before the baseline changes. */
static void describe(const struct tm_detector *s, double y, double common, struct tm_detector_result *out)
{
    double own = y - common;
    int halves = 0;

    for (int i = 0; i < s->n_base; i++) {
        double b = s->base[i] - s->base_common[i];

        /* A value that ties counts half, so that a constant series lies at 50. */
        halves += (b < own) + !(b > own);
    }
    out->common = common;
    out->median = s->median;
    out->scale = s->scale;
    out->n = s->n_base;
    out->z = (own - s->median) / s->scale;
    out->percentile = 100 * (0.5 * halves) / s->n_base;
}

/* The class of tonight, from the strongest evidence. A suspect needs no second run, but it must
 * be worse: a single good night is no news. */
static void classify(const struct tm_detector *s, const struct tm_detector_params *p, const struct tm_evidence *e,
                     struct tm_detector_result *out)
{
    out->evidence = e->score;
    out->k = e->k;
    out->since = e->since;
    out->earliest = e->earliest;
    out->latest = e->latest;
    out->effect = e->effect;
    out->run_wide = e->run_wide;
    out->needed = p->threshold * (1 + YOUNG_BAR / s->n_base);
    if (e->score > out->needed) {
        out->class = e->effect > 0 || p->either ? TM_DETECTOR_REGRESSED : TM_DETECTOR_IMPROVED;
        out->kind = tm_evidence_drifted(s, e) ? TM_DETECTOR_DRIFT : TM_DETECTOR_STEP;
    } else if ((p->either ? fabs(out->z) : out->z) * out->scale > p->min_effect && tm_evidence_of_one(s) > SUSPICION) {
        out->class = TM_DETECTOR_SUSPECT;
    } else {
        out->class = TM_DETECTOR_QUIET;
    }
}

/* Is a young level to be judged on the few values it has? It takes its first values as they come,
 * but not one that is worse by half and far beyond the noise; from there on (n_wait > 0) it is
 * judged until it has six.
 *
 * A series never seen has no level to doubt with, nor has one whose first level is still growing
 * (scale_before 0). */
static bool doubts(const struct tm_detector *s, const struct tm_detector_params *p, double own)
{
    if (s->n_base == 0 || !(s->scale_before > 0))
        return false;
    double away = p->either ? fabs(own - s->median) : own - s->median;
    return s->n_wait > 0 || away > fmax(log(1.5), YOUNG_DOUBT * s->scale);
}

/* Would the runs be an alarm if changes below the metric's floor counted? */
static bool is_held_back(const struct tm_detector *s, const struct tm_detector_params *p, const struct tm_detector_result *tonight)
{
    double away = (p->either ? fabs(tonight->z) : tonight->z) * tonight->scale;
    if (p->share >= p->min_effect || away <= p->share)
        return false;
    struct tm_evidence e = tm_evidence_strongest(s, p->share);
    return e.score > tonight->needed && (e.effect > 0 || p->either);
}

void tm_detector_step(struct tm_detector *s, const struct tm_detector_params *p, double y, double common,
                      struct tm_detector_result *out)
{
    *out = (struct tm_detector_result){.class = TM_DETECTOR_TOO_FEW, .common = common};
    /* Too few values to judge: they make the level, without waiting. */
    if (s->n_base < TM_DETECTOR_NEEDED && !doubts(s, p, y - common)) {
        tm_baseline_add(s, y, common);
        tm_baseline_settle(s, p->floor);
        out->n = s->n_base;
        out->open = s->open;
        /* Only now is the level known well enough to say that it is the old one. */
        if (s->n_base == TM_DETECTOR_NEEDED)
            close_if_returned(s, p, out);
        return;
    }
    assert(s->n_wait < TM_DETECTOR_NEWEST); /* the sixth joins the baseline the night it comes */
    s->wait[s->n_wait] = y;
    s->wait_common[s->n_wait++] = common;
    describe(s, y, common, out);

    /* The evidence is weighed before anything moves: what is admitted or begun below must not judge
     * the night that brings it. */
    struct tm_evidence e = tm_evidence_strongest(s, p->min_effect);
    classify(s, p, &e, out);
    out->held_back = out->class < TM_DETECTOR_REGRESSED && is_held_back(s, p, out);
    if (out->class == TM_DETECTOR_REGRESSED || out->class == TM_DETECTOR_IMPROVED)
        start_level(s, &e, p);
    else if (s->n_wait == TM_DETECTOR_NEWEST)
        admit(s, p->floor);
    s->improved = s->improved && s->n_base < TRIED;
    close_if_returned(s, p, out);
}

/* As for an alarm of several nights: the level before is the one that it is open against. */
void tm_detector_confirm(struct tm_detector *s, const struct tm_detector *before, const struct tm_detector_params *p, double y,
                         struct tm_detector_result *out)
{
    *s = *before;
    s->wait[s->n_wait] = y;
    s->wait_common[s->n_wait++] = out->common;

    struct tm_evidence e = {tm_evidence_of_one(s), 1, 1, 1, 1, y - out->common - s->median, false};
    out->class = TM_DETECTOR_REGRESSED;
    out->kind = TM_DETECTOR_STEP;
    out->evidence = e.score;
    out->effect = e.effect;
    out->k = out->since = out->earliest = out->latest = 1;
    out->run_wide = out->returned = false;
    start_level(s, &e, p);
    out->open = s->open;
}
