/* Numbers of many executions of one command. */
#include "record/command/timings.h"

#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "analyze/stats.h"
#include "schema/sketch.h"

/* Which CPU clock it is: that of getrusage(), which counts for children too. */
#define CLOCK "rusage"

/* An outlier would be one by chance once in more runs than anybody makes. */
static const double FAR_OUT = 10;

void tm_subject_free(struct tm_subject *subject)
{
    free(subject->timings);
    subject->timings = NULL;
    subject->n = 0;
}

bool tm_timing_failed(const struct tm_timing *timing)
{
    return timing->timed_out || !WIFEXITED(timing->status) || WEXITSTATUS(timing->status) != 0;
}

static void count_outliers(const struct tm_subject *subject, double *scratch, struct tm_summary *summary)
{
    double mad = tm_mad(scratch, subject->n, summary->median);
    for (size_t i = 0; i < subject->n; i++) {
        double z = tm_robust_z(subject->timings[i].wall_ns, summary->median, mad);
        summary->outliers += fabs(z) >= FAR_OUT ? 1 : 0;
        summary->first_is_out = summary->first_is_out || (i == 0 && z >= FAR_OUT);
    }
}

int tm_summarize(const struct tm_subject *subject, struct tm_summary *summary)
{
    size_t n = subject->n;
    double *wall = malloc(n * sizeof *wall);
    *summary = (struct tm_summary){.min = INFINITY};
    if (!wall)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct tm_timing *s = &subject->timings[i];
        wall[i] = s->wall_ns;
        summary->total += s->wall_ns;
        summary->min = fmin(summary->min, s->wall_ns);
        summary->max = fmax(summary->max, s->wall_ns);
        summary->user += s->user_ns / (double)n;
        summary->system += s->system_ns / (double)n;
        summary->cpu_total += s->user_ns + s->system_ns;
        summary->peak_bytes = fmax(summary->peak_bytes, s->peak_bytes);
        summary->failed += tm_timing_failed(s) ? 1 : 0;
        summary->timed_out += s->timed_out ? 1 : 0;
    }
    summary->mean = tm_mean(wall, n);
    summary->stdev = tm_stdev(wall, n);
    summary->median = tm_median(wall, n);
    count_outliers(subject, wall, summary);
    free(wall);
    return 0;
}

int tm_profile_of(const struct tm_subject *subject, bool timeouts, struct tm_profile *profile, unsigned char **latency)
{
    struct tm_summary summary;
    struct tm_sketch sketch;
    int result = tm_summarize(subject, &summary);
    *latency = NULL;
    if (result != 0)
        return result;
    tm_sketch_init(&sketch);
    for (size_t i = 0; i < subject->n && result == 0; i++)
        result = tm_sketch_add(&sketch, subject->timings[i].wall_ns);
    *profile = (struct tm_profile)TM_PROFILE_INIT;
    profile->plugin = subject->name;
    profile->calls = (int64_t)subject->n;
    profile->errors = (int64_t)summary.failed;
    profile->timeouts = timeouts ? (int64_t)summary.timed_out : TM_UNKNOWN;
    profile->wall_ns = summary.total;
    profile->cpu_ns = summary.cpu_total;
    profile->peak_mem_bytes = summary.peak_bytes;
    profile->clock = CLOCK;
    profile->wall_p50_ns = tm_sketch_quantile(&sketch, 0.50);
    profile->wall_p95_ns = tm_sketch_quantile(&sketch, 0.95);
    profile->wall_p99_ns = tm_sketch_quantile(&sketch, 0.99);
    profile->wall_max_ns = summary.max;
    if (result == 0)
        *latency = tm_sketch_encode(&sketch, &profile->latency_size);
    profile->latency = *latency;
    tm_sketch_free(&sketch);
    return *latency ? 0 : -1;
}
