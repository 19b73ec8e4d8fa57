/* What is judged, and how strictly. */
#ifndef TM_ANALYZE_RULES_H
#define TM_ANALYZE_RULES_H

#include "analyze/metrics.h"

/* What one plugin, or all that a glob matches, has different. The last one that matches counts. */
struct tm_plugin_rule {
    const char *glob, *metric; /* metric NULL: all */
    double min_effect, floor;  /* NAN: as the metric says */
    bool ignore;               /* not judged at all */
};

/* What people allow, of one plugin or all that a glob matches. The last one that matches counts. */
struct tm_limit {
    const char *glob, *metric;
    double value; /* in the metric's unit; the most, or the least where higher is better */
    int place;    /* below TM_LIMITED_METRICS: each metric with limits has its own */
};

enum { TM_LIMITED_METRICS = 64 }; /* bits of a tm_presence's `beyond` */

struct tm_rules {
    double budget;                  /* false alarms per 1000 judgements of a plugin that are tolerated */
    struct tm_metric_rule *metrics; /* as many as a project has; what judging costs grows with the series, not with them */
    size_t n_metrics;
    const struct tm_plugin_rule *plugins;
    size_t n_plugins;
    const struct tm_limit *limits;
    size_t n_limits;
    bool floors;                  /* false: no absolute floors, for values of any unit */
    double extreme;               /* a suspect further off than this many times the baseline's range is extreme; 0: none is */
    double extreme_alone;         /* the same bound for a run that is judged by itself: beyond it that run has regressed */
    bool pr;                      /* a branch's runs are judged each by itself, against its base as it is then */
    int missing_seen, missing_of; /* missing: seen in `seen` or more of the last `of` comparable runs, and not tonight */
};

/* Is the plugin left out in all its metrics, also from those that may be missing? */
bool tm_plugin_ignored(const struct tm_rules *rules, const char *plugin);

/* What is allowed of one plugin and metric; NULL: anything. Is a value beyond it? */
const struct tm_limit *tm_limit_for(const struct tm_limit *limits, size_t n, const char *plugin, const char *metric);
bool tm_is_beyond(const struct tm_metric_rule *rule, double value, double limit);

/* The rule for one plugin and metric, overrides applied; false: it is not to be judged. */
bool tm_rule_for(const struct tm_rules *rules, const char *plugin, size_t metric, struct tm_metric_rule *rule);

/* A value as the detector sees it: on a scale where equal changes count equally and higher is worse. Zero and less of a metric that
 * is judged by factors count as 1e-9. tm_from_y() takes it back. */
double tm_to_y(const struct tm_metric_rule *rule, double value);
double tm_from_y(const struct tm_metric_rule *rule, double y);

/* The least change of y at a level that passes both the share and the floor. Estimates from two to six noisy runs scatter: four
 * fifths of the wanted change will do, so that a change of just that size is mostly caught. */
double tm_min_change(const struct tm_rules *rules, const struct tm_metric_rule *rule, double level_y);

/* The same, of the share alone. */
double tm_min_share(const struct tm_metric_rule *rule);

/* The part of the budget that a plugin's metric gets: the first metric half of it where there are others, those share the rest. */
double tm_budget_share(double budget, size_t metric, size_t n_metrics);

#endif
