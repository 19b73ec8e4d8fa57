/* In what way a metric went from one level to the next, and what it has done since. */
#include <math.h>

#include "analyze/stats.h"
#include "analyze/trend.h"
#include "report/findings/climb.h"
#include "report/findings/excerpt.h"
#include "report/findings/symptoms.h"

enum {
    BEFORE = 50,       /* runs that say how it was, at most */
    NEEDED = 6,        /* and at least */
    CLIMB_SIDE = 30,   /* runs on either side of the change that may belong to a climb */
    RISING_LEAST = 12, /* runs since the change */
    RISING_MOST = 30,
    SCATTER_LEAST = 10,  /* runs on either side */
    SCATTER_NIGHTS = 15, /* that a single bad run is seen among */
    ALIKE_LEAST = 20,
    ALIKE_MOST = TM_EXCERPT_MOST,
};

static const double QUIETEST = 0.01; /* no series is quieter than that */
static const double LEAST_RISE = 0.05, RISING_BY_CHANCE = 0.005;
static const double WIDER = 2.5, LEAST_SCATTER = 0.05;
static const double ABOUT_AS_BAD = 0.75; /* of the way */

static const struct tm_report_plugin *plugin_of(const struct tm_report *report, const struct tm_symptoms *s)
{
    return &report->plugins[s->verdict->plugin];
}

void tm_find_climb_at(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_verdict *v = s->verdict;
    const struct tm_report_metric *metric = &report->metrics[v->metric];
    size_t from = s->since > CLIMB_SIDE ? s->since - CLIMB_SIDE : 0, to = s->since + CLIMB_SIDE;
    struct tm_climb climb;
    if (v->class == TM_SUSPECT || metric->kind != TM_METRIC_RATIO || s->since >= report->n_runs)
        return;
    struct tm_excerpt y = tm_excerpt_own(report, plugin_of(report, s), v->metric, from, to < report->n_runs ? to : report->n_runs,
                                         TM_CLIMB_MOST, v->baseline);
    if (!tm_excerpt_logarithms(&y) || !tm_find_climb(y.x, y.n, &climb))
        return;
    s->climbs = metric->higher_is_better ? climb.after < climb.before : climb.after > climb.before;
    s->climb_first = y.run[climb.first];
    s->climb_last = y.run[climb.last];
}

static void find_rise(const struct tm_report *report, struct tm_symptoms *s)
{
    double scratch[RISING_MOST * (RISING_MOST - 1) / 2];
    struct tm_excerpt x =
        tm_excerpt_own(report, plugin_of(report, s), s->verdict->metric, s->from, report->n_runs, RISING_MOST, NAN);
    if (x.n < RISING_LEAST || report->metrics[s->verdict->metric].higher_is_better)
        return;
    double level = tm_excerpt_median(&x), rise = tm_theil_sen(NULL, x.x, x.n, scratch).slope / level;
    if (level > 0 && rise * (double)x.n > LEAST_RISE && tm_mann_kendall(x.x, x.n, 3, scratch).p_rise < RISING_BY_CHANCE)
        s->rise = rise;
}

/* Since the change; of a single bad run: the last nights, that one among them. What still rises has a spread by that alone. */
static void find_scatter(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_verdict *v = s->verdict;
    size_t until = s->until, from = s->from;
    if (v->class == TM_SUSPECT)
        until = from = report->n_runs > SCATTER_NIGHTS ? report->n_runs - SCATTER_NIGHTS : 0;
    struct tm_excerpt old = tm_excerpt_own(report, plugin_of(report, s), v->metric, 0, until, BEFORE, NAN);
    struct tm_excerpt new = tm_excerpt_own(report, plugin_of(report, s), v->metric, from, report->n_runs, RISING_MOST, NAN);
    if (old.n < SCATTER_LEAST || new.n < SCATTER_LEAST || s->rise > 0 || !(tm_excerpt_median(&old) > 0) ||
        !(tm_excerpt_median(&new) > 0))
        return;
    s->scatter_before = tm_excerpt_middle_half(&old);
    s->scatter_now = tm_excerpt_middle_half(&new);
    s->scatter_runs = new.n;
    s->scatters = s->scatter_now >= LEAST_SCATTER && s->scatter_now >= WIDER * s->scatter_before;
}

static void find_alike(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_verdict *v = s->verdict;
    struct tm_excerpt x = tm_excerpt_own(report, plugin_of(report, s), v->metric, 0, s->since, ALIKE_MOST, v->baseline);
    double about = v->baseline + ABOUT_AS_BAD * (v->corrected - v->baseline);
    if (v->class != TM_SUSPECT || isnan(about) || x.n < ALIKE_LEAST)
        return;
    s->seen = x.n;
    for (size_t i = 0; i < x.n; i++)
        if (v->corrected > v->baseline ? x.x[i] >= about : x.x[i] <= about) {
            s->alike++;
            s->alike_last = x.run[i];
        }
}

static void find_distance(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_metric *metric = &report->metrics[s->verdict->metric];
    double now = tm_report_level(report, s->verdict), side = metric->higher_is_better ? -1 : 1;
    struct tm_excerpt x = tm_excerpt_own(report, plugin_of(report, s), s->verdict->metric, 0, s->until, BEFORE, NAN);
    double rank = tm_percentile_rank(x.x, x.n, now);
    s->runs_before = x.n;
    if (x.n < NEEDED)
        return;
    s->rank = metric->higher_is_better ? 100 - rank : rank;
    if (metric->kind == TM_METRIC_RATIO && now > 0 && tm_excerpt_logarithms(&x))
        s->z = side * (log(now) - tm_excerpt_median(&x)) / fmax(tm_excerpt_scale(&x), QUIETEST);
}

void tm_find_course(const struct tm_report *report, struct tm_symptoms *s)
{
    find_distance(report, s);
    find_rise(report, s);
    find_scatter(report, s);
    find_alike(report, s);
}
