/* What a finding rests on. First the facts: all that was found out about a verdict, looked up in one place, and what it costs the
 * run. Then their words: where it is, the evidence, the goal. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analyze/population.h"
#include "base/plural.h"
#include "report/amount.h"
#include "report/findings/diagnosis.h"
#include "report/words.h"
#include "schema/fields.h"

static const double WORTH_A_WORD = 0.0005; /* of the run's time: less is 0.0 % */
static const double AS_BEFORE = 0.05;      /* a rise that is not told: the smallest one that symptoms.c tells */

/* ---- the facts ---- */

const struct tm_shift *tm_shift(const struct tm_facts *f, enum tm_aspect aspect)
{
    return &f->symptoms.of[aspect];
}

bool tm_is_up(const struct tm_facts *f, enum tm_aspect aspect)
{
    return tm_shift(f, aspect)->direction == TM_UP;
}

bool tm_is_not_up(const struct tm_facts *f, enum tm_aspect aspect)
{
    return tm_shift(f, aspect)->direction == TM_UNCHANGED || tm_shift(f, aspect)->direction == TM_DOWN;
}

double tm_rise(const struct tm_facts *f, enum tm_aspect aspect)
{
    const struct tm_shift *shift = tm_shift(f, aspect);
    return shift->before > 0 ? shift->now / shift->before - 1 : NAN;
}

/* NULL: the plugin as such. */
static const struct tm_report_metric *judged_metric(const struct tm_facts *f)
{
    return f->verdict->metric < 0 ? NULL : &f->report->metrics[f->verdict->metric];
}

bool tm_is_wall(const struct tm_facts *f)
{
    return judged_metric(f) && strncmp(judged_metric(f)->name, "wall_", 5) == 0;
}

bool tm_is_time(const struct tm_facts *f)
{
    return tm_is_wall(f) || f->symptoms.lead == TM_CPU;
}

bool tm_is_suspect(const struct tm_facts *f)
{
    return f->verdict->class == TM_SUSPECT;
}

double tm_held_others(const struct tm_facts *f)
{
    const struct tm_report *report = f->report;
    int metric = tm_report_metric(report, TM_METRIC_HELD_OTHERS);
    if (metric < 0 || f->verdict->plugin == TM_WHOLE_RUN)
        return NAN;
    return tm_report_value(report, &report->plugins[f->verdict->plugin], metric, report->n_runs - 1);
}

/* How much of the added wall time the added CPU time makes; NAN where wall time is not up. */
double tm_cpu_part(const struct tm_facts *f)
{
    const struct tm_shift *wall = tm_shift(f, TM_WALL), *cpu = tm_shift(f, TM_CPU);
    return wall->now > wall->before ? (cpu->now - cpu->before) / (wall->now - wall->before) : NAN;
}

bool tm_knows_total(const struct tm_facts *f)
{
    return tm_shift(f, TM_CALLS)->before > 0 && tm_shift(f, TM_WALL)->before > 0;
}

/* ---- what it costs, as a share of what the whole run costs ---- */

static double tonight(const struct tm_report *report, const struct tm_report_plugin *plugin, enum tm_aspect aspect)
{
    return tm_report_value(report, plugin, tm_report_metric(report, tm_aspect_metric(aspect)), report->n_runs - 1);
}

/* Of all plugins tonight; `each`: per call, to be counted as often as they were called. */
static double total(const struct tm_report *report, enum tm_aspect aspect, bool each)
{
    double sum = 0;
    for (size_t i = 0; i < report->n_plugins; i++) {
        double value = tonight(report, &report->plugins[i], aspect);
        double calls = each ? tonight(report, &report->plugins[i], TM_CALLS) : 1;
        sum += isnan(value * calls) ? 0 : value * calls;
    }
    return sum;
}

static double share(double cost, double of)
{
    return of > 0 ? cost / of : NAN;
}

static double added(const struct tm_facts *f, enum tm_aspect aspect)
{
    const struct tm_shift *shift = &f->symptoms.of[aspect];
    return shift->direction == TM_UP ? shift->now - shift->before : 0;
}

static double calls_tonight(const struct tm_facts *f)
{
    return tonight(f->report, &f->report->plugins[f->verdict->plugin], TM_CALLS);
}

/* What tonight's calls cost more than before: of a plugin that is called more often, all calls count. */
static double extra_ms(const struct tm_facts *f)
{
    const struct tm_shift *wall = &f->symptoms.of[TM_WALL], *calls = &f->symptoms.of[TM_CALLS];
    if (f->symptoms.lead == TM_CALLS)
        return calls->now * wall->now - calls->before * wall->before;
    return added(f, TM_WALL) * calls_tonight(f);
}

/* A plugin that is gone: what it used to take. */
static double former_share(const struct tm_facts *f)
{
    const struct tm_report *report = f->report;
    const struct tm_report_plugin *plugin = &report->plugins[f->verdict->plugin];
    int wall = tm_report_metric(report, tm_aspect_metric(TM_WALL)), calls = tm_report_metric(report, tm_aspect_metric(TM_CALLS));
    size_t run = report->n_runs;
    while (run > 0 && isnan(tm_report_value(report, plugin, wall, run - 1)))
        run--;
    if (run == 0)
        return NAN;
    return share(tm_report_value(report, plugin, wall, run - 1) * tm_report_value(report, plugin, calls, run - 1),
                 total(report, TM_WALL, true));
}

/* What it costs, as the share of the run's total of that. */
static double severity_of(const struct tm_facts *f)
{
    if (f->verdict->plugin == TM_WHOLE_RUN)
        return f->crowd.wall > 0 ? f->crowd.wall / (1 + f->crowd.wall) : NAN;
    if (f->verdict->metric < 0)
        return former_share(f);
    double time = share(extra_ms(f), total(f->report, TM_WALL, true)), calls = calls_tonight(f), own = 0;
    if (f->symptoms.lead == TM_CPU)
        own = share(added(f, TM_CPU) * calls, total(f->report, TM_CPU, true));
    else if (f->symptoms.lead == TM_FAILS)
        own = share(added(f, TM_FAILS) * calls, total(f->report, TM_CALLS, false));
    else if (f->symptoms.lead == TM_KEPT)
        own = share(added(f, TM_KEPT) * calls, total(f->report, TM_PEAK, false));
    else if (f->symptoms.lead == TM_PEAK)
        own = share(added(f, TM_PEAK), total(f->report, TM_PEAK, false));
    return fmax(time, own);
}

/* What there is to find out depends on what the verdict is on. */
int tm_facts_of(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_facts *f)
{
    size_t since = verdict->since_run < 0 ? report->n_runs : (size_t)verdict->since_run;
    *f = (struct tm_facts){.report = report, .verdict = verdict};
    if (verdict->plugin == TM_WHOLE_RUN) {
        if (tm_crowd_at(report, since, &f->crowd) != 0)
            return -1;
    } else if (verdict->metric >= 0) {
        tm_symptoms_of(report, verdict, &f->symptoms);
    }
    f->severity = severity_of(f);
    return 0;
}

/* ---- in words ---- */

void tm_put_figure_beside(FILE *out, const struct tm_facts *f, enum tm_aspect aspect, double value, double beside)
{
    tm_put_amount_beside(out, &f->report->metrics[tm_report_metric(f->report, tm_aspect_metric(aspect))], value, beside);
}

void tm_put_figure(FILE *out, const struct tm_facts *f, enum tm_aspect aspect, double value)
{
    tm_put_figure_beside(out, f, aspect, value, NAN);
}

void tm_put_pair(FILE *out, const struct tm_facts *f, enum tm_aspect aspect)
{
    const struct tm_shift *shift = tm_shift(f, aspect);
    tm_put_figure_beside(out, f, aspect, shift->now, shift->before);
    if (isnan(shift->before))
        return;
    fputs(", was ", out);
    tm_put_figure_beside(out, f, aspect, shift->before, shift->now);
}

void tm_put_change_in_brackets(FILE *out, const struct tm_facts *f, enum tm_aspect aspect)
{
    fputs(" (", out);
    tm_put_pair(out, f, aspect);
    putc(')', out);
}

void tm_put_total(FILE *out, const struct tm_facts *f)
{
    const struct tm_shift *calls = tm_shift(f, TM_CALLS), *wall = tm_shift(f, TM_WALL);
    fputs("its total time went from ", out);
    tm_put_total_time(out, calls->before * wall->before);
    fputs(" to ", out);
    tm_put_total_time(out, calls->now * wall->now);
    fputs(" a run", out);
}

void tm_put_scatter(FILE *out, const struct tm_facts *f)
{
    const struct tm_symptoms *s = &f->symptoms;
    fprintf(out, "the middle half of the last %zu runs spans %.0f %% of their median, %.3g %% before", s->scatter_runs,
            100 * s->scatter_now, 100 * s->scatter_before);
}

/* Of a metric that is judged both ways, less is worse where it fell. */
static bool is_worse_below(const struct tm_facts *f)
{
    const struct tm_report_metric *metric = judged_metric(f);
    return metric && !metric->higher_is_better && tm_report_level(f->report, f->verdict) < f->verdict->baseline;
}

/* "; z 21.3, worse than all 50 runs before" */
static void put_history(FILE *out, const struct tm_facts *f)
{
    const struct tm_report_verdict *v = f->verdict;
    const struct tm_symptoms *s = &f->symptoms;
    bool judged = v->class != TM_OPEN; /* an open one is judged against its new level: that is not the question here */
    double z = judged ? v->z_history : s->z, rank = judged ? v->pct_history : s->rank;
    size_t runs = judged ? (size_t)v->baseline_runs : s->runs_before;
    if (isnan(rank) || runs == 0)
        return;
    if (is_worse_below(f))
        z = -z, rank = 100 - rank;
    fputs("; ", out);
    if (z > 0)
        fprintf(out, "z %.1f, ", z); /* there is none of what never varied */
    const char *what = judged ? "of its baseline" : "before";
    fputs("worse than ", out);
    if (rank < 100)
        fprintf(out, "%.0f %% of the %zu runs %s", rank, runs, what);
    else
        fprintf(out, "all of the %zu runs %s", runs, what);
}

/* " With the 64 calls of this run that is 5.94 s, 1.4 % of the time of all plugins." Where the verdict is on no time, it is the
 * wall time that rose beside it. */
static void put_cost(FILE *out, const struct tm_facts *f)
{
    double extra = extra_ms(f), calls = calls_tonight(f), part = share(extra, total(f->report, TM_WALL, true));
    if (!(extra > 0) || !(calls > 0))
        return;
    bool own = tm_is_time(f) || f->symptoms.lead == TM_CALLS;
    fprintf(out, " With the %.0f call%s of this run %s ", calls, calls > 1 ? "s" : "",
            own ? "that is" : "the wall time, which rose as well, is up by");
    tm_put_total_time(out, extra);
    if (part >= WORTH_A_WORD)
        fprintf(out, ", %.3g %% of the time of all plugins", 100 * part);
    putc('.', out);
}

/* The next of a list of figures: the first one begins a sentence, the others follow semicolons. */
static void put_next(FILE *out, const char *name, bool *first)
{
    bool word = isalpha((unsigned char)name[1]); /* p95 is none */
    if (*first)
        fprintf(out, " %c%s", word ? toupper((unsigned char)*name) : *name, name + 1);
    else
        fprintf(out, "; %s", name);
    *first = false;
}

/* Another figure of the plugin, if it is known. */
static void put_figure_of(FILE *out, const struct tm_facts *f, enum tm_aspect aspect, const char *name, bool *first)
{
    const struct tm_shift *shift = tm_shift(f, aspect);
    if (f->symptoms.lead == aspect || isnan(shift->now))
        return;
    put_next(out, name, first);
    putc(' ', out);
    if (shift->direction == TM_UNCHANGED && fabs(tm_rise(f, aspect)) < AS_BEFORE) {
        tm_put_figure(out, f, aspect, shift->now);
        fputs(", as before", out);
    } else {
        tm_put_pair(out, f, aspect);
    }
}

/* Where the plugin stands among the others; with few others that says nothing. */
static void put_population(FILE *out, const struct tm_facts *f, bool *first)
{
    const struct tm_report_verdict *v = f->verdict;
    if (f->report->tally.plugins < TM_POPULATION_LEAST || isnan(v->z_population) || isnan(v->pct_population))
        return;
    put_next(out, "among", first);
    fprintf(out, " the %" PRId64 " plugins of the run z %.1f, above %.0f %% of them", f->report->tally.plugins, v->z_population,
            v->pct_population);
}

/* The evidence of a change in a plugin's metric; of one of the whole run. */
static void put_on_metric(FILE *out, const struct tm_facts *f)
{
    const struct tm_report_verdict *v = f->verdict;
    bool first = true;
    tm_put_change(out, f->report, v);
    put_history(out, f);
    putc('.', out);
    put_cost(out, f);
    if (v->evidence > 0) {
        put_next(out, "Evidence", &first);
        fprintf(out, " %.1f, needed %.1f", v->evidence, v->needed);
    }
    if (tm_is_wall(f))
        put_figure_of(out, f, TM_WALL, "the average call", &first);
    put_figure_of(out, f, TM_P95, "p95", &first);
    put_figure_of(out, f, TM_PEAK, "peak memory", &first);
    put_population(out, f, &first);
    fputs(first ? "" : ".", out);
}

static void put_on_crowd(FILE *out, const struct tm_facts *f)
{
    const struct tm_crowd *crowd = &f->crowd;
    if (crowd->known > 0 && tm_is_of_times(f->report, f->verdict))
        fprintf(out, "%zu of %zu plugins take longer per call, the median one by %.0f %%.", crowd->up, crowd->known,
                100 * crowd->wall);
    else
        fputs("Most plugins changed together, and the change lasts.", out);
    if (f->verdict->evidence > 0)
        fprintf(out, " Evidence %.1f, %.1f needed.", f->verdict->evidence, f->verdict->needed);
}

void tm_put_evidence(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_report_verdict *v = f->verdict;
    (void)cause;
    if (v->plugin == TM_WHOLE_RUN) {
        put_on_crowd(out, f);
    } else if (v->metric < 0) {
        fprintf(out, "It was in most runs up to %s, and in none of the %d run%s since.", v->last_good ? v->last_good : "then",
                v->runs, TM_PLURAL(v->runs));
        if (f->severity >= WORTH_A_WORD)
            fprintf(out, " It took %.3g %% as much time as all plugins of this run.", 100 * f->severity);
    } else {
        put_on_metric(out, f);
    }
}

/* A plugin that is not there has nothing to improve. */
const char *tm_improves(const struct tm_facts *f, const struct tm_cause *cause)
{
    if (f->verdict->class == TM_MISSING)
        return NULL;
    if (cause->improve < TM_ASPECTS)
        return tm_aspect_metric(cause->improve);
    return judged_metric(f) ? judged_metric(f)->name : NULL;
}

/* "wall_per_call_ms, from 279.6 ms to about 186.9 ms" */
void tm_put_goal(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_report_verdict *v = f->verdict;
    const char *name = tm_improves(f, cause);
    if (!name)
        return;
    fputs(name, out);
    if (v->plugin == TM_WHOLE_RUN) {
        fputs(" of most plugins", out);
        return;
    }
    int metric = tm_report_metric(f->report, name);
    bool own = metric == v->metric;
    double now = own ? tm_report_level(f->report, v) : tm_shift(f, cause->improve)->now;
    double goal = v->class == TM_OVER_LIMIT ? v->allowed : own ? v->baseline : tm_shift(f, cause->improve)->before;
    if (metric < 0 || isnan(now) || isnan(goal))
        return;
    fputs(", from ", out);
    tm_put_amount_beside(out, &f->report->metrics[metric], now, goal);
    const char *least = f->report->metrics[metric].higher_is_better ? " to at least " : " to at most ";
    fputs(v->class == TM_OVER_LIMIT ? least : " to about ", out);
    tm_put_amount_beside(out, &f->report->metrics[metric], goal, now);
}
