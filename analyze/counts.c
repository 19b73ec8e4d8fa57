/* Counts are judged by exact tails, not as noisy numbers: a first error in 50,000 calls has an
 * infinite z and means nothing, ten in a night of a plugin that never fails mean much. The rules
 * around the evidence (baseline, waiting runs, open and returned) are the detector's; the laws are
 * in counts.h.
 *
 * Half an event more on either side (Jeffreys' prior) keeps the rate of an error-free past above
 * zero. */
#include "analyze/counts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analyze/tails.h"

static const double WINDOWS = 5;  /* k = 2..6 are tried: the best of five looks is five times as often extreme (Bonferroni) */
static const double ALONE = 0.05; /* tail of a run that stands out by itself: two of them, so that no single bad night alarms */

/* Trials from which the binomial is taken: the beta-binomial is a sum over trials, and would
 * take most of a replay's time. */
static const double MANY = 20000;

/* -ln of the tail of one run that makes a suspect: once in 1100 runs, if the law holds. */
static const double SUSPICION = 7;

struct total {
    double events, trials;
};

static struct total sum(const double *events, const double *trials, int n)
{
    struct total total = {0, 0};
    for (int i = 0; i < n; i++) {
        total.events += events[i];
        total.trials += trials[i];
    }
    return total;
}

/* Events per trial; a plugin that was never called has not failed: 0. */
static double rate_of(struct total total)
{
    return total.trials > 0 ? total.events / total.trials : 0;
}

/* phi = max(1, Pearson's chi^2 of the baseline about its own rate / (n - 1)). Error rates that
 * vary from night to night more than the law allows have phi > 1, and their evidence is divided
 * by it. Below 1 is chance: it shall not make the judge bolder. */
static double dispersion(const struct tm_counts *s, enum tm_count_law law)
{
    struct total base = sum(s->events, s->trials, s->n_base);
    /* The variance of a run's events under the law: binomial n p (1 - p), Poisson its mean. */
    double rate = (base.events + 0.5) / (base.trials + 1), chi = 0;
    for (int i = 0; i < s->n_base; i++) {
        double expected = rate * s->trials[i], variance = law == TM_BINOMIAL ? expected * (1 - rate) : expected;
        double off = s->events[i] - expected;
        chi += variance > 0 ? off * off / variance : 0;
    }
    return s->n_base > 1 ? fmax(1, chi / (s->n_base - 1)) : 1;
}

/* -ln P(at least (TM_UPPER), or at most (TM_LOWER), that many events) if nothing changed. The
 * past's own uncertainty is in the law: a rate from few trials has wider tails, hence
 * beta-binomial and negative binomial, not binomial and Poisson. */
static double surprise(struct total base, const struct tm_count_params *p, struct total seen, enum tm_tail side)
{
    if (p->law == TM_POISSON) {
        double mean = (base.events + 0.5) / base.trials * seen.trials;
        return -tm_log_tail_negbinomial(side, seen.events, mean, base.events + 0.5);
    }
    if (seen.trials > MANY)
        return -tm_log_tail_binomial(side, seen.events, seen.trials, (base.events + 0.5) / (base.trials + 1));
    return -tm_log_tail_betabinomial(side, seen.events, seen.trials, base.events + 0.5, fmax(0, base.trials - base.events) + 0.5);
}

/* The tails of the waiting runs, one by one, as far as somebody has asked for them: each is in up
 * to five windows. */
struct tails {
    double surprise[TM_DETECTOR_NEWEST][2];
    bool known[TM_DETECTOR_NEWEST][2];
};

/* How many of the newest k runs stand out by themselves, on that side. */
static int standing_out(const struct tm_counts *s, const struct tm_count_params *p, struct total base, int k, enum tm_tail side,
                        struct tails *tails)
{
    int out = 0, at = side == TM_UPPER;
    for (int i = s->n_wait - k; i < s->n_wait; i++) {
        struct total one = {s->wait_events[i], s->wait_trials[i]};
        if (!tails->known[i][at])
            tails->surprise[i][at] = surprise(base, p, one, side);
        tails->known[i][at] = true;
        out += tails->surprise[i][at] > -log(ALONE);
    }
    return out;
}

/* The strongest window of newest runs, rising or falling: evidence, k and effect in *out,
 * evidence 0 if none counts. A window counts only when the rate changed by the floor and by
 * min_effect of itself, and two of its runs stand out alone. falling: those that fall, too. */
static void strongest(const struct tm_counts *s, const struct tm_count_params *p, bool falling, struct tails *tails,
                      struct tm_detector_result *out)
{
    struct total base = sum(s->events, s->trials, s->n_base);
    double phi = dispersion(s, p->law), before = rate_of(base);
    /* Every number of newest runs is tried: a change of three nights ago is diluted in a window
     * of six. */
    for (int k = 2; k <= s->n_wait; k++) {
        struct total seen = sum(s->wait_events + s->n_wait - k, s->wait_trials + s->n_wait - k, k);
        double change = rate_of(seen) - before;
        enum tm_tail side = change > 0 ? TM_UPPER : TM_LOWER;
        if (fabs(change) < p->floor || fabs(change) < p->min_effect * before || (side == TM_LOWER && !falling) ||
            standing_out(s, p, base, k, side, tails) < 2)
            continue;
        double evidence = surprise(base, p, seen, side) / phi - log(WINDOWS);
        if (evidence > out->evidence) {
            out->evidence = evidence;
            out->since = out->earliest = out->latest = out->k = k;
            out->effect = change;
        }
    }
}

/* Would the newest runs be an alarm if changes below the floor counted? Rises alone are looked at
 * first: without one there is no need to know what fell. */
static bool is_held_back(const struct tm_counts *s, const struct tm_count_params *p, struct tails *tails)
{
    struct tm_count_params without = *p;
    struct tm_detector_result rise = {0}, any = {0};
    without.floor = 0;
    if (!(p->floor > 0))
        return false;
    strongest(s, &without, false, tails, &rise);
    if (!(rise.evidence > p->threshold))
        return false;
    strongest(s, &without, true, tails, &any);
    return any.effect > 0;
}

/* The oldest of fifty makes room. */
static void add_run(struct tm_counts *s, double events, double trials)
{
    if (s->n_base == TM_DETECTOR_BASELINE) {
        s->n_base--;
        memmove(s->events, s->events + 1, (size_t)s->n_base * sizeof *s->events);
        memmove(s->trials, s->trials + 1, (size_t)s->n_base * sizeof *s->trials);
    }
    s->events[s->n_base] = events;
    s->trials[s->n_base++] = trials;
}

/* The newest k runs are the new level. `rate` is the one before: a regression stays open against
 * that of the first. */
static void start_level(struct tm_counts *s, int k, double rate, bool worse)
{
    if (worse && !s->open) {
        s->open = 1;
        s->old_rate = rate;
    }
    s->n_base = 0;
    for (int i = s->n_wait - k; i < s->n_wait; i++)
        add_run(s, s->wait_events[i], s->wait_trials[i]);
    s->n_wait = 0;
}

/* The oldest waiting run joins the baseline, six runs after its night. */
static void admit(struct tm_counts *s)
{
    add_run(s, s->wait_events[0], s->wait_trials[0]);
    s->n_wait--;
    memmove(s->wait_events, s->wait_events + 1, (size_t)s->n_wait * sizeof *s->wait_events);
    memmove(s->wait_trials, s->wait_trials + 1, (size_t)s->n_wait * sizeof *s->wait_trials);
}

void tm_counts_settle(struct tm_counts *s)
{
    for (int i = 0; i < s->n_wait; i++)
        add_run(s, s->wait_events[i], s->wait_trials[i]);
    s->n_wait = 0;
}

/* The law alone is not enough: a past that varies more than the law allows has seen more than it says. */
bool tm_counts_extreme(const struct tm_counts *s, const struct tm_count_params *p, double events, double trials, double range)
{
    struct total base = sum(s->events, s->trials, s->n_base), one = {events, trials};
    double rate = rate_of(one), low = INFINITY, high = 0;
    if (s->n_base < 2 * TM_DETECTOR_NEEDED)
        return false;
    for (int i = 0; i < s->n_base; i++) {
        double past = rate_of((struct total){s->events[i], s->trials[i]});
        low = fmin(low, past);
        high = fmax(high, past);
    }
    return rate - rate_of(base) > fmax(p->floor, p->min_effect * rate_of(base)) && rate > high + range * (high - low) &&
           rate >= 2 * high && surprise(base, p, one, TM_UPPER) / dispersion(s, p->law) > p->threshold;
}

/* Back when the level's rate is no longer worse than the old one by what anybody minds. */
static void close_if_returned(struct tm_counts *s, const struct tm_count_params *p, struct tm_detector_result *out)
{
    double now = rate_of(sum(s->events, s->trials, s->n_base));
    if (s->open && now - s->old_rate <= fmax(p->floor, p->min_effect * s->old_rate)) {
        s->open = 0;
        out->returned = true;
    }
    out->open = s->open;
}

void tm_counts_confirm(struct tm_counts *s, const struct tm_counts *before, const struct tm_count_params *p, double events,
                       double trials, struct tm_detector_result *out)
{
    struct total base = sum(before->events, before->trials, before->n_base), one = {events, trials};
    *s = *before;
    s->wait_events[s->n_wait] = events;
    s->wait_trials[s->n_wait++] = trials;
    out->class = TM_DETECTOR_REGRESSED;
    out->evidence = surprise(base, p, one, TM_UPPER) / dispersion(before, p->law);
    out->effect = rate_of(one) - rate_of(base);
    out->k = out->since = out->earliest = out->latest = 1;
    start_level(s, 1, rate_of(base), true);
    out->open = s->open;
}

/* Where tonight's rate lies in the baseline, which has at least six runs. scale is the standard
 * deviation of a rate from that many trials, dispersion included; a past without events and a
 * night without calls have z = 0, not an infinite one. */
static void describe(const struct tm_counts *s, const struct tm_count_params *p, double events, double trials,
                     struct tm_detector_result *out)
{
    struct total base = sum(s->events, s->trials, s->n_base);
    double before = rate_of(base), rate = trials > 0 ? events / trials : 0, below = 0;
    double variance = (p->law == TM_BINOMIAL ? before * (1 - before) : before) / fmax(trials, 1) * dispersion(s, p->law);
    for (int i = 0; i < s->n_base; i++) {
        double past = s->trials[i] > 0 ? s->events[i] / s->trials[i] : 0;
        below += past < rate ? 1 : past > rate ? 0 : 0.5;
    }
    out->median = before;
    out->scale = sqrt(variance);
    out->z = variance > 0 ? (rate - before) / out->scale : 0;
    out->percentile = 100 * below / s->n_base;
    out->n = s->n_base;
    out->needed = p->threshold;
}

/* A tail that happens by chance in `budget` of 1000 judgements. */
double tm_count_threshold(double budget)
{
    return log(1000 / budget);
}

void tm_counts_step(struct tm_counts *s, const struct tm_count_params *p, double events, double trials,
                    struct tm_detector_result *out)
{
    struct tails tails = {0};
    *out = (struct tm_detector_result){.class = TM_DETECTOR_TOO_FEW};
    /* Too few runs to judge: they make the baseline. The sixth may show that the old rate is
     * back. */
    if (s->n_base < TM_DETECTOR_NEEDED) {
        add_run(s, events, trials);
        out->n = s->n_base;
        if (s->n_base == TM_DETECTOR_NEEDED)
            close_if_returned(s, p, out);
        out->open = s->open;
        return;
    }
    assert(s->n_wait < TM_DETECTOR_NEWEST); /* the sixth joins the baseline the night it comes */
    s->wait_events[s->n_wait] = events;
    s->wait_trials[s->n_wait++] = trials;
    describe(s, p, events, trials, out);
    strongest(s, p, true, &tails, out);
    struct total base = sum(s->events, s->trials, s->n_base), one = {events, trials};
    double change = rate_of(one) - rate_of(base);
    /* describe() and strongest() used the baseline as it was before tonight; from here on it may
     * change. */
    out->class = TM_DETECTOR_QUIET;
    /* A level, up or down, ends the baseline; otherwise a single night may be a suspect, and the
     * oldest waiting run joins. */
    out->held_back = out->evidence <= p->threshold && is_held_back(s, p, &tails);
    if (out->evidence > p->threshold) {
        out->class = out->effect > 0 ? TM_DETECTOR_REGRESSED : TM_DETECTOR_IMPROVED;
        start_level(s, out->k, rate_of(base), out->effect > 0);
    } else {
        if (change > fmax(p->floor, p->min_effect * rate_of(base)) &&
            surprise(base, p, one, TM_UPPER) / dispersion(s, p->law) > SUSPICION)
            out->class = TM_DETECTOR_SUSPECT;
        if (s->n_wait == TM_DETECTOR_NEWEST)
            admit(s);
    }
    close_if_returned(s, p, out);
}
