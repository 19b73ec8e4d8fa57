/*
 * Judges one series of nightly values: did its level change, by how much, on what evidence?
 * Pure: no I/O, no allocation, no globals. docs/methods.md gives every formula and constant with its reason.
 *
 * y is a value already transformed so that a change is additive and higher is worse: ln(value) for times and sizes,
 * the value itself (in units of which min_effect and floor are then given) for what may be zero or negative.
 *
 * struct tm_detector is the whole memory of a series, plain numbers; {0} is a series never seen. Night by night, nothing later is
 * ever used.
 */
#ifndef TM_ANALYZE_DETECTOR_H
#define TM_ANALYZE_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TM_DETECTOR_BASELINE = 50, /* values in a baseline, at most */
    TM_DETECTOR_NEEDED = 6,    /* and at least, to judge */
    TM_DETECTOR_ALONE = 2,     /* runs a change must have lasted when a series has it for itself */
    TM_DETECTOR_PATIENT = 5,   /* and when the whole run has it, and may be slow for no longer than a few nights */
    TM_DETECTOR_NEWEST = 6     /* runs looked at together; also how long a value waits before it joins the baseline */
};

/* No series is taken to be quieter than 1 % (of ln(value)): clocks, caches and schedulers are not. */
#define TM_DETECTOR_FLOOR 0.01

struct tm_detector_params {
    double threshold;  /* evidence an alarm needs on a baseline of many values */
    double min_effect; /* smaller changes are nobody's business; in units of y */
    double share; /* min_effect without the part of it that a floor of the metric makes: an alarm that it holds back is noted */
    double floor; /* > 0: no series is quieter than this; in units of y */
    bool either;  /* nobody has said that higher is worse: a fall is a regression, too */
};

/*
 * Tolerated false alarms per 1000 judgements (> 0) -> parameters for y = ln(value). The threshold is
 * 1.2 - 2.1 ln(budget) up to a budget of 1, and 1.2 / budget above, where that line would reach zero.
 */
struct tm_detector_params tm_detector_params_for(double budget);

/* Positions in a baseline, by value in ascending order; small, for every series has two. Derived: it is known where it has as many
 * as the baseline. */
struct tm_order {
    uint8_t n, at[TM_DETECTOR_BASELINE];
};

struct tm_detector {
    int n_base, n_wait;
    double base[TM_DETECTOR_BASELINE];        /* y, oldest first */
    double base_common[TM_DETECTOR_BASELINE]; /* the part of it that was the whole run's: own value = base - base_common */
    double wait[TM_DETECTOR_NEWEST];          /* runs not yet in the baseline, oldest first */
    double wait_common[TM_DETECTOR_NEWEST];
    double median, scale;         /* of the baseline's own values */
    double raw_median, raw_scale; /* of the baseline's y */
    double autocorrelation;       /* of neighbours in the baseline, as far as it is known */
    double scale_before;          /* the scale of the level before this one; 0: none */
    int improved;                 /* 1: the level began with an improvement, not long ago */
    double median_before;         /* the level before that */
    int open;                     /* 1: regressed and not yet back at old_median */
    double old_median, old_scale; /* the level a regression is open against */
    struct tm_order own, raw;     /* last: of the baseline's own values and of its y. From night to night only two of them change */
};

enum tm_detector_class { TM_DETECTOR_TOO_FEW, TM_DETECTOR_QUIET, TM_DETECTOR_SUSPECT, TM_DETECTOR_REGRESSED, TM_DETECTOR_IMPROVED };

enum tm_detector_kind { TM_DETECTOR_STEP, TM_DETECTOR_DRIFT };

struct tm_detector_result {
    enum tm_detector_class class;
    enum tm_detector_kind kind; /* of a change: had the series been climbing (falling) before the newest runs? */
    bool run_wide;              /* the change is the whole run's, lasting */
    bool open;                  /* a regression, of tonight or of an earlier night, is still there */
    bool returned;              /* tonight an open regression came back to its old level */
    bool held_back;             /* an alarm, were the metric's floor not */
    double effect;              /* of the strongest evidence, in units of y; 0 if there is none */
    double evidence;            /* log likelihood ratio, discounted as docs/methods.md says */
    double needed;              /* what it had to exceed */
    int k;                      /* newest runs the evidence rests on */
    int since;                  /* newest runs that most likely hold the change; earliest >= since >= latest bound it */
    int earliest, latest;
    double common;        /* the part of y that was taken off as the run's */
    double z;             /* (y - common - median) / scale */
    double percentile;    /* share of the baseline below it, ties half; 0..100 */
    double median, scale; /* of the baseline tonight was judged against */
    int n;                /* and its size */
};

/*
 * Brings the state forward by one run. common: the part of y that tm_detector_night() found to be the run's, 0 for a series
 * judged alone.
 */
void tm_detector_step(struct tm_detector *s, const struct tm_detector_params *p, double y, double common,
                      struct tm_detector_result *out);

/*
 * What waits joins the baseline: the next run is judged by itself, as one that came after all these, and completes no change that
 * began with them.
 */
void tm_detector_settle(struct tm_detector *s);

/*
 * Tonight alone begins a new, worse level: repeats of its measurement have ruled out chance (confirm.h). s is the state after
 * tonight, `before` the one before it; *out is tonight's result, and is changed.
 */
void tm_detector_confirm(struct tm_detector *s, const struct tm_detector *before, const struct tm_detector_params *p, double y,
                         struct tm_detector_result *out);

/* A plugin that has a baseline, on one night of one metric. */
struct tm_voter {
    double y, ratio, scale; /* tonight; by how much that is off the median of its past; and the scale of that */
};

struct tm_night_facts {
    size_t judged;     /* series that had a baseline */
    size_t slow, fast; /* of them: beyond twice their scale, either way */
    size_t together;   /* series tonight regressed by a shift of the whole run: one that stays, or one that no host can cause */
    double factor;     /* the run's own shift in units of y (ln: exp(factor) - 1 is the share); 0 if not significant */
    double middle;     /* where there is a factor: tonight's y of the plugin in the middle */
};

/* A plugin may be counted anywhere, in any order. */
void tm_night_count(struct tm_night_facts *facts, const struct tm_voter *voter);

/* When all are counted: have enough plugins moved the same way for the run to have a factor of its own? */
bool tm_night_has_moved(const struct tm_night_facts *facts);

/* Then, of a metric that a slow host slows: sets factor and middle, from all that were counted. Their order changes. */
void tm_night_find_factor(struct tm_night_facts *facts, struct tm_voter *voters);

/* The part of a plugin's ratio that the factor explains: none if it moved the other way, never more than all of it. */
double tm_common_part(double ratio, double factor);

/* `together` of the `judged` series alarm: is that one alarm of the whole run? */
bool tm_is_run_wide(size_t together, size_t judged);

#endif
