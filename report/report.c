#include "report/report.h"

#include <math.h>
#include <string.h>

int tm_report_metric(const struct tm_report *report, const char *name)
{
    for (size_t m = 0; m < report->n_metrics; m++)
        if (strcmp(report->metrics[m].name, name) == 0)
            return (int)m;
    return -1;
}

double tm_report_value(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t run)
{
    return plugin->values && metric >= 0 ? plugin->values[(size_t)metric * report->n_runs + run] : NAN;
}

/* Of these kinds an effect is an amount, not a share. */
static bool by_amount(const struct tm_report_metric *metric)
{
    return metric->kind == TM_METRIC_GROWTH || metric->kind == TM_METRIC_ERRORS;
}

double tm_report_level(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    bool level = verdict->class == TM_REGRESSED || verdict->class == TM_OPEN || verdict->class == TM_IMPROVED;
    if (isnan(verdict->effect) || !level || verdict->metric < 0)
        return verdict->corrected;
    return by_amount(&report->metrics[verdict->metric]) ? verdict->baseline + verdict->effect
                                                        : verdict->baseline * (1 + verdict->effect);
}

const char *tm_report_metric_title(const struct tm_report_metric *metric)
{
    static const char *const titles[][2] = {{"wall_per_call_ms", "wall time per call"},
                                            {"cpu_per_call_ms", "CPU time per call"},
                                            {"wall_p50_ms", "median wall time"},
                                            {"wall_p95_ms", "95th percentile of wall time"},
                                            {"wall_p99_ms", "99th percentile of wall time"},
                                            {"wall_max_ms", "longest call"},
                                            {"blocked_per_call_ms", "time blocked per call"},
                                            {"longest_step_ms", "longest step"},
                                            {"peak_mem_kb", "peak memory"},
                                            {"mem_delta_per_call_kb", "memory kept per call"},
                                            {"error_rate", "share of failing calls"},
                                            {"calls", "calls per run"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strcmp(metric->name, titles[i][0]) == 0)
            return titles[i][1];
    return metric->name;
}

int tm_commit_shown(const char *commit)
{
    enum { HASH_SHOWN = 10, LEAST_HASH = 12 };
    size_t size = strlen(commit);
    bool hash = size >= LEAST_HASH && strspn(commit, "0123456789abcdef") == size && strpbrk(commit, "abcdef");
    return hash ? HASH_SHOWN : (int)size;
}
