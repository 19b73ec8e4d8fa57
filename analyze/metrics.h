/* The metrics that Tidemark knows: one table of all that is fixed about them. A project's own metrics are none of these; they are
 * judged by tm_own_metric until somebody says more. */
#ifndef TM_ANALYZE_METRICS_H
#define TM_ANALYZE_METRICS_H

#include <stdbool.h>
#include <stddef.h>

enum tm_metric_kind {
    TM_METRIC_RATIO,  /* positive, changes by factors: y = ln(value) */
    TM_METRIC_GROWTH, /* may be zero or negative: y = asinh(value / scale), by amounts near zero and by factors far from it */
    TM_METRIC_ERRORS, /* errors out of calls, as counts */
    TM_METRIC_CALLS,  /* calls of a run, as a count */
};

/* How one metric is judged. */
struct tm_metric_rule {
    const char *name, *unit;
    enum tm_metric_kind kind;
    double scale; /* of TM_METRIC_GROWTH */
    bool higher_is_better;
    bool either;       /* nobody has said which direction is better: both are judged */
    bool better_given; /* the direction is a setting's, not the store's */
    bool run_wide; /* a slow host slows it, for all plugins alike: what the whole run has in common is taken off. Of times alone */
    double min_effect; /* smallest share by which a level must change: 0.05 is 5 % */
    double floor;      /* and the smallest amount, in the metric's unit */
    bool floor_given;  /* by a setting: it counts whoever has measured */
    bool only_limit;   /* it is not judged, but there is a limit of it, or it explains others */
};

struct tm_metric {
    struct tm_metric_rule rule;
    const char *title; /* for people: "wall time per call" */
    bool judged;       /* where nobody says which metrics to judge */
    int shown;         /* its place among those that a report shows beside what is judged, from 1; 0: it does not */
    bool cpu_time;     /* comparable only between runs of the same CPU clock */
};

extern const struct tm_metric tm_metrics[]; /* the first is the one that alerts most readily */
extern const size_t tm_n_metrics;

const struct tm_metric *tm_metric_named(const char *name); /* NULL: none of that name */
const char *tm_metric_title(const char *name);             /* of a project's own metric its name */

/* How a metric of the project's own is judged. Both texts are borrowed. */
struct tm_metric_rule tm_own_metric(const char *name, const char *unit);

/* Is the time in it that a call was held by another plugin (held_ms)? It is judged without. */
bool tm_metric_has_held(const char *name);

/* Is it judged as a count, with a memory of counts (struct tm_counts), or by its level (struct tm_detector)? */
bool tm_metric_is_counted(enum tm_metric_kind kind);

/* Does an effect on it say an amount, not a share? */
bool tm_metric_is_by_amount(enum tm_metric_kind kind);

#endif
