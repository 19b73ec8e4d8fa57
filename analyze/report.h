/* What every report is made of: one run, what was judged of it, and the runs before it on the same host and branch. Plain data that
 * the gate fills in and the forms of a report only write down. Names and all other text may be anything: each form escapes them for
 * its own reader (base/escape.h). NAN: not known; NULL: none. */
#ifndef TM_ANALYZE_REPORT_H
#define TM_ANALYZE_REPORT_H

#include <stdint.h>

#include "analyze/judge.h"
#include "analyze/outcome.h"
#include "analyze/reach.h"
#include "schema/week.h"

struct tm_report_run {
    int64_t id, started_at;
    const char *key, *commit;
    double factor, factor_share; /* the whole run was slower by that share, on that share of its plugins; NAN: no more than usual */
};

/* A week in which older runs were rolled up; where there are very many, several weeks. */
struct tm_report_week {
    int64_t begins_at, ends_at;
};

/* What was taken off a metric because the whole run had it. */
struct tm_report_factor {
    int metric;           /* index */
    double factor, share; /* 0.18: everything took 18 % more; on which share of the judged plugins */
};

/* Judged or only shown. The judged ones come first, in the order of the rules. */
struct tm_report_metric {
    const char *name, *unit;
    enum tm_metric_kind kind;
    bool higher_is_better, judged;
};

/* Between which runs a change began; the commits to search lie after sure_good_commit, up to latest_commit. */
struct tm_report_interval {
    const char *earliest, *latest, *sure_good, *sure_good_commit, *latest_commit;
    int64_t earliest_at, latest_at, sure_good_at; /* when these started; 0: not known */
};

/* What is said of a plugin's metric tonight. */
struct tm_report_verdict {
    size_t plugin; /* index; TM_WHOLE_RUN */
    int metric;    /* index; -1: the plugin as such */
    enum tm_class class;
    bool leads;       /* speaks for its plugin */
    const char *kind; /* step, drift, run-wide, extreme */
    double value, corrected, baseline, effect, evidence, needed;
    int runs, baseline_runs;
    double z_history, pct_history, z_population, pct_population;
    double allowed;                                             /* the limit that the value is beyond; NAN: none */
    const char *since, *last_good, *since_commit, *good_commit; /* first bad run, the one before it, and their commits */
    int since_run;                                              /* index of a run; -1: not among them */
    const char *signal, *why;                                   /* NULL: none */
    int64_t decision;                                           /* 0: none */
    struct tm_report_interval interval;                         /* where the first bad run may be another one */
    int64_t good_at, since_at;                                  /* when last_good and since started; 0: not known */
    int group;                                                  /* number of its group, from 1; 0: none */
    const struct tm_report_verdict *moved_with; /* the plugin's that took over what this one saves, or the other way; NULL: none */
    bool before_too;                            /* over its limit in the run before, too */
    bool explained;                             /* every number is wanted */
    struct tm_reach reach;                      /* of an explained one of a metric */
};

#define TM_WHOLE_RUN SIZE_MAX

/* One of which nothing is known: a pass, all numbers NAN. */
struct tm_report_verdict tm_report_no_verdict(void);

/* Plugins that got worse with the same run, and whose names begin alike: one event. */
struct tm_report_group {
    char *name; /* the beginning that they share; owned */
    const char *since;
    int64_t since_at;
    size_t n; /* members */
};

/* What was said on an earlier night or tonight: regressed, improved or suspect. In the order of time. */
struct tm_report_event {
    size_t plugin;
    int metric, run, since_run; /* since_run: -1: not among the runs */
    enum tm_class class;
    const char *kind, *since, *since_commit, *good_commit, *signal;
    struct tm_report_interval interval;
    double value, baseline, effect;
};

/* An alarm that was open, and is so no longer in the run reported on. */
struct tm_report_end {
    size_t plugin;              /* index; TM_WHOLE_RUN */
    int metric;                 /* index; -1 of the whole run */
    const char *ended, *raised; /* "returned", ...; the run that raised it */
    int64_t runs_open, decision;
};

/* An alarm that was raised, or ended, in one of the runs that are shown. */
struct tm_report_entry {
    const char *run; /* the one it happened in */
    int64_t at;      /* and when that started */
    bool raised;
    struct tm_report_verdict verdict; /* of one that was raised */
    struct tm_report_end end;         /* of one that ended */
};

struct tm_report_decision {
    int64_t number, made_at, until; /* until 0: for good */
    enum tm_decision_kind kind;
    size_t plugin;          /* TM_WHOLE_RUN */
    int metric;             /* -1: all */
    int from_run, made_run; /* indices; -1: not among the runs */
    double ceiling;
    const char *reason, *issue, *made_by;
};

struct tm_report_plugin {
    int64_t id;
    int64_t number; /* within its project: what its chart and its place on a page are called by */
    const char *name;
    bool present;                           /* in the run */
    bool partly;                            /* some of its metrics were judged, others were not */
    double calls;                           /* in the run; 0: not known */
    enum tm_class class;                    /* of the leading verdict; without one a pass, or not judged for want of values */
    const struct tm_report_verdict *leader; /* NULL: nothing was said */
    size_t first_verdict, n_verdicts;       /* in report->verdicts, one per metric with a value */
    size_t first_event, n_events;
    double *values;               /* [metric * n_runs + run]; NULL where no history was read */
    struct tm_week_value *weekly; /* [metric * n_weeks + week], n 0: none; NULL: none at all */
};

/* What charts are drawn along. */
enum tm_report_axis {
    TM_AXIS_AUTO, /* time, where runs are regular in it */
    TM_AXIS_RUN,
    TM_AXIS_TIME,
};

struct tm_report {
    const char *project, *branch, *host, *version;
    const char *base;                /* the branch whose history the run was judged by, and by itself; NULL: its own branch's */
    const struct tm_report_run *run; /* the one reported on */
    struct tm_report_run *runs;      /* oldest first, it is the last; without history it is the only one */
    size_t n_runs;
    struct tm_report_week *weeks; /* before runs[0], oldest first; the last may reach beyond it */
    size_t n_weeks;
    struct tm_report_metric *metrics;
    size_t n_metrics;
    struct tm_report_plugin *plugins; /* by name; those of the run, and those with a verdict or a history */
    size_t n_plugins;
    struct tm_report_verdict *verdicts; /* by plugin, those of the whole run last; passes too where the caller has judged anew */
    size_t n_verdicts;
    const struct tm_report_verdict **by_weight; /* all verdicts, the worst first */
    const struct tm_report_verdict **ranked;    /* those of them that lead and are no passes */
    size_t n_ranked;
    struct tm_report_event *events; /* by plugin */
    size_t n_events;
    struct tm_report_group *groups;
    size_t n_groups;
    struct tm_report_end *ends;
    size_t n_ends;
    struct tm_report_entry *entries; /* the newest first; none where nobody wants them */
    size_t n_entries;
    struct tm_report_decision *decisions;
    size_t n_decisions;
    const struct tm_limit *limits; /* by which it was judged; borrowed */
    size_t n_limits;
    struct tm_report_factor *factors; /* of the run, in the order of the metrics */
    size_t n_factors;
    struct tm_tally tally;
    const char *outcome; /* pass, fail or not judged */
    int exit_code;       /* the gate's */
    bool strict;         /* suspects fail, too */
    bool all;            /* text: what fails since an earlier night and what is retired by name, too */
    bool explain;        /* some verdicts are explained */
    bool blocks;         /* text: the history of what is new in blocks */
    enum tm_report_axis axis;
};

/* What is allowed of the plugin's metric; NAN: anything. */
double tm_report_limit(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric);

/* The metric of that name, -1: there is none. */
int tm_report_metric(const struct tm_report *report, const char *name);

/* The plugin's value of a metric in the run of that index; NAN: none. */
double tm_report_value(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t run);

/* The plugin's values of a metric in that week; NULL: none. */
const struct tm_week_value *tm_report_weekly(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                                             size_t week);

/* The middle of the week, as far as it lies before the first run. */
double tm_report_week_at(const struct tm_report *report, size_t week);

/* together.c. Finds which verdicts are one event, and notes it in them: 0, or -1 without memory. Free in any case. */
int tm_report_find_events(struct tm_report *report);
void tm_report_free_events(struct tm_report *report);

/* How many ms a run have moved to the plugin of a verdict that has moved_with, and got slower. */
double tm_report_moved_ms(const struct tm_report *report, const struct tm_report_verdict *taker);

/* Why the plugin was not judged, as its verdict says; NULL: it was, or it has no verdict. */
const char *tm_report_why_unjudged(const struct tm_report *report, const struct tm_report_plugin *plugin);

/* Fills in the tally's reasons: why plugins were not judged, as their verdicts say. */
void tm_report_count_reasons(struct tm_report *report);

/* What to compare with the baseline: of a change of level the level, else tonight's value without the run's own factor. */
double tm_report_level(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* Is the date unsure: may the change have begun with more than one run? */
bool tm_interval_is_wide(const struct tm_report_interval *interval);

/* The commits to search for the cause lie after `from`, up to `to`; NULL: not known. */
struct tm_commits {
    const char *from, *to;
};

/* Those of the last good and the first bad run; where the date is unsure, those of the interval. */
struct tm_commits tm_commits_to_search(const char *good_commit, const char *since_commit,
                                       const struct tm_report_interval *interval);

/* How many bytes of a commit are shown: ten of a hash, and all of anything else, which means nothing when it is cut. */
int tm_commit_shown(const char *commit);

/* "wall time per call", for people; a metric of the project's own by its name. */
const char *tm_report_metric_title(const struct tm_report_metric *metric);

#endif
