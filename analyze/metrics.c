/* A metric is a row here, a column of the query night_samples, and its tests. Nothing else in
 * the program knows a metric by name, but for the signals. */
#include "analyze/metrics.h"

#include <string.h>

#include "schema/fields.h"

/* The smallest amounts that anybody would act on: 0.05 ms of a call, 256 KiB at the peak, 1 KiB
 * kept per call, one call more that fails in 1000. Percentiles scatter more the further out they
 * lie, so their floors rise. 5 % is what the histories of public projects show to be the least
 * change that is not noise for most. */
const struct tm_metric tm_metrics[] = {
    {{"wall_per_call_ms", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 0.05, false, false},
     "wall time per call",
     true,
     1,
     false},
    {{"cpu_per_call_ms", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 0.05, false, false},
     "CPU time per call",
     true,
     2,
     true},
    {{"wall_p95_ms", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 0.1, false, false},
     "95th percentile of wall time",
     true,
     4,
     false},
    {{"peak_mem_kb", "KiB", TM_METRIC_RATIO, 0, false, false, false, false, 0.05, 256, false, false},
     "peak memory",
     true,
     5,
     false},
    {{"mem_delta_per_call_kb", "KiB", TM_METRIC_GROWTH, 1, false, false, false, false, 0.05, 1, false, false},
     "memory kept per call",
     true,
     6,
     false},
    {{"error_rate", "", TM_METRIC_ERRORS, 0, false, false, false, false, 0.05, 0.001, false, false},
     "share of failing calls",
     true,
     7,
     false},
    {{"calls", "", TM_METRIC_CALLS, 0, false, false, false, false, 0.05, 1, false, false}, "calls per run", false, 8, false},
    {{"wall_p50_ms", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 0.05, false, false},
     "median wall time",
     false,
     3,
     false},
    {{"wall_p99_ms", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 0.2, false, false},
     "99th percentile of wall time",
     false,
     0,
     false},
    {{"wall_max_ms", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 0.5, false, false},
     "longest call",
     false,
     0,
     false},
    {{"blocked_per_call_ms", "ms", TM_METRIC_GROWTH, 1, false, false, false, true, 0.05, 1, false, false},
     "time blocked per call",
     true,
     0,
     false},
    {{"longest_step_ms", "ms", TM_METRIC_RATIO, 0, false, false, false, true, 0.05, 5, false, false},
     "longest step",
     false,
     0,
     false},
};
const size_t tm_n_metrics = sizeof tm_metrics / sizeof *tm_metrics;

const struct tm_metric *tm_metric_named(const char *name)
{
    for (size_t i = 0; i < tm_n_metrics; i++)
        if (strcmp(tm_metrics[i].rule.name, name) == 0)
            return &tm_metrics[i];
    return NULL;
}

const char *tm_metric_title(const char *name)
{
    const struct tm_metric *metric = tm_metric_named(name);
    return metric ? metric->title : name;
}

/* The recorder's own times, without what other plugins took meanwhile, come as metrics of the
 * project. */
static bool is_derived_time(const char *name)
{
    return strcmp(name, "self_wall_per_call_ms") == 0 || strcmp(name, "self_cpu_per_call_ms") == 0;
}

bool tm_metric_has_held(const char *name)
{
    return (tm_metric_named(name) && strncmp(name, "wall_", 5) == 0) || strcmp(name, "self_wall_per_call_ms") == 0;
}

/* Nobody has said how large its values are: below a thousandth they change by amounts, above by
 * factors. */
struct tm_metric_rule tm_own_metric(const char *name, const char *unit)
{
    return (struct tm_metric_rule){
        name, unit,  TM_METRIC_GROWTH,       1e-3, false, !is_derived_time(name), false, is_derived_time(name), 0.05,
        0,    false, tm_explains_times(name)};
}

bool tm_metric_is_counted(enum tm_metric_kind kind)
{
    return kind == TM_METRIC_ERRORS || kind == TM_METRIC_CALLS;
}

bool tm_metric_is_by_amount(enum tm_metric_kind kind)
{
    return kind == TM_METRIC_GROWTH || kind == TM_METRIC_ERRORS;
}
