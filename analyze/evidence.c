/* Do the newest runs hold a new level? For each number k of newest runs the likelihood of "the
 * past, moved by d" is set against "the past, as it is". Evidence counts only if the change is
 * large enough to matter, stands apart from the runs just before, and is still there tonight;
 * each of these rules keeps out a kind of false alarm that the likelihood alone raises. */
#include "analyze/evidence.h"

#include <math.h>

#include "analyze/baseline.h"

/* Runs just before the newest ones that they must stand apart from. A series that wanders is far
 * from its median for weeks: without this, each such excursion is a new level. */
enum { LOCAL = 10 };

/* P(a newest run lies beyond a local one), ties half, that is asked for: Mann and Whitney's U as
 * a share. */
static const double SEPARATION = 0.9;

/* Evidence on k runs is docked by FEW_RUNS / k: 6 for two runs, 2 for six. Two runs that chance
 * has put far out look as convincing as six that stay. */
static const double FEW_RUNS = 12;

/* Scales by which two or three runs must lie beyond all before them: chosen on folds, see
 * docs/methods.md. */
static const double BEYOND_TWO = 4, BEYOND_THREE = 2;

static const double NOT_MUCH_LESS = 3; /* ln of 20: a date that is twenty times less likely is none */

/* Tonight must have gone that part of the change: what has returned by tonight is no alarm.
 * Chosen on the public histories. */
static const double TONIGHT = 0.25;

/* Evidence is divided by 1 + MEMORY * autocorrelation: runs that resemble the night before are
 * not as many independent witnesses. */
static const double MEMORY = 1.5;

/* The waiting runs in units of the past: their own values, or (raw) values as measured. */
struct window {
    struct tm_past past;
    double z[TM_DETECTOR_NEWEST];      /* the waiting runs, standardised */
    double before[TM_DETECTOR_NEWEST]; /* their log densities under the past; known from `known` on */
    double undone;                     /* a rise to a lower level than that undoes an improvement; -INFINITY: there was none */
    int n, known;
    bool raw;
};

/* Standardises the waiting runs by the past they are to be compared with. O(n_base) once a
 * window, so that the loops over k share it. */
static void window_of(struct window *w, const struct tm_detector *s, bool raw)
{
    tm_past_of(&w->past, s, raw);
    w->n = w->known = s->n_wait;
    w->raw = raw;
    w->undone = s->improved ? s->median_before + 2 * w->past.scale : -INFINITY;
    for (int i = 0; i < w->n; i++)
        w->z[i] = (s->wait[i] - (raw ? 0 : s->wait_common[i]) - w->past.median) / w->past.scale;
}

/* The one nearest to zero of k values of one sign, else 0. It stands in for the median where
 * that would be the mean of two (k = 2: one spike would carry its neighbour) and where many
 * plugins are judged at once (run-wide: every run must bear the shift by itself). */
static double nearest_zero(const double *z, int k)
{
    double low = z[0], high = z[0];

    for (int i = 1; i < k; i++) {
        low = fmin(low, z[i]);
        high = fmax(high, z[i]);
    }
    return low > 0 ? low : high < 0 ? high : 0;
}

/* Do the newest k runs stand apart from the last ten before them, by rank and by median? The ten
 * are the earlier waiting runs and, where these are fewer, the end of the baseline.
 *
 * sign is 1 for a rise, -1 for a fall; min_effect is in units of y. */
static bool stands_apart(const struct window *w, int k, double sign, double min_effect)
{
    const double *newest = w->z + w->n - k;
    double local[LOCAL];
    int n = 0, halves = 0; /* a tie is half a win */

    for (int i = w->n - k - 1; i >= 0 && n < LOCAL; i--)
        local[n++] = w->z[i];
    for (int i = w->past.n - 1; i >= 0 && n < LOCAL; i--)
        local[n++] = w->past.z[i];
    for (int i = 0; i < k; i++)
        for (int j = 0; j < n; j++) {
            double ahead = sign * (newest[i] - local[j]);

            halves += (ahead > 0) + !(ahead < 0);
        }
    if (0.5 * halves < SEPARATION * n * k)
        return false;
    return sign * (tm_baseline_median(newest, k) - tm_baseline_median(local, n)) * w->past.scale >= min_effect;
}

/* LR_k = sum over the newest k runs of ln f0(z - d) - ln f0(z), positive where the moved past
 * explains them better. ln f0(z) does not depend on k, so it is kept in `before`; d does, so ln
 * f0(z - d) is not. */
static double likelihood_ratio(struct window *w, int k, double d)
{
    double sum = 0;

    for (int i = w->n - 1; i >= w->n - k; i--) {
        if (i < w->known)
            w->before[w->known = i] = tm_past_log_density(&w->past, w->z[i]);
        sum += tm_past_log_density(&w->past, w->z[i] - d) - w->before[i];
    }
    return sum;
}

/* Few runs need more than evidence: the tails of the kernels cap what two or three can bring
 * together, so a bar on it cannot tell the overwhelming from the lucky. Two suffice where both lie
 * beyond all that the past (and the runs waiting before them) has held, by BEYOND_TWO scales; three
 * where all do by BEYOND_THREE; from four on evidence alone decides. */
static bool enough_runs(const struct window *w, int k, double sign)
{
    double beyond = k == 2 ? BEYOND_TWO : BEYOND_THREE, least = INFINITY;

    if (k > 3)
        return true;
    for (int i = w->n - k; i < w->n; i++)
        least = fmin(least, sign * w->z[i]);
    for (int i = 0; i < w->past.n; i++)
        if (least < sign * w->past.z[i] + beyond)
            return false;
    for (int i = 0; i < w->n - k; i++)
        if (least < sign * w->z[i] + beyond)
            return false;
    return true;
}

/* E_k = LR_k / (1 + MEMORY max(0, rho)) - FEW_RUNS / k for k = least .. waiting runs; replaces
 * *best where it is larger. A negative autocorrelation counts as none: it shall not make the
 * detector bolder. */
static void strongest_in(struct window *w, int least, double autocorrelation, double min_effect, struct tm_evidence *best)
{
    for (int k = least; k <= w->n; k++) {
        const double *newest = w->z + w->n - k;
        /* fabs(d) must exceed something below, so a d of 0 (mixed signs) never divides. */
        double d = w->raw || k == 2 ? nearest_zero(newest, k) : tm_baseline_median(newest, k);

        if (fabs(d) * w->past.scale <= min_effect || newest[k - 1] / d < TONIGHT ||
            (d > 0 && w->past.median + d * w->past.scale < w->undone) || !enough_runs(w, k, d > 0 ? 1 : -1) ||
            !stands_apart(w, k, d > 0 ? 1 : -1, min_effect))
            continue; /* the dearest question comes last */
        double score = likelihood_ratio(w, k, d) / (1 + MEMORY * fmax(0, autocorrelation)) - FEW_RUNS / k;
        if (score > best->score)
            *best = (struct tm_evidence){score, k, k, k, k, d * w->past.scale, w->raw};
    }
}

/* How likely the waiting runs are if the newest m of them hold a new level and those before them
 * the old one: the logarithm, up to a constant, with the t3 shape that the noise has. The new level
 * is the median of the m. */
static double split_likelihood(const struct window *w, int m)
{
    double level = tm_baseline_median(w->z + w->n - m, m), sum = 0;

    for (int i = 0; i < w->n; i++) {
        double off = w->z[i] - (i < w->n - m ? 0 : level);

        sum -= 2 * log1p(off * off / 3);
    }
    return sum;
}

/* The evidence is strongest on k runs, but they need not be those that changed: a lucky run before
 * them adds to it, and one that a median passes over takes from it. The change is dated by the
 * likeliest split instead. */
static void date_change(const struct window *w, struct tm_evidence *e)
{
    double of[TM_DETECTOR_NEWEST + 1] = {0}, best = -INFINITY;

    for (int m = TM_DETECTOR_ALONE; m <= w->n; m++) {
        of[m] = split_likelihood(w, m);
        if (of[m] > best) {
            best = of[m];
            e->since = m;
        }
    }
    e->latest = e->earliest = e->since;
    for (int m = TM_DETECTOR_ALONE; m <= w->n; m++)
        if (of[m] > best - NOT_MUCH_LESS) {
            e->latest = m < e->latest ? m : e->latest;
            e->earliest = m > e->earliest ? m : e->earliest;
        }
}

struct tm_evidence tm_evidence_strongest(const struct tm_detector *s, double min_effect)
{
    struct tm_evidence best = {-1, 0, 0, 0, 0, 0, false};
    struct window w;
    bool shared = false;

    window_of(&w, s, false);
    strongest_in(&w, TM_DETECTOR_ALONE, s->autocorrelation, min_effect, &best);
    if (best.k)
        date_change(&w, &best);
    /* Where the waiting runs had nothing in common, values as measured are the own values: the
     * second look would see the first. */
    for (int i = 0; i < s->n_wait; i++)
        shared = shared || fabs(s->wait_common[i]) > 0;
    if (shared) {
        window_of(&w, s, true);
        strongest_in(&w, TM_DETECTOR_PATIENT, s->autocorrelation, min_effect, &best);
        if (best.run_wide)
            date_change(&w, &best);
    }
    return best;
}

/* ln f0(0) - ln f0(z): the newest run against the likeliest value of the past, without the rules
 * above, which need two runs. */
double tm_evidence_of_one(const struct tm_detector *s)
{
    struct window w;

    window_of(&w, s, false);
    return tm_past_log_density(&w.past, 0) - tm_past_log_density(&w.past, w.z[w.n - 1]);
}

/* A climb: the ten runs before the newest k had already gone a quarter of the way from the rest
 * of the past to the new level, and by more than half a scale, so that noise of a tight series
 * is no way gone. Fewer than twenty runs cannot tell a climb from a step: false. */
bool tm_evidence_drifted(const struct tm_detector *s, const struct tm_evidence *e)
{
    double own[TM_BASELINE_MOST];
    int n = 0;

    for (int i = 0; i < s->n_base; i++)
        own[n++] = s->base[i] - s->base_common[i];
    for (int i = 0; i < s->n_wait - e->k; i++)
        own[n++] = s->wait[i] - s->wait_common[i];
    if (n < 2 * LOCAL)
        return false;
    /* All but the ten runs: where the series was before it may have begun to move. */
    double old = tm_baseline_median(own, n - LOCAL), local = tm_baseline_median(own + n - LOCAL, LOCAL);
    double moved = (local - old) / (e->effect + s->median - old);

    return moved > 0.25 && fabs(local - old) > s->scale / 2;
}
