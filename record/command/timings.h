/* Commands that are measured, each many times, and what came of it. */
#ifndef TM_RECORD_COMMAND_TIMINGS_H
#define TM_RECORD_COMMAND_TIMINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "record/command/launcher.h"
#include "schema/tidemark.h"

struct tm_timing {
    double wall_ns, user_ns, system_ns, peak_bytes;
    int status; /* as of waitpid() */
    bool timed_out;
};

/* A command and its timings, in the order in which they were taken. */
struct tm_subject {
    const char *name;
    char *const *words; /* a NULL behind them */
    struct tm_timing *timings;
    size_t n;
    double total_ns; /* of their wall times */
};

void tm_subject_free(struct tm_subject *subject); /* the timings */

/* Did it fail: by its exit code, by a signal, by its time? */
bool tm_timing_failed(const struct tm_timing *timing);

/* What the timings come to. Times are nanoseconds. */
struct tm_summary {
    double mean, stdev; /* of wall times; stdev NAN: one timing */
    double min, median, max, total;
    double user, system, cpu_total; /* means, and the sum of both over all */
    double peak_bytes;              /* the highest */
    size_t failed, timed_out;
    size_t outliers;   /* wall times ten robust standard deviations or more from the median */
    bool first_is_out; /* the first one is such, on the slow side */
};

/* n > 0. 0, or -1: no memory. */
int tm_summarize(const struct tm_subject *subject, struct tm_summary *summary);

/* The timings as the profile of a run: a call each, failures as errors. `timeouts`: ends by time are counted. *latency is the
 * memory of its sketch, to be freed. 0, or -1: no memory. */
int tm_profile_of(const struct tm_subject *subject, bool timeouts, struct tm_profile *profile, unsigned char **latency);

#endif
