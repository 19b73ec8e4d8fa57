/* The symptoms of one change: of each figure that tells causes apart, whether it went up, down or stayed; and in what way the
 * metric in question went. What the judge has said of a figure goes before what the values here say. */
#include "report/findings/symptoms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/stats.h"
#include "analyze/tails.h"
#include "analyze/trend.h"

/* Runs. */
enum {
    BEFORE = 50,         /* that say how it was, at most: as many as a baseline has */
    NEEDED = 6,          /* and at least: with fewer the judge compares nothing either */
    NOW = 10,            /* that say how it is, at most: the level may have moved on since */
    SAME_CAUSE = 6,      /* within which two metrics change together: the detector may tell one so much later than the other */
    CLIMB_SIDE = 30,     /* on either side of the change that may belong to a climb */
    RISING_LEAST = 12,   /* since the change: a trend of fewer is chance */
    RISING_MOST = 30,    /* whether it still rises is a question about the last month */
    SCATTER_LEAST = 10,  /* on either side: quartiles of fewer say little */
    SCATTER_NIGHTS = 15, /* that a single bad run is seen among */
    ALIKE_LEAST = 20,    /* before a bad run: to say that there was none like it, or that there often is */
    ALIKE_MOST = TM_VALUES_MOST,
};

/* Smallest changes that are told: below them a change is true at times, and of no use. */
static const double LEAST_CHANGE = 0.05;  /* a share; the gate's own smallest effect */
static const double LEAST_CALLS = 0.2;    /* a share: how often a plugin is called depends on its input */
static const double LEAST_KEPT = 1;       /* KiB left behind, or ms blocked, a call */
static const double LEAST_FAILS = 0.001;  /* of the calls */
static const double LEAST_RISE = 0.05;    /* a share, over the runs in which a level still rises */
static const double LEAST_SCATTER = 0.05; /* a share of the median: the middle half of the runs */

static const double ERRORS_AWAY =
    4; /* standard errors of the difference of two medians: nine figures a plugin, and few false ones */
static const double QUIETEST = 0.01;          /* scale of logarithms: no series is quieter than that, few values may only look so */
static const double HARDLY_EVER = -9.21;      /* ln 1e-4: so many failures are no chance */
static const double RISING_BY_CHANCE = 0.005; /* p of the trend test */
static const double WIDER = 2.5;              /* times as wide as before: quartiles of ten runs are off by half at times */
static const double ABOUT_AS_BAD = 0.75;      /* of the way from the baseline to the bad run */

/* The standard error of a median is that much larger than that of a mean: sqrt(pi / 2), of Gaussian values. */
static const double MEDIAN_TO_MEAN = 1.2533;

/* ---- how it was, and how it is ---- */

const char *tm_aspect_metric(enum tm_aspect aspect)
{
    static const char *const names[] = {"wall_per_call_ms",      "cpu_per_call_ms", "wall_p50_ms", "wall_p95_ms",
                                        "mem_delta_per_call_kb", "peak_mem_kb",     "error_rate",  "calls",
                                        "blocked_per_call_ms"};
    return names[aspect];
}

/* A change must be large enough to matter and clear enough to be true. */
static enum tm_direction direction_of(double change, double least, double error)
{
    double needed = fmax(least, ERRORS_AWAY * error);
    return change > needed ? TM_UP : change < -needed ? TM_DOWN : TM_UNCHANGED;
}

/* Of the difference between the medians of two samples of that scale. */
static double standard_error(double scale, size_t n_before, size_t n_now)
{
    return MEDIAN_TO_MEAN * scale * sqrt(1 / (double)n_before + 1 / (double)n_now);
}

/* Of values that may be 0: differences are compared as they are. */
static enum tm_direction direction_of_amounts(const struct tm_values *before, const struct tm_values *now, double least)
{
    double error = standard_error(tm_values_scale(before), before->n, now->n);
    return direction_of(tm_values_median(now) - tm_values_median(before), least, error);
}

/* Of positive values: of their logarithms. */
static enum tm_direction direction_of_shares(struct tm_values before, struct tm_values now, double least)
{
    if (!tm_values_to_logarithms(&before) || !tm_values_to_logarithms(&now))
        return TM_DIRECTION_UNKNOWN;
    double error = standard_error(fmax(tm_values_scale(&before), QUIETEST), before.n, now.n);
    return direction_of(tm_values_median(&now) - tm_values_median(&before), log1p(least), error);
}

struct counts {
    double failed, calls;
};

/* Rates are stored; failures are these times the calls, and whole numbers. */
static struct counts count_fails(const struct tm_report *report, const struct tm_report_plugin *plugin,
                                 const struct tm_values *rates)
{
    struct counts sum = {0, 0};
    int calls = tm_report_metric(report, "calls");
    for (size_t i = 0; i < rates->n; i++) {
        double n = tm_report_value(report, plugin, calls, rates->run[i]);
        sum.calls += isnan(n) ? 0 : n;
        sum.failed += isnan(n) ? 0 : round(rates->x[i] * n);
    }
    return sum;
}

/* Failures are counted: whether so many are chance is a binomial question, at the rate before. */
static void compare_fails(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_values *before,
                          const struct tm_values *now, struct tm_shift *shift)
{
    struct counts old = count_fails(report, plugin, before), new = count_fails(report, plugin, now);
    if (!(old.calls > 0) || !(new.calls > 0))
        return;
    double rate = (old.failed + 0.5) / (old.calls + 1); /* of none in 1000 calls: half a one, not never */
    *shift = (struct tm_shift){old.failed / old.calls, new.failed / new.calls, TM_UNCHANGED};
    if (shift->now > shift->before + LEAST_FAILS && tm_log_tail_binomial(TM_UPPER, new.failed, new.calls, rate) < HARDLY_EVER)
        shift->direction = TM_UP;
    else if (shift->now < shift->before - LEAST_FAILS && tm_log_tail_binomial(TM_LOWER, new.failed, new.calls, rate) < HARDLY_EVER)
        shift->direction = TM_DOWN;
}

/* The levels before and now, by the values alone. */
static struct tm_shift compare_values(const struct tm_report *report, const struct tm_symptoms *s, enum tm_aspect aspect)
{
    const struct tm_report_plugin *plugin = &report->plugins[s->verdict->plugin];
    struct tm_shift shift = {NAN, NAN, TM_DIRECTION_UNKNOWN};
    int metric = tm_report_metric(report, tm_aspect_metric(aspect));
    if (metric < 0)
        return shift;
    struct tm_values before = tm_values_corrected(report, plugin, metric, 0, s->until, BEFORE, NAN);
    double usual = tm_values_median(&before);
    struct tm_values now = tm_values_corrected(report, plugin, metric, s->from, report->n_runs, NOW, usual);
    shift.now = tm_values_median(&now);
    if (before.n < NEEDED || now.n == 0)
        return shift;
    shift.before = usual;
    if (aspect == TM_FAILS)
        compare_fails(report, plugin, &before, &now, &shift);
    else if (aspect == TM_KEPT || aspect == TM_BLOCKED)
        shift.direction = direction_of_amounts(&before, &now, LEAST_KEPT);
    else
        shift.direction = direction_of_shares(before, now, aspect == TM_CALLS ? LEAST_CALLS : LEAST_CHANGE);
    return shift;
}

static bool is_lasting(const struct tm_report_verdict *v)
{
    return v->class == TM_WAIVED || v->class == TM_OPEN || v->class == TM_REGRESSED;
}

/* Do both speak of the same change? A single bad run says nothing of one that lasts. */
static bool tell_of_same_change(const struct tm_report_verdict *a, const struct tm_report_verdict *b)
{
    if (a->class == TM_SUSPECT || b->class == TM_SUSPECT)
        return a->class == b->class;
    return is_lasting(a) && is_lasting(b) &&
           (a->since_run < 0 || b->since_run < 0 || abs(a->since_run - b->since_run) <= SAME_CAUSE);
}

/* What the judge said of a metric goes before what the values here say; where these are too few, it is all there is. */
static struct tm_shift shift_of(const struct tm_report *report, const struct tm_symptoms *s, enum tm_aspect aspect)
{
    int metric = tm_report_metric(report, tm_aspect_metric(aspect));
    const struct tm_report_plugin *plugin = &report->plugins[s->verdict->plugin];
    const struct tm_report_verdict *said = NULL;
    for (size_t i = 0; metric >= 0 && i < plugin->n_verdicts && !said; i++)
        if (report->verdicts[plugin->first_verdict + i].metric == metric)
            said = &report->verdicts[plugin->first_verdict + i];
    if (said && !isnan(said->baseline) && tell_of_same_change(said, s->verdict))
        return (struct tm_shift){said->baseline, tm_report_level(report, said), TM_UP};
    struct tm_shift shift = compare_values(report, s, aspect);
    bool passed = metric >= 0 && report->metrics[metric].judged && (!said || said->class == TM_PASS);
    if (passed && shift.direction == TM_DIRECTION_UNKNOWN && !isnan(shift.now))
        shift.direction = TM_UNCHANGED;
    return shift;
}

/* ---- in what way it went ---- */

static const struct tm_report_plugin *plugin_of(const struct tm_report *report, const struct tm_symptoms *s)
{
    return &report->plugins[s->verdict->plugin];
}

/* Has the gate told of one step, and of nothing else since the regression is open? Further
 * alarms are further steps, or a climb. */
static bool is_told_as_one_step(const struct tm_report *report, const struct tm_report_verdict *v)
{
    const struct tm_report_plugin *plugin = &report->plugins[v->plugin];
    const char *kind = v->class == TM_REGRESSED ? v->kind : NULL;
    size_t alarms = 0;
    for (size_t i = 0; i < plugin->n_events; i++) {
        const struct tm_report_event *event = &report->events[plugin->first_event + i];
        if (event->class != TM_REGRESSED || event->metric != v->metric || event->run < v->since_run)
            continue;
        alarms++;
        kind = event->kind;
    }
    return alarms < 2 && kind && strcmp(kind, "step") == 0;
}

/* By s->since. What the gate has told as one step is none that climbs. */
static void find_climb(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_verdict *v = s->verdict;
    const struct tm_report_metric *metric = &report->metrics[v->metric];
    size_t from = s->since > CLIMB_SIDE ? s->since - CLIMB_SIDE : 0, to = s->since + CLIMB_SIDE;
    struct tm_climb climb;
    if (v->class == TM_SUSPECT || metric->kind != TM_METRIC_RATIO || s->since >= report->n_runs)
        return;
    struct tm_values y = tm_values_corrected(report, plugin_of(report, s), v->metric, from,
                                             to < report->n_runs ? to : report->n_runs, TM_CLIMB_MOST, v->baseline);
    enum tm_course course = tm_values_to_logarithms(&y) ? tm_find_course(y.x, y.n, &climb) : TM_STEP;
    if (course == TM_STEP || (course == TM_CLIMB && is_told_as_one_step(report, v)) ||
        (metric->higher_is_better ? climb.after > climb.before : climb.after < climb.before))
        return;
    s->course = course;
    s->climb_first = y.run[climb.first];
    s->first_step = y.run[climb.first + 1];
    s->climb_last = y.run[climb.last];
}

/* Does the level still rise? */
static void find_rise(const struct tm_report *report, struct tm_symptoms *s)
{
    double scratch[RISING_MOST * (RISING_MOST - 1) / 2];
    struct tm_values x =
        tm_values_corrected(report, plugin_of(report, s), s->verdict->metric, s->from, report->n_runs, RISING_MOST, NAN);
    if (x.n < RISING_LEAST || report->metrics[s->verdict->metric].higher_is_better)
        return;
    double level = tm_values_median(&x), rise = tm_theil_sen(NULL, x.x, x.n, scratch).slope / level;
    if (level > 0 && rise * (double)x.n > LEAST_RISE &&
        tm_mann_kendall(x.x, x.n, 3 /* lags: nights resemble their neighbours */, scratch).p_rise < RISING_BY_CHANCE)
        s->rise = rise;
}

/* Since the change; of a single bad run: the last nights, that one among them. What still rises has a spread by that alone. */
static void find_scatter(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_verdict *v = s->verdict;
    size_t until = s->until, from = s->from;
    if (v->class == TM_SUSPECT)
        until = from = report->n_runs > SCATTER_NIGHTS ? report->n_runs - SCATTER_NIGHTS : 0;
    struct tm_values old = tm_values_corrected(report, plugin_of(report, s), v->metric, 0, until, BEFORE, NAN);
    struct tm_values new = tm_values_corrected(report, plugin_of(report, s), v->metric, from, report->n_runs, RISING_MOST, NAN);
    if (old.n < SCATTER_LEAST || new.n < SCATTER_LEAST || s->rise > 0 || !(tm_values_median(&old) > 0) ||
        !(tm_values_median(&new) > 0))
        return;
    s->scatter_before = tm_values_middle_half(&old);
    s->scatter_now = tm_values_middle_half(&new);
    s->scatter_runs = new.n;
    s->scatters = s->scatter_now >= LEAST_SCATTER && s->scatter_now >= WIDER * s->scatter_before;
}

/* Runs before a single bad one that were about as bad. */
static void find_alike(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_verdict *v = s->verdict;
    struct tm_values x = tm_values_corrected(report, plugin_of(report, s), v->metric, 0, s->since, ALIKE_MOST, v->baseline);
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

/* How far the level now is from the runs before. */
static void find_distance(const struct tm_report *report, struct tm_symptoms *s)
{
    const struct tm_report_metric *metric = &report->metrics[s->verdict->metric];
    double now = tm_report_level(report, s->verdict), side = metric->higher_is_better ? -1 : 1;
    struct tm_values x = tm_values_corrected(report, plugin_of(report, s), s->verdict->metric, 0, s->until, BEFORE, NAN);
    double rank = tm_percentile_rank(x.x, x.n, now);
    s->runs_before = x.n;
    if (x.n < NEEDED)
        return;
    s->rank = metric->higher_is_better ? 100 - rank : rank;
    if (metric->kind == TM_METRIC_RATIO && now > 0 && tm_values_to_logarithms(&x))
        s->z = side * (log(now) - tm_values_median(&x)) / fmax(tm_values_scale(&x), QUIETEST);
}

/* The climb is looked for first: where there is one, its runs are neither before nor now. */
void tm_symptoms_of(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_symptoms *s)
{
    int lead = 0;
    while (lead < TM_ASPECTS && tm_report_metric(report, tm_aspect_metric((enum tm_aspect)lead)) != verdict->metric)
        lead++;
    *s = (struct tm_symptoms){.verdict = verdict, .lead = (enum tm_aspect)lead, .z = NAN, .rank = NAN};
    /* A bad run alone began tonight; a beginning that is not among the runs lies before them. */
    s->since = verdict->since_run >= 0 ? (size_t)verdict->since_run : verdict->since ? report->n_runs : report->n_runs - 1;
    struct tm_commits commits = tm_commits_to_search(verdict->good_commit, verdict->since_commit, &verdict->interval);
    s->same_commit = commits.from && commits.to && strcmp(commits.from, commits.to) == 0;
    find_climb(report, s);
    bool known = s->since < report->n_runs;
    s->until = !known ? 0 : s->course != TM_STEP ? s->climb_first + 1 : s->since;
    s->from = !known ? report->n_runs - 1 : s->course != TM_STEP ? s->climb_last : s->since;
    for (int aspect = 0; aspect < TM_ASPECTS; aspect++)
        s->of[aspect] = shift_of(report, s, (enum tm_aspect)aspect);
    find_distance(report, s);
    find_rise(report, s);
    find_scatter(report, s); /* asks for the rise */
    find_alike(report, s);
}

/* ---- all plugins together ---- */

/* As measured: what the whole run did is the question here. */
static double rise_at(const struct tm_report *report, const struct tm_report_plugin *plugin, enum tm_aspect aspect, size_t since)
{
    int metric = tm_report_metric(report, tm_aspect_metric(aspect));
    struct tm_values before = tm_values_of(report, plugin, metric, 0, since, BEFORE);
    struct tm_values now = tm_values_of(report, plugin, metric, since, report->n_runs, NOW);
    double level = tm_values_median(&before);
    return before.n >= NEEDED && now.n > 0 && level > 0 ? tm_values_median(&now) / level - 1 : NAN;
}

/* One block for both arrays of rises. */
int tm_crowd_at(const struct tm_report *report, size_t since, struct tm_crowd *crowd)
{
    double *wall = calloc(2 * report->n_plugins + 1, sizeof *wall);
    size_t n_cpu = 0;
    *crowd = (struct tm_crowd){0, 0, NAN, NAN};
    if (!wall)
        return -1;
    double *cpu = wall + report->n_plugins;
    for (size_t i = 0; i < report->n_plugins && since < report->n_runs; i++) {
        double wall_rise = rise_at(report, &report->plugins[i], TM_WALL, since);
        double cpu_rise = rise_at(report, &report->plugins[i], TM_CPU, since);
        if (!isnan(wall_rise))
            wall[crowd->known++] = wall_rise;
        if (!isnan(cpu_rise))
            cpu[n_cpu++] = cpu_rise;
    }
    for (size_t i = 0; i < crowd->known; i++)
        crowd->up += wall[i] > LEAST_CHANGE;
    crowd->wall = tm_median(wall, crowd->known);
    crowd->cpu = tm_median(cpu, n_cpu);
    free(wall);
    return 0;
}
