/* How much it matters: what a finding costs, as a share of what the whole run costs. */
#include <math.h>

#include "report/findings/diagnosis.h"

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

static double part(double cost, double of)
{
    return of > 0 ? cost / of : NAN;
}

static double added(const struct tm_case *c, enum tm_aspect aspect)
{
    const struct tm_shift *shift = &c->symptoms.of[aspect];
    return shift->course == TM_UP ? shift->now - shift->before : 0;
}

double tm_calls_tonight(const struct tm_case *c)
{
    return tonight(c->report, &c->report->plugins[c->verdict->plugin], TM_CALLS);
}

double tm_extra_ms(const struct tm_case *c)
{
    const struct tm_shift *wall = &c->symptoms.of[TM_WALL], *calls = &c->symptoms.of[TM_CALLS];
    if (c->symptoms.lead == TM_CALLS)
        return calls->now * wall->now - calls->before * wall->before;
    return added(c, TM_WALL) * tm_calls_tonight(c);
}

/* A plugin that is gone: what it used to take. */
static double former_share(const struct tm_case *c)
{
    const struct tm_report *report = c->report;
    const struct tm_report_plugin *plugin = &report->plugins[c->verdict->plugin];
    int wall = tm_report_metric(report, tm_aspect_metric(TM_WALL)), calls = tm_report_metric(report, tm_aspect_metric(TM_CALLS));
    size_t run = report->n_runs;
    while (run > 0 && isnan(tm_report_value(report, plugin, wall, run - 1)))
        run--;
    if (run == 0)
        return NAN;
    return part(tm_report_value(report, plugin, wall, run - 1) * tm_report_value(report, plugin, calls, run - 1),
                total(report, TM_WALL, true));
}

double tm_severity(const struct tm_case *c)
{
    if (c->verdict->plugin == TM_WHOLE_RUN)
        return c->crowd.wall > 0 ? c->crowd.wall / (1 + c->crowd.wall) : NAN;
    if (c->verdict->metric < 0)
        return former_share(c);
    double time = part(tm_extra_ms(c), total(c->report, TM_WALL, true)), calls = tm_calls_tonight(c), other = 0;
    if (c->symptoms.lead == TM_CPU)
        other = part(added(c, TM_CPU) * calls, total(c->report, TM_CPU, true));
    else if (c->symptoms.lead == TM_FAILS)
        other = part(added(c, TM_FAILS) * calls, total(c->report, TM_CALLS, false));
    else if (c->symptoms.lead == TM_KEPT)
        other = part(added(c, TM_KEPT) * calls, total(c->report, TM_PEAK, false));
    else if (c->symptoms.lead == TM_PEAK)
        other = part(added(c, TM_PEAK), total(c->report, TM_PEAK, false));
    return fmax(time, other);
}
