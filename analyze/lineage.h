/* What the judge remembers of runs that compare with one another: per plugin and metric one series, per plugin its presence. */
#ifndef TM_ANALYZE_LINEAGE_H
#define TM_ANALYZE_LINEAGE_H

#include <stdint.h>

#include "analyze/counts.h"
#include "analyze/detector.h"
#include "analyze/rules.h"
#include "base/hash.h"

enum {
    TM_RECENT = TM_DETECTOR_BASELINE + TM_DETECTOR_NEWEST, /* all that a new level can reach back to */
    TM_CLOCK_STAYS = 2                                     /* nights with another clock: one may be a night on another host */
};

/* Between which runs a change began, where its first run may be another one than the likeliest. Run ids; 0: none. */
struct tm_interval {
    int64_t earliest_run, latest_run; /* the first and the last run that it may have begun with; the same one: it is sure */
    int64_t sure_good_run;            /* the one before earliest_run */
};

/* Who tells of a series' open regression: one cause is one alert, however many numbers show it. Stored in the judge's memory. */
enum tm_alert_told_by { TM_TOLD_BY_ITSELF, TM_TOLD_BY_METRIC, TM_TOLD_BY_RUN };

/* Plain numbers; {0} is a series never seen. memory.h saves and restores it. Which member of the union is alive follows from the
 * metric's kind (tm_metric_is_counted). */
struct tm_series {
    union {
        struct tm_detector level;
        struct tm_counts counts;
    };
    int32_t recent[TM_RECENT];   /* nights of its values, newest first; 0: no more. They say where a new level began */
    int64_t since_run, good_run; /* of the open regression: its first run, and the one before */
    struct tm_interval interval; /* in which it began */
    int64_t alert_night;         /* ordinal of the night that raised it; 0: none yet */
    int64_t shared;              /* enum tm_alert_told_by: itself, another metric of the plugin, or the whole run */
};

/* Which of the runs the plugin was in, whatever was measured: what `missing` rests on. {0} is one never seen. */
struct tm_presence {
    uint64_t seen;      /* bit per comparable run, the newest is bit 0 */
    int64_t runs;       /* comparable runs so far, since the plugin first came */
    int64_t missing;    /* nights in a row */
    int64_t retired_by; /* decision, 0: none */
    int64_t last_run;
    uint32_t clock;       /* that its CPU times were taken with; 0: not known */
    uint32_t other_clock; /* the one of the newest runs, if it is another */
    int64_t other_nights; /* so many in a row; TM_CLOCK_STAYS: tonight its CPU series begin anew */
};

struct tm_plugin {
    int64_t id;
    const char *name; /* owned by the caller of tm_lineage_plugin */
    struct tm_presence presence;
    struct tm_series **series; /* by the rules' metrics, up to the last that has had a value */
    size_t n_series;
};

/* The runs of one project, host and branch, as the judge remembers them. {0} is an empty one; freed with
 * tm_lineage_free. */
struct tm_lineage {
    struct tm_plugin *plugins; /* in the order of first sight */
    size_t n_plugins, room;
    struct tm_hash index; /* of the plugins' ids: position + 1 */
    int64_t *runs;        /* by night: the id of the run that was judged then */
    size_t runs_room;
    int64_t night;                         /* ordinal of the newest judged run, from 1 */
    int64_t run_wide_since, run_wide_good; /* an open run-wide regression; 0: none */
    struct tm_interval run_wide_interval;
    int64_t run_wide_night; /* ordinal of the night that raised it */
    int64_t previous_run, previous_at;
};

/* The plugin of that id, made if it is new. NULL: no memory. Pointers are good until the next plugin is made. */
struct tm_plugin *tm_lineage_plugin(struct tm_lineage *lineage, int64_t id, const char *name);
struct tm_plugin *tm_lineage_find(const struct tm_lineage *lineage, int64_t id); /* NULL: not there */

/* The plugin's series of that metric; NULL: it has had no value yet. */
struct tm_series *tm_series_at(const struct tm_plugin *plugin, size_t metric);

/* The same, made if it has had no value yet; owned by the lineage, its address stays. NULL: no memory. */
struct tm_series *tm_plugin_series(struct tm_plugin *plugin, size_t metric);

/* Frees all that it holds, not the names; it is then an empty one. */
void tm_lineage_free(struct tm_lineage *lineage);

/* A night begins with that run: 0, or -1 without memory. */
int tm_lineage_add_night(struct tm_lineage *lineage, int64_t run);
int64_t tm_lineage_run(const struct tm_lineage *lineage, int32_t night); /* 0: there was no such night */

/* No regression of the whole run is open any longer. */
void tm_lineage_forget_run_wide(struct tm_lineage *lineage);

/* What is open is open no longer; the levels stay. */
void tm_series_forgive(struct tm_series *series, enum tm_metric_kind kind);

/* The series' newest n values become its whole baseline, and what was open is closed. */
void tm_series_restart(struct tm_series *series, enum tm_metric_kind kind, int n);

#endif
