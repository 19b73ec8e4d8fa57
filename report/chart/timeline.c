#include "report/chart/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400, YEAR_DAYS = 300 };

/* A gap is long from four times the usual on: a free Friday to Monday is none. */
static const double LONG_GAP = 4;
/* Irregular: that part of all gaps is long, and they take that part of the time. */
static const double GAPS_PART = 0.05, TIME_PART = 0.5;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The gaps rise: the long ones are at their end. */
static bool are_mostly_long(const double *gaps, size_t n)
{
    double usual = fmax(gaps[n / 2], 1), total = 0, in_long = 0;
    size_t n_long = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_long = gaps[i] > LONG_GAP * usual;
        total += gaps[i];
        in_long += is_long ? gaps[i] : 0;
        n_long += is_long;
    }
    return (double)n_long > GAPS_PART * (double)n && in_long > TIME_PART * total;
}

static bool has_week(const struct tm_report *report, const struct tm_report_plugin *plugin, size_t week)
{
    for (size_t m = 0; m < report->n_metrics; m++)
        if (tm_report_weekly(report, plugin, (int)m, week))
            return true;
    return false;
}

static bool has_run(const struct tm_report *report, const struct tm_report_plugin *plugin, size_t run)
{
    for (size_t m = 0; m < report->n_metrics; m++)
        if (isfinite(tm_report_value(report, plugin, (int)m, run)))
            return true;
    return false;
}

static size_t first_slot(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    for (size_t week = 0; week < report->n_weeks; week++)
        if (has_week(report, plugin, week))
            return week;
    for (size_t run = 0; run < report->n_runs; run++)
        if (has_run(report, plugin, run))
            return tm_slot_of_run(report, run);
    return 0;
}

bool tm_timeline_is_by_run(const struct tm_report *report, double *gaps, size_t n)
{
    if (report->axis != TM_AXIS_AUTO || n == 0)
        return report->axis == TM_AXIS_RUN;
    qsort(gaps, n, sizeof *gaps, by_value);
    return are_mostly_long(gaps, n);
}

/* How many of the other branch's runs came after all of ours. */
static size_t newer_runs(const struct tm_report *report, const struct tm_report *beside)
{
    size_t n = 0, runs = beside ? beside->n_runs : 0;
    while (n < runs && beside->runs[runs - 1 - n].started_at > report->run->started_at)
        n++;
    return n;
}

struct tm_timeline tm_timeline_of(const struct tm_report *report, const struct tm_report *beside,
                                  const struct tm_report_plugin *plugin, bool by_run)
{
    size_t slots = report->n_weeks + report->n_runs + newer_runs(report, beside);
    return (struct tm_timeline){report, beside, plugin ? first_slot(report, plugin) : 0, slots - 1, by_run};
}

size_t tm_slot_of_run(const struct tm_report *report, size_t run)
{
    return report->n_weeks + run;
}

double tm_slot_time(const struct tm_timeline *timeline, size_t slot)
{
    const struct tm_report *report = timeline->report;
    if (slot < report->n_weeks)
        return tm_report_week_at(report, slot);
    if (slot < report->n_weeks + report->n_runs)
        return (double)report->runs[slot - report->n_weeks].started_at;
    return (double)timeline->beside->runs[timeline->beside->n_runs - 1 - (timeline->last - slot)].started_at;
}

double tm_timeline_slot(const struct tm_timeline *timeline, size_t slot)
{
    return timeline->by_run ? (double)slot : tm_slot_time(timeline, slot);
}

double tm_timeline_run(const struct tm_timeline *timeline, size_t run)
{
    return tm_timeline_slot(timeline, tm_slot_of_run(timeline->report, run));
}

/* Between two slots in proportion to the time between them. */
double tm_timeline_time(const struct tm_timeline *timeline, double time)
{
    size_t low = timeline->first, high = timeline->last;
    if (!timeline->by_run)
        return time;
    if (time <= tm_slot_time(timeline, low))
        return (double)low;
    if (time >= tm_slot_time(timeline, high))
        return (double)high;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (tm_slot_time(timeline, middle) <= time)
            low = middle;
        else
            high = middle;
    }
    double from = tm_slot_time(timeline, low), to = tm_slot_time(timeline, high);
    return (double)low + (to > from ? (time - from) / (to - from) : 0);
}

double tm_timeline_part(const struct tm_timeline *timeline, double position)
{
    double from = tm_timeline_slot(timeline, timeline->first), to = tm_timeline_slot(timeline, timeline->last);
    return to > from ? fmin(fmax((position - from) / (to - from), 0), 1) : 0.5;
}

bool tm_timeline_needs_years(const struct tm_timeline *timeline)
{
    return tm_slot_time(timeline, timeline->last) - tm_slot_time(timeline, timeline->first) > (double)YEAR_DAYS * DAY;
}

/* Runs of one day need its date once. */
static size_t run_tics(const struct tm_timeline *timeline, size_t most, struct tm_tic tics[TM_TICS_MOST])
{
    size_t n = 0, steps = timeline->last - timeline->first;
    bool years = tm_timeline_needs_years(timeline);
    for (size_t i = 0; i < most; i++) {
        size_t slot = timeline->first + (most > 1 ? i * steps / (most - 1) : 0);
        struct tm_tic tic = {.at = (double)slot};
        tm_chart_date((int64_t)tm_slot_time(timeline, slot), years, tic.text);
        if (n == 0 || strcmp(tics[n - 1].text, tic.text) != 0)
            tics[n++] = tic;
    }
    return n;
}

size_t tm_timeline_tics(const struct tm_timeline *timeline, int most, struct tm_tic tics[TM_TICS_MOST])
{
    if (timeline->by_run && timeline->last > timeline->first)
        return run_tics(timeline, most < TM_TICS_MOST ? (size_t)most : TM_TICS_MOST, tics);
    size_t n =
        tm_time_tics((int64_t)tm_slot_time(timeline, timeline->first), (int64_t)tm_slot_time(timeline, timeline->last), most, tics);
    for (size_t i = 0; i < n; i++)
        tics[i].at = tm_timeline_time(timeline, tics[i].at);
    return n;
}
