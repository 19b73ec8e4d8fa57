/* What judging costs, without a store: nights of made-up plugins, four metrics each, put before the judge.
 *
 *   bench_judge PLUGINS NIGHTS THREADS     prints 'verdicts', 'cpu-us' and 'wall-us' of all nights, and 'regressed'
 *
 * A verdict is on one metric of one plugin in one night. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "analyze/judge.h"

enum { METRICS = 4 };

static const char *const names[METRICS] = {"wall_per_call_ms", "cpu_per_call_ms", "error_rate", "peak_mem_kb"};

static double uniform(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* Quiet plugins; every hundredth has stepped up by half in the second half of the nights. */
static void make_night(struct tm_sample *samples, double *values, size_t n, bool late)
{
    for (size_t p = 0; p < n; p++) {
        double step = late && p % 100 == 7 ? 1.5 : 1, noise = step * (1 + 0.1 * (uniform() + uniform()));
        double calls = 100 + floor(50 * uniform()), errors = floor(1.02 * uniform());
        const double made[METRICS] = {(1 + (double)(p % 500)) * noise, (1 + (double)(p % 300)) * noise * (1 + 0.02 * uniform()),
                                      errors / calls, 10000 * (1 + 0.01 * uniform())};
        for (int m = 0; m < METRICS; m++)
            values[p * METRICS + (size_t)m] = made[m];
        samples[p] = (struct tm_sample){
            .plugin_id = (int64_t)p + 1, .plugin = "p", .values = &values[p * METRICS], .calls = calls, .errors = errors};
    }
}

static double microseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return 1e6 * (double)now.tv_sec + 1e-3 * (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, verdicts = 0, regressed = 0;
    int nights = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 100;
    struct tm_metric_rule metrics[METRICS] = {tm_metric_named(names[0])->rule, tm_metric_named(names[1])->rule,
                                              tm_metric_named(names[2])->rule, tm_metric_named(names[3])->rule};
    struct tm_rules rules = {.budget = 0.5,
                             .floors = true,
                             .extreme = 10,
                             .missing_seen = 8,
                             .missing_of = 10,
                             .metrics = metrics,
                             .n_metrics = METRICS};
    struct tm_lineage lineage = {.previous_at = -1};
    struct tm_judgement judgement = {.threads = argc > 3 ? strtoul(argv[3], NULL, 10) : 1};
    struct tm_sample *samples = malloc((n + 1) * sizeof *samples);
    double *values = malloc((n + 1) * METRICS * sizeof *values), cpu = 0, wall = 0;
    int failed = !samples || !values;
    for (int night = 0; night < nights && !failed; night++) {
        make_night(samples, values, n, 2 * night > nights);
        struct tm_night seen = {1 + night, 86400 * (int64_t)night, "main", false, samples, n};
        double cpu_before = microseconds(CLOCK_PROCESS_CPUTIME_ID), wall_before = microseconds(CLOCK_MONOTONIC);
        failed = tm_judge(&lineage, &rules, &seen, NULL, 0, &judgement) != 0;
        cpu += microseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
        wall += microseconds(CLOCK_MONOTONIC) - wall_before;
        verdicts += judgement.n_verdicts;
        for (size_t i = 0; i < judgement.n_verdicts; i++)
            regressed += judgement.verdicts[i].class == TM_REGRESSED;
    }
    printf("verdicts %zu\nregressed %zu\ncpu-us %.0f\nwall-us %.0f\n", verdicts, regressed, cpu, wall);
    tm_judgement_free(&judgement);
    tm_lineage_free(&lineage);
    free(samples);
    free(values);
    return failed;
}
