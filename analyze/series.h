/* A series, in the form in which it is judged; between two nights it is kept in another one (kept.h). */
#ifndef TM_ANALYZE_SERIES_H
#define TM_ANALYZE_SERIES_H

#include <stdint.h>

#include "analyze/counts.h"
#include "analyze/detector.h"
#include "analyze/metrics.h"

enum { TM_RECENT = TM_DETECTOR_BASELINE + TM_DETECTOR_NEWEST }; /* nights: all that a new level can reach back to */

/* Between which runs a change began, where its first run may be another one than the likeliest. Run ids; 0: none. */
struct tm_interval {
    int64_t earliest_run, latest_run; /* the first and the last run that it may have begun with; the same one: it is sure */
    int64_t sure_good_run;            /* the one before earliest_run */
};

/* Who tells of a series' open regression: one cause is one alert, however many numbers show it. Stored in the judge's memory. */
enum tm_alert_told_by { TM_TOLD_BY_ITSELF, TM_TOLD_BY_METRIC, TM_TOLD_BY_RUN };

/* What is remembered of an open regression; {0}: there is none. */
struct tm_alarm_memory {
    int64_t since_run, good_run; /* its first run, and the one before */
    struct tm_interval interval; /* in which it began */
    int64_t alert_night;         /* ordinal of the night that raised it; 0: none yet */
    int64_t shared;              /* enum tm_alert_told_by: itself, another metric of the plugin, or the whole run */
};

/* Plain numbers; {0} is a series never seen. Which member of the union is alive follows from the metric's kind
 * (tm_metric_is_counted). */
struct tm_series {
    union {
        struct tm_detector level;
        struct tm_counts counts;
    };
    int32_t recent[TM_RECENT]; /* nights of its values, newest first; 0: no more. They say where a new level began */
    struct tm_alarm_memory alarm;
};

int tm_series_nights(const struct tm_series *series);           /* how many `recent` has */
bool tm_series_has_gaps(const struct tm_series *series, int n); /* are these n not one night after the other? */

/* What is open is open no longer; the levels stay. */
void tm_series_forgive(struct tm_series *series, enum tm_metric_kind kind);

/* The series' newest n values become its whole baseline, and what was open is closed. */
void tm_series_restart(struct tm_series *series, enum tm_metric_kind kind, int n);

#endif
