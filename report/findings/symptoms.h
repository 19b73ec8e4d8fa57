/* What a plugin's values say around one change: numbers and directions, no words. Pure; docs/methods.md has every constant. */
#ifndef TM_REPORT_FINDINGS_SYMPTOMS_H
#define TM_REPORT_FINDINGS_SYMPTOMS_H

#include "analyze/report.h"

/* The figures that tell causes apart. */
enum tm_aspect { TM_WALL, TM_CPU, TM_P50, TM_P95, TM_KEPT, TM_PEAK, TM_FAILS, TM_CALLS, TM_BLOCKED, TM_ASPECTS };

const char *tm_aspect_metric(enum tm_aspect aspect); /* "wall_per_call_ms" */

enum tm_course { TM_COURSE_UNKNOWN, TM_SAME, TM_UP, TM_DOWN };

struct tm_shift {
    double before, now; /* levels; NAN: not known */
    enum tm_course course;
};

struct tm_symptoms {
    const struct tm_report_verdict *verdict;
    struct tm_shift of[TM_ASPECTS];
    enum tm_aspect lead; /* the verdict's metric; TM_ASPECTS: none of these */
    size_t since;        /* index of the first run of the change; n_runs: earlier than the runs that are known */
    size_t until, from;  /* compared are the runs before `until` with those from `from` on */
    bool same_commit;    /* first bad and last good run measured the same commit */
    size_t runs_before;  /* of the verdict's metric, as far as they are compared with */
    double z, rank;      /* of the level now among those: robust and of logarithms; worse than how many of 100; NAN */
    bool climbs;         /* rather than stepped, from the run climb_first to climb_last */
    size_t climb_first, climb_last;
    double rise;                        /* share per run by which the level is still rising; 0: it is not, or that cannot be told */
    bool scatters;                      /* much wider than before: */
    double scatter_before, scatter_now; /* middle half of the runs as a share of their median */
    size_t scatter_runs;                /* that the latter rests on */
    size_t alike, seen;                 /* of a single bad run: how many of the runs before were about as bad */
    size_t alike_last;                  /* the newest of them */
};

/* Of a verdict on a plugin's metric. */
void tm_symptoms_of(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_symptoms *symptoms);

/* course.c: in what way it went. The first fills in the climb, by `since`; the second the rest, by `until` and `from`. */
void tm_find_climb_at(const struct tm_report *report, struct tm_symptoms *symptoms);
void tm_find_course(const struct tm_report *report, struct tm_symptoms *symptoms);

/* How the plugins moved together at a run: of those known, how many went up, and the median changes as shares (NAN: none known). */
struct tm_crowd {
    size_t up, known;
    double wall, cpu;
};
int tm_crowd_at(const struct tm_report *report, size_t since, struct tm_crowd *crowd); /* -1: no memory */

#endif
