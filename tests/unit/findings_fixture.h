/* A report made by hand: sixty nights of plugins whose figures hardly move, to be changed by a test. */
#ifndef TM_TESTS_FINDINGS_FIXTURE_H
#define TM_TESTS_FINDINGS_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/findings/findings.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

enum { WALL, CPU, P95, PEAK, KEPT, FAILS, HITS, P50, CALLS, BLOCKED, N_METRICS };
enum { NIGHTS = 60, TONIGHT = NIGHTS - 1, PLUGINS_MOST = 32, VERDICTS_MOST = 64, DAY = 86400 };

struct made {
    struct tm_report report;
    struct tm_report_run runs[NIGHTS];
    struct tm_report_metric metrics[N_METRICS];
    struct tm_report_plugin plugins[PLUGINS_MOST];
    struct tm_report_verdict verdicts[VERDICTS_MOST];
    char keys[NIGHTS][16], commits[NIGHTS][16];
};

static const struct tm_report_metric made_metrics[N_METRICS] = {
    {"wall_per_call_ms", "ms", TM_METRIC_RATIO, false, true},
    {"cpu_per_call_ms", "ms", TM_METRIC_RATIO, false, true},
    {"wall_p95_ms", "ms", TM_METRIC_RATIO, false, true},
    {"peak_mem_kb", "KiB", TM_METRIC_RATIO, false, true},
    {"mem_delta_per_call_kb", "KiB", TM_METRIC_GROWTH, false, true},
    {"error_rate", "", TM_METRIC_ERRORS, false, true},
    {"cache_hits", "", TM_METRIC_RATIO, true, true},
    {"wall_p50_ms", "ms", TM_METRIC_RATIO, false, false},
    {"calls", "", TM_METRIC_CALLS, false, false},
    {"blocked_per_call_ms", "ms", TM_METRIC_GROWTH, false, true},
};

/* From -1 to 1, the same for every run of the test. */
static inline double noise(size_t a, size_t b, size_t c)
{
    uint64_t x = (a + 1) * 0x9e3779b97f4a7c15u ^ (b + 1) * 0xbf58476d1ce4e5b9u ^ (c + 1) * 0x94d049bb133111ebu;
    x ^= x >> 31, x *= 0xd6e8feb86659fd93u, x ^= x >> 32, x *= 0xd6e8feb86659fd93u, x ^= x >> 29;
    return (double)(x >> 11) / (double)(1ull << 52) - 1;
}

static inline double *value(struct made *made, size_t plugin, int metric, size_t night)
{
    return &made->plugins[plugin].values[(size_t)metric * NIGHTS + night];
}

/* 100 ms a call, 60 of them computing; 100 calls. */
static inline size_t add_plugin(struct made *made, const char *name)
{
    static const double usual[N_METRICS] = {100, 60, 150, 50000, 0.5, 0, 10, 95, 100, 2};
    size_t at = made->report.n_plugins++;
    made->plugins[at] = (struct tm_report_plugin){.id = (int64_t)at + 1, .number = (int64_t)at + 1, .name = name, .present = true};
    made->plugins[at].values = malloc(N_METRICS * NIGHTS * sizeof(double));
    for (int m = 0; m < N_METRICS; m++)
        for (size_t night = 0; night < NIGHTS; night++)
            *value(made, at, m, night) = m == CALLS || m == FAILS ? usual[m] : usual[m] * (1 + 0.015 * noise(at, (size_t)m, night));
    made->report.tally.plugins++;
    made->report.tally.judged++;
    return at;
}

static inline struct made *make_report(void)
{
    struct made *made = calloc(1, sizeof *made);
    struct tm_report *report = &made->report;
    *report = (struct tm_report){.project = "default", .branch = "main", .host = "ci", .n_runs = NIGHTS, .outcome = "fail"};
    report->runs = made->runs;
    report->run = &made->runs[TONIGHT];
    report->plugins = made->plugins;
    report->verdicts = made->verdicts;
    report->tally = (struct tm_tally){.comparable = NIGHTS - 1, .factor = NAN, .factor_share = NAN};
    memcpy(made->metrics, made_metrics, sizeof made_metrics);
    report->metrics = made->metrics;
    report->n_metrics = N_METRICS;
    for (int i = 0; i < NIGHTS; i++) {
        snprintf(made->keys[i], sizeof made->keys[i], "night-%d", i + 1);
        snprintf(made->commits[i], sizeof made->commits[i], "%07x", 0xabc0001 + 17 * i);
        made->runs[i] = (struct tm_report_run){i + 1, 1785542400 + (int64_t)DAY * i, made->keys[i], made->commits[i], NAN, NAN};
    }
    return made;
}

static inline void free_report(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        free(made->plugins[i].values);
    free(made);
}

static inline void multiply(struct made *made, size_t plugin, int metric, size_t since, double factor)
{
    for (size_t night = since; night < NIGHTS; night++)
        *value(made, plugin, metric, night) *= factor;
}

static inline void set(struct made *made, size_t plugin, int metric, size_t since, double to)
{
    for (size_t night = since; night < NIGHTS; night++)
        *value(made, plugin, metric, night) = to * (1 + 0.015 * noise(plugin, (size_t)metric, night));
}

static inline void forget(struct made *made, size_t plugin, int metric)
{
    for (size_t night = 0; night < NIGHTS; night++)
        *value(made, plugin, metric, night) = NAN;
}

static inline double mean_of(struct made *made, size_t plugin, int metric, size_t from, size_t to)
{
    double sum = 0;
    for (size_t night = from; night < to; night++)
        sum += *value(made, plugin, metric, night);
    return sum / (double)(to - from);
}

/* The verdict that speaks for the plugin, with figures as the judge would have found them. Those of one plugin come in a row. */
static inline struct tm_report_verdict *add_verdict(struct made *made, size_t plugin, int metric, enum tm_class class, size_t since)
{
    struct tm_report_verdict *v = &made->verdicts[made->report.n_verdicts++];
    *v = (struct tm_report_verdict){.plugin = plugin, .metric = metric, .class = class, .leads = true, .since_run = -1};
    double *unknown[] = {&v->value,     &v->corrected,   &v->baseline,     &v->effect,         &v->evidence, &v->needed,
                         &v->z_history, &v->pct_history, &v->z_population, &v->pct_population, &v->allowed};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        *unknown[i] = NAN;
    if (class != TM_SUSPECT && class != TM_MISSING) {
        v->since_run = (int)since;
        v->since = made->keys[since], v->since_commit = made->commits[since];
        v->last_good = made->keys[since - 1], v->good_commit = made->commits[since - 1];
    }
    made->report.tally.of[class] += plugin != TM_WHOLE_RUN;
    if (plugin == TM_WHOLE_RUN)
        return v;
    if (made->plugins[plugin].n_verdicts++ == 0)
        made->plugins[plugin].first_verdict = (size_t)(v - made->verdicts);
    made->plugins[plugin].leader = v;
    made->plugins[plugin].class = class;
    if (metric < 0)
        return v;
    bool amount = made_metrics[metric].kind == TM_METRIC_GROWTH || made_metrics[metric].kind == TM_METRIC_ERRORS;
    double now = mean_of(made, plugin, metric, class == TM_SUSPECT ? TONIGHT : since, NIGHTS);
    v->value = v->corrected = *value(made, plugin, metric, TONIGHT);
    v->baseline = mean_of(made, plugin, metric, 0, since);
    v->effect = amount ? now - v->baseline : now / v->baseline - 1;
    v->evidence = class == TM_OPEN ? 0 : 12;
    v->needed = 8;
    v->z_history = 9, v->pct_history = 100, v->baseline_runs = 50;
    return v;
}

#endif
