/* Sums of a week. A run's values come in the same order of plugins and metrics as those of the run before, so that what is looked
 * for is mostly the next one. */
#include "store/week_sums.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "schema/tidemark.h"

struct tm_week_sum *tm_week_sum_find(const struct tm_week_sums *sums, int64_t plugin_id)
{
    uintptr_t at = tm_hash_find(&sums->by_id, tm_hash_integer(plugin_id), NULL, NULL);
    return at ? &sums->plugins[at - 1] : NULL;
}

struct tm_week_sum *tm_week_sum_of(struct tm_week_sums *sums, int64_t plugin_id, const char *plugin)
{
    struct tm_week_sum *sum = tm_week_sum_find(sums, plugin_id);
    if (sum)
        return sum;
    const char *name = tm_arena_text(&sums->texts, plugin, strlen(plugin));
    if (!name || tm_array_reserve(&sums->plugins, &sums->plugins_room, sums->n_plugins + 1, sizeof *sums->plugins) != 0 ||
        tm_hash_add(&sums->by_id, tm_hash_integer(plugin_id), sums->n_plugins + 1) != 0)
        return NULL;
    sum = &sums->plugins[sums->n_plugins++];
    *sum = (struct tm_week_sum){.plugin_id = plugin_id, .plugin = name, .errors = TM_UNKNOWN, .wall_ns = NAN, .cpu_ns = NAN};
    tm_sketch_init(&sum->latency);
    return sum;
}

static struct tm_week_metric *metric_of(struct tm_week_sums *sums, struct tm_week_sum *sum, const char *metric)
{
    for (size_t i = 0; i < sum->n_metrics; i++) {
        size_t at = (sum->next_metric + i) % sum->n_metrics;
        if (strcmp(sum->metrics[at].metric, metric) == 0) {
            sum->next_metric = at + 1;
            return &sum->metrics[at];
        }
    }
    const char *name = tm_arena_text(&sums->texts, metric, strlen(metric));
    if (!name || tm_array_reserve(&sum->metrics, &sum->metrics_room, sum->n_metrics + 1, sizeof *sum->metrics) != 0)
        return NULL;
    sum->metrics[sum->n_metrics] = (struct tm_week_metric){.metric = name};
    sum->next_metric = sum->n_metrics + 1;
    return &sum->metrics[sum->n_metrics++];
}

enum tm_week_fault tm_week_sum_add_value(struct tm_week_sums *sums, struct tm_week_sum *sum, const char *metric,
                                         const struct tm_week_value *value)
{
    struct tm_week_metric *known = metric_of(sums, sum, metric);
    if (!known)
        return TM_WEEK_NO_MEMORY;
    return tm_week_value_add(&known->value, value) ? TM_WEEK_DONE : TM_WEEK_TOO_FAR;
}

/* What is not known adds nothing. */
static bool add_count(int64_t *sum, int64_t count)
{
    if (count == TM_UNKNOWN)
        return true;
    return !__builtin_add_overflow(*sum == TM_UNKNOWN ? 0 : *sum, count, sum);
}

static bool add_real(double *sum, double value)
{
    if (!isnan(value))
        *sum = isnan(*sum) ? value : *sum + value;
    return !isinf(*sum);
}

static enum tm_week_fault add_latency(struct tm_sketch *sum, const void *blob, size_t size)
{
    struct tm_sketch latency;
    if (!blob)
        return TM_WEEK_DONE;
    tm_sketch_init(&latency);
    int result = tm_sketch_decode(&latency, blob, size);
    if (result == 0)
        result = tm_sketch_merge(sum, &latency);
    enum tm_week_fault fault = result == 0       ? TM_WEEK_DONE
                               : errno == ENOMEM ? TM_WEEK_NO_MEMORY
                               : errno == EINVAL ? TM_WEEK_DAMAGED
                                                 : TM_WEEK_TOO_FAR;
    tm_sketch_free(&latency);
    return fault;
}

enum tm_week_fault tm_week_sum_add(struct tm_week_sums *sums, struct tm_week_sum *sum, const struct tm_week_plugin *plugin)
{
    if (!add_count(&sum->calls, plugin->calls) || !add_count(&sum->errors, plugin->errors) ||
        !add_real(&sum->wall_ns, plugin->wall_ns) || !add_real(&sum->cpu_ns, plugin->cpu_ns))
        return TM_WEEK_TOO_FAR;
    enum tm_week_fault fault = add_latency(&sum->latency, plugin->latency, plugin->latency_size);
    for (size_t i = 0; i < plugin->n_metrics && fault == TM_WEEK_DONE; i++)
        fault = tm_week_sum_add_value(sums, sum, plugin->metrics[i].metric, &plugin->metrics[i].value);
    return fault;
}

bool tm_week_has_run(const struct tm_week_sums *sums, const char *key)
{
    for (size_t i = 0; i < sums->n_runs; i++)
        if (strcmp(sums->runs[i], key) == 0)
            return true;
    return false;
}

enum tm_week_fault tm_week_add_run(struct tm_week_sums *sums, const char *key)
{
    const char *copy = tm_arena_text(&sums->texts, key, strlen(key));
    if (!copy || tm_array_reserve(&sums->runs, &sums->runs_room, sums->n_runs + 1, sizeof *sums->runs) != 0)
        return TM_WEEK_NO_MEMORY;
    sums->runs[sums->n_runs++] = copy;
    return TM_WEEK_DONE;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_metric(const void *a, const void *b)
{
    return strcmp(((const struct tm_week_metric *)a)->metric, ((const struct tm_week_metric *)b)->metric);
}

static int by_plugin(const void *a, const void *b)
{
    return strcmp(((const struct tm_week_sum *)a)->plugin, ((const struct tm_week_sum *)b)->plugin);
}

void tm_week_sums_sort(struct tm_week_sums *sums)
{
    if (sums->n_runs > 0)
        qsort(sums->runs, sums->n_runs, sizeof *sums->runs, by_text);
    if (sums->n_plugins > 0)
        qsort(sums->plugins, sums->n_plugins, sizeof *sums->plugins, by_plugin);
    tm_hash_free(&sums->by_id); /* positions that are no longer theirs */
    for (size_t i = 0; i < sums->n_plugins; i++)
        if (sums->plugins[i].n_metrics > 0)
            qsort(sums->plugins[i].metrics, sums->plugins[i].n_metrics, sizeof *sums->plugins[i].metrics, by_metric);
}

void tm_week_sums_free(struct tm_week_sums *sums)
{
    for (size_t i = 0; i < sums->n_plugins; i++) {
        tm_sketch_free(&sums->plugins[i].latency);
        free(sums->plugins[i].metrics);
    }
    free(sums->plugins);
    free(sums->runs);
    tm_hash_free(&sums->by_id);
    tm_arena_free(&sums->texts);
    *sums = (struct tm_week_sums){0};
}
