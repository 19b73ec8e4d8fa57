/* What is said of a plugin's metric in one run, and all that is said of a run. */
#ifndef TM_ANALYZE_VERDICT_H
#define TM_ANALYZE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/lineage.h"
#include "analyze/rules.h"

enum tm_class {
    TM_PASS,
    TM_NOT_JUDGED,
    TM_IMPROVED,
    TM_RETIRED,
    TM_WAIVED,
    TM_SUSPECT,
    TM_OVER_LIMIT, /* beyond what people allow, whatever its past says */
    TM_MISSING,
    TM_OPEN,
    TM_REGRESSED, /* in the order of how much they matter */
};

/* The word for a class, in the store and in every form of a report. */
const char *tm_class_name(enum tm_class class);

/* Why a plugin's regression is no news: an alarm of the whole run tells of it. */
#define TM_PART_OF_RUN "part of the run-wide shift"

/* Why a series is not judged yet. */
#define TM_TOO_FEW_RUNS "too few runs to compare with"

/* Why a plugin passes although it changed: by less than the metric's floor. */
#define TM_HELD_BACK "less than the floor of the metric, or it would be an alarm"

/* The kind of a change that one run tells, for it lies far beyond all that its past has held. */
#define TM_KIND_EXTREME "extreme"

/* Why a branch's run is not failed for what would fail it. */
#define TM_ACCEPTED_HERE "accepted on this branch"

/*
 * How probable is it that a change of level is real, as far as the public histories tell (docs/methods.md has the table): of an
 * alarm or an improvement by its evidence, of a suspect the share of those that were the first night of a change. NAN: of any other
 * class.
 */
double tm_verdict_probability(enum tm_class class, double evidence);
int tm_class_named(const char *name); /* -1: no such class */

/* "confirmed by 3 more measurements", and its opposite: constant texts, for more >= 1. */
const char *tm_confirmed_words(int more);
const char *tm_not_confirmed_words(int more);

enum tm_signal { TM_SIGNAL_NONE, TM_WAITING, TM_BLOCKING, TM_COMPUTE, TM_TIGHT_LOOP, TM_FAILING_FAST, TM_LEAK, TM_MEMORY_SPIKE };

const char *tm_signal_name(enum tm_signal signal); /* "" for none */

struct tm_verdict {
    int64_t plugin_id; /* 0: the whole run */
    const char *plugin;
    int metric; /* index in the rules; -1: the plugin as such */
    enum tm_class class;
    bool leads;              /* speaks for its plugin */
    bool young;              /* like all that is said of its plugin: too few runs to compare with */
    const char *kind;        /* step, drift, run-wide, extreme; NULL */
    double value, corrected; /* tonight, as measured and without the run's own factor */
    double baseline;         /* the level it was judged against; of an open regression the one before it */
    double effect;           /* share of the baseline, or the amount where the metric may be zero; of the level, or of tonight */
    double evidence, needed;
    int runs, baseline_runs;
    double z_history, pct_history, z_population, pct_population;
    double allowed;              /* the limit that tonight's value is beyond; NAN: none */
    int64_t since_run, good_run; /* the likeliest date, and the run before; 0: none */
    struct tm_interval interval; /* dates that are not much less likely */
    enum tm_signal signal;
    const char *why;     /* NULL or a constant text */
    int64_t decision_id; /* 0: none */
};

/* How an open regression ended: its level came back, people accepted it, or there is another history to judge by. */
enum tm_ending { TM_RETURNED, TM_ACCEPTED, TM_BEGUN_ANEW };

const char *tm_ending_name(enum tm_ending ending);

/* An alarm that was open, and is so no longer tonight. */
struct tm_alarm_end {
    int64_t plugin_id; /* 0: the whole run */
    int metric;        /* index in the rules; -1 of the whole run */
    enum tm_ending ending;
    int64_t raised_run;  /* that raised it */
    int64_t decision_id; /* that accepted it; 0: none */
};

/* What was taken off a metric as the run's own. */
struct tm_run_factor {
    double factor, share; /* 0.18 is 18 % more; NAN: nothing; on which share of its plugins */
};

struct tm_judgement {
    bool brief;     /* wanted: plugins of which there is nothing to tell, since all passes or all is young, have no verdicts */
    size_t threads; /* allowed; 0 is one, and what is judged is the same with any number */
    int64_t run_id;
    size_t plugins, judged, passed, comparable;
    size_t held;                   /* plugins that pass with TM_HELD_BACK */
    bool fine_clock;               /* see struct tm_night */
    size_t metrics_present;        /* metrics with a value tonight, which share the budget */
    struct tm_run_factor *factors; /* by the rules' metrics; freed by tm_judgement_free */
    size_t n_factors;
    struct tm_verdict *verdicts; /* one per plugin and metric with a value, passes too unless brief; freed by tm_judgement_free */
    size_t n_verdicts, room;
    struct tm_alarm_end *ends; /* alarms that ended tonight; freed likewise */
    size_t n_ends, ends_room;
    int64_t *young; /* plugins that have too few runs to compare with; freed likewise */
    size_t n_young;
};

/* Does it say no more than that its series has too few runs to compare with? */
bool tm_is_young(const struct tm_verdict *verdict);

/* One number for its plugin and metric, as a hash of base/hash.h. */
uint64_t tm_verdict_series(const struct tm_verdict *verdict);

/* Adds a verdict of which nothing is known yet but what it is about: a pass, all numbers NAN. NULL: no memory. The addresses of
 * earlier ones change. */
struct tm_verdict *tm_judgement_add(struct tm_judgement *judgement, int64_t plugin_id, const char *plugin, int metric);

/* Frees all that it holds; the judgement is then an empty one. */
void tm_judgement_free(struct tm_judgement *judgement);

#endif
