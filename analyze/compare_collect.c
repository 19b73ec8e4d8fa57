/* Measurements as they come, sorted by plugin and metric. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare.h"
#include "base/array.h"

static double quantile_of(const char *metric)
{
    return strcmp(metric, "wall_p50_ms") == 0   ? 0.5
           : strcmp(metric, "wall_p95_ms") == 0 ? 0.95
           : strcmp(metric, "wall_p99_ms") == 0 ? 0.99
                                                : 0;
}

/* More calls are neither better nor worse, and they change by factors. */
static struct tm_compare_metric usual_metric(const struct tm_metric *known)
{
    struct tm_compare_metric metric = {.rule = known->rule, .cpu_time = known->cpu_time, .wanted = true};
    metric.quantile = quantile_of(known->rule.name);
    if (metric.rule.kind == TM_METRIC_CALLS) {
        metric.rule.kind = TM_METRIC_RATIO;
        metric.rule.either = true;
    }
    return metric;
}

int tm_comparison_init(struct tm_comparison *c)
{
    *c = (struct tm_comparison){.share = 0.05, .fail_above = NAN};
    for (size_t i = 0; i < tm_n_metrics; i++) {
        struct tm_compare_metric *metric = tm_array_add(&c->metrics, &c->n_metrics, sizeof *metric);
        if (!metric)
            return -1;
        *metric = usual_metric(&tm_metrics[i]);
    }
    return 0;
}

void tm_comparison_free(struct tm_comparison *c)
{
    for (size_t i = 0; i < c->n_plugins; i++)
        for (int side = 0; side < TM_SIDES; side++)
            tm_sketch_free(&c->plugins[i].latency[side]);
    for (size_t i = 0; i < c->n_series; i++)
        for (int of = 0; of < TM_COMPARE_OF; of++)
            free(c->series[i].of[of]);
    free(c->metrics);
    free(c->plugins);
    free(c->series);
    free(c->rows);
    free(c->sums);
    tm_hash_free(&c->plugin_index);
    tm_hash_free(&c->series_index);
    tm_arena_free(&c->texts);
    *c = (struct tm_comparison){0};
}

const char *tm_compare_text(struct tm_comparison *c, const char *text)
{
    return tm_arena_text(&c->texts, text, strlen(text));
}

bool tm_compare_find_metric(const struct tm_comparison *c, const char *name, size_t *place)
{
    for (*place = 0; *place < c->n_metrics; ++*place)
        if (strcmp(c->metrics[*place].rule.name, name) == 0)
            return true;
    return false;
}

/* Either side may know more of it than the other: what nobody has said yet is taken. */
static int describe(struct tm_comparison *c, struct tm_metric_rule *rule, const char *unit, const char *better)
{
    rule->higher_is_better = rule->higher_is_better || strcmp(better, "higher") == 0;
    rule->either = rule->either && strcmp(better, "higher") != 0 && strcmp(better, "lower") != 0;
    if (!*rule->unit && *unit)
        rule->unit = tm_compare_text(c, unit);
    return rule->unit ? 0 : -1;
}

int tm_compare_add_metric(struct tm_comparison *c, const char *name, const char *unit, const char *better, size_t *place)
{
    if (!tm_compare_find_metric(c, name, place)) {
        const char *copy = tm_compare_text(c, name);
        struct tm_compare_metric *metric = copy ? tm_array_add(&c->metrics, &c->n_metrics, sizeof *metric) : NULL;
        if (!metric)
            return -1;
        *metric = (struct tm_compare_metric){.rule = tm_own_metric(copy, ""), .wanted = true};
    }
    return describe(c, &c->metrics[*place].rule, unit, better);
}

struct plugin_key {
    const struct tm_comparison *in;
    const char *name;
};

static bool is_plugin(uintptr_t item, const void *key)
{
    const struct plugin_key *wanted = key;
    return strcmp(wanted->in->plugins[item - 1].name, wanted->name) == 0;
}

bool tm_compare_find_plugin(const struct tm_comparison *c, const char *name, size_t *place)
{
    const struct plugin_key key = {c, name};
    uintptr_t found = tm_hash_find(&c->plugin_index, tm_hash_text(name, strlen(name)), is_plugin, &key);
    *place = found ? found - 1 : c->n_plugins;
    return found != 0;
}

int tm_compare_add_plugin(struct tm_comparison *c, const char *name, size_t *place)
{
    if (tm_compare_find_plugin(c, name, place))
        return 0;
    const char *copy = tm_compare_text(c, name);
    struct tm_compare_plugin *plugin = copy ? tm_array_add(&c->plugins, &c->n_plugins, sizeof *plugin) : NULL;
    if (!plugin)
        return -1;
    *plugin = (struct tm_compare_plugin){.name = copy};
    for (int side = 0; side < TM_SIDES; side++)
        tm_sketch_init(&plugin->latency[side]);
    return tm_hash_add(&c->plugin_index, tm_hash_text(name, strlen(name)), c->n_plugins);
}

/* One number for both: there are fewer than 2^31 of either. */
static uint64_t series_hash(size_t plugin, size_t metric)
{
    return tm_hash_integer((int64_t)(plugin << 31 | metric));
}

const struct tm_compare_series *tm_compare_series_of(const struct tm_comparison *c, size_t plugin, size_t metric)
{
    uintptr_t found = tm_hash_find(&c->series_index, series_hash(plugin, metric), NULL, NULL);
    return found ? &c->series[found - 1] : NULL;
}

int tm_compare_add(struct tm_comparison *c, enum tm_compare_of of, size_t plugin, size_t metric, double value)
{
    uint64_t hash = series_hash(plugin, metric);
    uintptr_t found = isnan(value) ? 0 : tm_hash_find(&c->series_index, hash, NULL, NULL);
    if (isnan(value))
        return 0;
    struct tm_compare_series *series = found ? &c->series[found - 1] : tm_array_add(&c->series, &c->n_series, sizeof *series);
    if (!series || (!found && tm_hash_add(&c->series_index, hash, c->n_series) != 0))
        return -1;
    series->plugin = plugin;
    series->metric = metric;
    double *room = tm_array_add(&series->of[of], &series->n[of], sizeof *room);
    if (!room)
        return -1;
    *room = value;
    return 0;
}
