/* Which changes of level a plugin's chart shows, and under which number. They are what the judge told on the nights that are drawn,
 * and what is open tonight; page and chart number them alike, since both ask here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart/levels.h"

enum { AS_LATE_AS = 6 }; /* runs: the longest evidence of the detector, so a step is told no later after it began */

/* The level after a change that was judged against that baseline. */
static double after_of(const struct tm_report *report, enum tm_class class, int metric, double baseline, double effect)
{
    const struct tm_report_verdict change = {
        .metric = metric, .class = class, .baseline = baseline, .corrected = NAN, .effect = effect};
    return tm_report_level(report, &change);
}

/* Nobody has said where it began: with the first of the newest runs that are nearer the new level. */
static int begin_of(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_chart_change *change,
                    int told)
{
    int begin = told;
    for (int run = told; run >= 0 && run > told - AS_LATE_AS; run--) {
        double value = tm_chart_value(report, plugin, change->metric, (size_t)run);
        if (fabs(value - change->before) <= fabs(value - change->after))
            break;
        if (!isnan(value))
            begin = run;
    }
    return begin;
}

/* In the order of time; of too many the oldest goes, and a change that is there stays alone. Returns how many there are then. */
static size_t insert(struct tm_chart_change changes[TM_CHART_CHANGES_MOST], size_t n, const struct tm_chart_change *change)
{
    size_t at = n;
    for (size_t i = 0; i < n; i++)
        if (changes[i].metric == change->metric && changes[i].run == change->run)
            return n;
    while (at > 0 &&
           (changes[at - 1].run > change->run || (changes[at - 1].run == change->run && changes[at - 1].metric > change->metric)))
        at--;
    if (n == TM_CHART_CHANGES_MOST) {
        if (at == 0)
            return n;
        memmove(changes, changes + 1, (at - 1) * sizeof *changes);
        changes[at - 1] = *change;
        return n;
    }
    memmove(changes + at + 1, changes + at, (n - at) * sizeof *changes);
    changes[at] = *change;
    return n + 1;
}

/* A change that was told on the night of the event. */
static size_t insert_event(const struct tm_report *report, const struct tm_report_plugin *plugin,
                           const struct tm_report_event *event, struct tm_chart_change *changes, size_t n)
{
    struct tm_chart_change change = {
        .metric = event->metric,
        .run = event->since_run,
        .class = event->class,
        .before = event->baseline,
        .after = after_of(report, event->class, event->metric, event->baseline, event->effect),
        .kind = event->kind,
        .commits = tm_commits_to_search(event->good_commit, event->since_commit, &event->interval),
        .interval = &event->interval,
    };
    if ((event->class != TM_REGRESSED && event->class != TM_IMPROVED) || event->metric < 0 || event->run < 0)
        return n;
    if (change.run < 0 && event->since)
        return n; /* it began before the first night that is shown */
    if (change.run < 0)
        change.run = begin_of(report, plugin, &change, event->run);
    return insert(changes, n, &change);
}

/* What is open tonight without an alert of its own, because another metric of the plugin tells it. */
static size_t insert_verdict(const struct tm_report *report, const struct tm_report_verdict *verdict,
                             struct tm_chart_change *changes, size_t n)
{
    struct tm_chart_change change = {
        .metric = verdict->metric,
        .run = verdict->since_run,
        .class = TM_REGRESSED,
        .before = verdict->baseline,
        .after = after_of(report, TM_REGRESSED, verdict->metric, verdict->baseline, verdict->effect),
        .kind = verdict->kind,
        .commits = tm_commits_to_search(verdict->good_commit, verdict->since_commit, &verdict->interval),
        .interval = &verdict->interval,
    };
    if ((verdict->class != TM_OPEN && verdict->class != TM_WAIVED) || verdict->metric < 0 || verdict->since_run < 0)
        return n;
    return insert(changes, n, &change);
}

/* Changes that began in one run share a number: one thing happened, in several metrics. */
size_t tm_chart_changes(const struct tm_report *report, const struct tm_report_plugin *plugin,
                        struct tm_chart_change changes[TM_CHART_CHANGES_MOST])
{
    size_t n = 0;
    for (size_t i = 0; i < plugin->n_events; i++)
        n = insert_event(report, plugin, &report->events[plugin->first_event + i], changes, n);
    for (size_t i = 0; i < plugin->n_verdicts; i++)
        n = insert_verdict(report, &report->verdicts[plugin->first_verdict + i], changes, n);
    for (size_t i = 0; i < n; i++)
        changes[i].number = i == 0 ? 1 : changes[i - 1].number + (changes[i].run != changes[i - 1].run);
    return n;
}
