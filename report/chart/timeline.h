/* What a chart is drawn along: weeks of older runs, then the runs, a slot each. They lie at their times, or side by side where runs
 * are not regular in time: those of a day would be one stroke, and a quiet month would take the room. Pure. */
#ifndef TM_REPORT_CHART_TIMELINE_H
#define TM_REPORT_CHART_TIMELINE_H

#include "analyze/report.h"
#include "report/chart/axis.h"

/* Positions are seconds, or slots where runs lie side by side. */
struct tm_timeline {
    const struct tm_report *report, *beside; /* beside: another branch's, whose newer runs have slots behind the last; NULL: none */
    size_t first, last;                      /* slots that are shown: from the plugin's first value to the newest run */
    bool by_run;
};

/* As the report says; where it leaves that open, whether most of the time lies in few long gaps. gaps: the seconds from run to run;
 * they are sorted. */
bool tm_timeline_is_by_run(const struct tm_report *report, double *gaps, size_t n);

/* plugin NULL: from the first slot on. */
struct tm_timeline tm_timeline_of(const struct tm_report *report, const struct tm_report *beside,
                                  const struct tm_report_plugin *plugin, bool by_run);

/* A run's slot, and when a slot was. */
size_t tm_slot_of_run(const struct tm_report *report, size_t run);
double tm_slot_time(const struct tm_timeline *timeline, size_t slot);

/* Where a slot, a run or a point in time lies. */
double tm_timeline_slot(const struct tm_timeline *timeline, size_t slot);
double tm_timeline_run(const struct tm_timeline *timeline, size_t run);
double tm_timeline_time(const struct tm_timeline *timeline, double time);

/* The same as a part of the whole, 0 to 1; what lies outside is at the end. A single slot lies in the middle. */
double tm_timeline_part(const struct tm_timeline *timeline, double position);

/* Is it so long that "Nov 19" may be in either year? */
bool tm_timeline_needs_years(const struct tm_timeline *timeline);

/* Dates along it, at most `most`: round ones, or those of runs that are as far apart as possible. */
size_t tm_timeline_tics(const struct tm_timeline *timeline, int most, struct tm_tic tics[TM_TICS_MOST]);

#endif
