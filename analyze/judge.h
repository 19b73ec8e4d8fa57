/* Judges a night: samples of one run in, verdicts out; the lineage is brought forward by one run. Pure. */
#ifndef TM_ANALYZE_JUDGE_H
#define TM_ANALYZE_JUDGE_H

#include "analyze/lineage.h"

/* What one plugin did in the run. NAN: not recorded. */
struct tm_sample {
    int64_t plugin_id;
    const char *plugin;
    double values[TM_METRICS_MAX]; /* by the rules' metrics */
    double calls, errors;
    uint32_t clock; /* a hash of the CPU clock's name; 0: not said, which compares with any */
};

struct tm_night {
    int64_t run_id, started_at;
    const char *branch;
    const struct tm_sample *samples;
    size_t n_samples;
};

enum tm_decision_kind { TM_ACCEPT, TM_WAIVE, TM_RETIRE };

/* Counts from the run (made_run_at, made_run) on, itself included. */
struct tm_decision {
    int64_t id;
    enum tm_decision_kind kind;
    int64_t plugin_id;         /* 0: all, of an accepted run-wide shift */
    const char *metric;        /* NULL: all */
    const char *branch;        /* NULL: all */
    int64_t from_run, from_at; /* accept: the accepted level's first run */
    int64_t made_run, made_run_at, until;
    double ceiling; /* waive: tolerated share above the level before */
};

enum tm_class {
    TM_PASS,
    TM_NOT_JUDGED,
    TM_IMPROVED,
    TM_RETIRED,
    TM_WAIVED,
    TM_SUSPECT,
    TM_MISSING,
    TM_OPEN,
    TM_REGRESSED, /* in the order of how much they matter */
};

const char *tm_class_name(enum tm_class class);

enum tm_signal { TM_SIGNAL_NONE, TM_WAITING, TM_BLOCKING, TM_COMPUTE, TM_TIGHT_LOOP, TM_FAILING_FAST, TM_LEAK, TM_MEMORY_SPIKE };

const char *tm_signal_name(enum tm_signal signal); /* "" for none */

struct tm_verdict {
    int64_t plugin_id; /* 0: the whole run */
    const char *plugin;
    int metric; /* index in the rules; -1: the plugin as such */
    enum tm_class class;
    bool leads;              /* speaks for its plugin */
    const char *kind;        /* step, drift, run-wide, extreme; NULL */
    double value, corrected; /* tonight, as measured and without the run's own factor */
    double baseline;         /* the level it was judged against; of an open regression the one before it */
    double effect;           /* share of the baseline, or the amount where the metric may be zero; of the level, or of tonight */
    double evidence, needed;
    int runs, baseline_runs;
    double z_history, pct_history, z_population, pct_population;
    int64_t since_run, good_run; /* 0: none */
    enum tm_signal signal;
    const char *why;     /* NULL or a constant text */
    int64_t decision_id; /* 0: none */
};

struct tm_judgement {
    int64_t run_id;
    size_t plugins, judged, passed, comparable;
    double factor, factor_share; /* of the first metric; factor as a share: 0.18 is 18 % slow; NAN: not significant */
    size_t held;                 /* alarms that wait because too many came at once */
    struct tm_verdict *verdicts; /* one per plugin and metric with a value, passes too; freed by tm_judgement_free */
    size_t n_verdicts, room;
};

/* Decisions in the order they were made. 0, or -1: no memory (the lineage is then in an undefined state, but may be freed). */
int tm_judge(struct tm_lineage *lineage, const struct tm_rules *rules, const struct tm_night *night,
             const struct tm_decision *decisions, size_t n_decisions, struct tm_judgement *judgement);

void tm_judgement_free(struct tm_judgement *judgement);

#endif
