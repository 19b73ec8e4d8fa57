/* What a plugin's values say around one change: numbers and directions, no words. Pure; docs/methods.md has every constant.
 * Internal to the findings. */
#ifndef TM_REPORT_FINDINGS_SYMPTOMS_H
#define TM_REPORT_FINDINGS_SYMPTOMS_H

#include "analyze/report.h"

/* ---- series.c: the values of one plugin's metric, taken out of a report ---- */

enum { TM_VALUES_MOST = 100 }; /* what a search for bad runs like this one looks at */

struct tm_values {
    double x[TM_VALUES_MOST];
    size_t run[TM_VALUES_MOST], n; /* indices of the report's runs, rising */
};

/* The newest `most` values, TM_VALUES_MOST or fewer, in the runs from..to-1. */
struct tm_values tm_values_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t from,
                              size_t to, size_t most);

/* The same, times without what their run had in common with all plugins, as far as that explains their distance from the usual
 * value: a plugin that a slow run did not slow keeps what it has. usual NAN: the median of the values. */
struct tm_values tm_values_corrected(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t from,
                                     size_t to, size_t most, double usual);

/* Of no values: NAN. */
double tm_values_median(const struct tm_values *values);
double tm_values_scale(const struct tm_values *values);       /* 1.4826 MAD */
double tm_values_middle_half(const struct tm_values *values); /* between the quartiles, as a share of the median */

/* Natural logarithms of all values. false, and nothing done, where one is not positive or there is none. */
bool tm_values_to_logarithms(struct tm_values *values);

enum {
    TM_CLIMB_MOST = 80, /* values that are looked at: trying all pairs of places costs their cube */
    TM_CLIMB_LEAST = 8, /* runs that a climb takes: in fewer, noise makes a climb of a step */
};

struct tm_climb {
    size_t first, last;   /* the climb, or the first of two steps, begins after y[first]; it has arrived at y[last] */
    double before, after; /* medians of y up to first, and from last on */
};

enum tm_course { TM_STEP, TM_TWO_STEPS, TM_CLIMB };

/*
 * Did the series get from one level to the next in one step, in two, or did it climb? All courses are two levels, medians of the
 * values on either side, with nothing, a third level, or a straight line between; each is fitted by trying all places and taking
 * the least sum of absolute residuals, with three values or more at each level. It is a climb when the line spans TM_CLIMB_LEAST
 * runs or more, and leaves less than 0.9 of what the best step leaves, and no more than the best two steps. It is two steps when
 * these leave less than 0.8 of what one leaves, and less than the line; each must be a quarter of both or more. n > TM_CLIMB_MOST:
 * only the newest are looked at. Too few values for all of them: a step, and *climb is not to be used.
 */
enum tm_course tm_find_course(const double *y, size_t n, struct tm_climb *climb);

/* ---- symptoms.c ---- */

/* The figures that tell causes apart. */
enum tm_aspect { TM_WALL, TM_CPU, TM_P50, TM_P95, TM_KEPT, TM_PEAK, TM_FAILS, TM_CALLS, TM_BLOCKED, TM_ASPECTS };

/* Its metric: "wall_per_call_ms". */
const char *tm_aspect_metric(enum tm_aspect aspect);

enum tm_direction { TM_DIRECTION_UNKNOWN, TM_UNCHANGED, TM_UP, TM_DOWN };

struct tm_shift {
    double before, now; /* levels; NAN: not known */
    enum tm_direction direction;
};

struct tm_symptoms {
    const struct tm_report_verdict *verdict;
    struct tm_shift of[TM_ASPECTS];
    enum tm_aspect lead;   /* the verdict's metric; TM_ASPECTS: none of these */
    size_t since;          /* index of the first run of the change; n_runs: earlier than the runs that are known */
    size_t until, from;    /* compared are the runs before `until` with those from `from` on */
    bool same_commit;      /* first bad and last good run measured the same commit */
    size_t runs_before;    /* of the verdict's metric, as far as they are compared with */
    double z, rank;        /* of the level now among those: robust and of logarithms; worse than how many of 100; NAN */
    enum tm_course course; /* in one step or two, or climbed: from after the run climb_first to climb_last */
    size_t climb_first, climb_last, first_step; /* of two steps the runs with which they begin are first_step and climb_last */
    double rise;                        /* share per run by which the level is still rising; 0: it is not, or that cannot be told */
    bool scatters;                      /* much wider than before: */
    double scatter_before, scatter_now; /* middle half of the runs as a share of their median */
    size_t scatter_runs;                /* that the latter rests on */
    size_t alike, seen;                 /* of a single bad run: how many of the runs before were about as bad */
    size_t alike_last;                  /* the newest of them */
};

/* Of a verdict on a plugin's metric. */
void tm_symptoms_of(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_symptoms *symptoms);

/* How the plugins moved together at a run: of those known, how many went up, and the median changes as shares (NAN: none known). */
struct tm_crowd {
    size_t up, known;
    double wall, cpu;
};

/* 0, or -1: no memory. */
int tm_crowd_at(const struct tm_report *report, size_t since, struct tm_crowd *crowd);

#endif
