/* Two sides of measurements, compared: for every plugin and metric that both have, how far apart, how sure, and in which class.
 * Pure: whoever has the measurements adds them, and then asks once. docs/methods.md has the rules. */
#ifndef TM_ANALYZE_COMPARE_H
#define TM_ANALYZE_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/metrics.h"
#include "analyze/nightnoise.h"
#include "analyze/twosided.h"
#include "base/arena.h"
#include "base/hash.h"
#include "schema/sketch.h"

/* Whose a value is: one side's, of the past, which knows the noise, or one of those that a side's only run was made of. */
enum tm_compare_of { TM_COMPARE_A, TM_COMPARE_B, TM_COMPARE_PAST, TM_COMPARE_SINGLE_A, TM_COMPARE_SINGLE_B, TM_COMPARE_OF };
enum { TM_SIDES = 2 };

enum tm_change_class {
    TM_CHANGE_UNKNOWN, /* too little data: nothing is found, and the interval reaches as far as a change that matters */
    TM_CHANGE_NONE,    /* the same: the interval holds none that matters (10 %, or fail_above) */
    TM_CHANGE_BETTER,
    TM_CHANGE_EITHER, /* it changed, and nobody has said which direction is better */
    TM_CHANGE_WORSE,
    TM_CHANGE_CLASSES, /* in the order of how much they matter */
};

/* "too little data", "same", "better", "changed", "worse". */
const char *tm_change_class_name(enum tm_change_class class);
/* What the noise is known from: "rank sum", "Welch's t", "history", "calls", "counts"; "" for none. */
const char *tm_basis_name(enum tm_basis basis);

struct tm_compare_metric {
    struct tm_metric_rule rule; /* CALLS are taken by factors here */
    bool cpu_time, wanted;
    double quantile;               /* of the sketch: 0.95 of wall_p95_ms; 0: it is none */
    struct tm_tail_evidence tails; /* of the pasts of all its plugins */
};

struct tm_compare_plugin {
    const char *name;
    size_t measured[TM_SIDES];                /* measurements that have it */
    const char *clock[TM_SIDES];              /* of its CPU times; NULL: not said */
    bool clocks_differ;                       /* within a side, or from one to the other */
    struct tm_sketch latency[TM_SIDES];       /* of all measurements of the side, in ns */
    double calls[TM_SIDES], errors[TM_SIDES]; /* of those that say both; 0 calls: none does */
    size_t told_errors[TM_SIDES];             /* measurements that say errors, if not how many calls */
};

/* Values of one plugin and metric. */
struct tm_compare_series {
    size_t plugin, metric;
    double *of[TM_COMPARE_OF]; /* oldest first */
    size_t n[TM_COMPARE_OF];
    double median[TM_SIDES]; /* after tm_compare(); NAN: no values */
    struct tm_night_noise noise;
};

/* What is said of one plugin and metric. Numbers that cannot be told are NAN. */
struct tm_compared {
    const char *name; /* of the plugin */
    size_t plugin, metric;
    size_t n[TM_SIDES]; /* measurements; where `singles`, the values within the one run a side */
    bool singles;
    double value[TM_SIDES];                 /* medians; of errors the share of all calls */
    double difference, low, high;           /* b - a and its 95 % interval, in the metric's unit */
    double change, change_low, change_high; /* the same as shares of a; NAN where a is 0, or next to it for the metric */
    double sees, sees_amount;               /* the smallest change for the worse that would have been told: as a share, an amount */
    double p, q;
    double slower; /* P(a call of b takes longer than one of a), where both have sketches */
    enum tm_basis basis;
    size_t nights; /* values of the past, TM_BASIS_HISTORY */
    enum tm_change_class class;
    const char *why; /* of TM_CHANGE_UNKNOWN, a constant text; NULL */
    bool fails;      /* is worse by more than was allowed */
};

/* What all plugins of a metric come to. */
struct tm_compared_metric {
    size_t of[TM_CHANGE_CLASSES]; /* plugins by class */
    size_t both;                  /* plugins with a positive value on both sides, not next to zero for the metric */
    double geometric_mean;        /* of b / a over them; NAN: none, or the metric may be negative */
};

/* What a side is, for people. Texts are borrowed. */
struct tm_compared_side {
    const char *name;                   /* as it was asked for */
    const char *branch, *host, *commit; /* of its newest run; NULL: not said, or several */
    const char *first, *last;           /* keys of its oldest and its newest run */
    int64_t started_at;                 /* of its newest run */
    size_t runs;                        /* repeats apart; 0: none of a store, but a command that `name` is */
    size_t measurements;                /* with them */
    bool unnamed;                       /* its only run is a file's, which gives it no name */
};

struct tm_comparison {
    double share;      /* false discoveries that are tolerated */
    double fail_above; /* a share; NAN: nothing fails */
    struct tm_compared_side sides[TM_SIDES];
    size_t nights; /* runs of the past that were read */

    struct tm_compare_metric *metrics;
    size_t n_metrics;
    struct tm_compare_plugin *plugins;
    size_t n_plugins;
    struct tm_compare_series *series;
    size_t n_series;

    struct tm_compared *rows; /* after tm_compare(): the worst first */
    size_t n_rows;
    struct tm_compared_metric *sums; /* by metric */
    double bound;                    /* the p that counts */
    size_t of[TM_CHANGE_CLASSES];
    size_t failing;

    struct tm_hash plugin_index, series_index;
    struct tm_arena texts;
};

/* ---- compare_collect.c ---- */

/* Takes in what every store knows: 0, or -1 without memory, as all below. Free in any case. */
int tm_comparison_init(struct tm_comparison *c);
void tm_comparison_free(struct tm_comparison *c);

/* A metric of the project's own. One that is there already is told more of itself: unit and direction ("lower", "higher", "both" or
 * "": not said) where it had none. */
int tm_compare_add_metric(struct tm_comparison *c, const char *name, const char *unit, const char *better, size_t *place);
bool tm_compare_find_metric(const struct tm_comparison *c, const char *name, size_t *place);
bool tm_compare_find_plugin(const struct tm_comparison *c, const char *name, size_t *place);
int tm_compare_add_plugin(struct tm_comparison *c, const char *name, size_t *place);

/* One value, of NAN nothing. Values of a side come oldest first. */
int tm_compare_add(struct tm_comparison *c, enum tm_compare_of of, size_t plugin, size_t metric, double value);
/* The values of a plugin's metric; NULL: it has none. */
const struct tm_compare_series *tm_compare_series_of(const struct tm_comparison *c, size_t plugin, size_t metric);

/* A copy that lives as long as the comparison; NULL: no memory. */
const char *tm_compare_text(struct tm_comparison *c, const char *text);

/* ---- compare.c ---- */

/* Fills in rows, sums and classes from all that was added. */
int tm_compare(struct tm_comparison *c);

#endif
