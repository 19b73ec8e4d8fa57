/* A lineage holds its plugins in the order of first sight, found by id through a hash table, and
 * the series that they have had values for. Only here does a level begin anew because somebody
 * said so. */
#include "analyze/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/baseline.h"
#include "base/array.h"

struct tm_plugin *tm_lineage_find(const struct tm_lineage *lineage, int64_t id)
{
    uintptr_t position = tm_hash_find(&lineage->index, tm_hash_integer(id), NULL, NULL);
    return position ? &lineage->plugins[position - 1] : NULL;
}

struct tm_plugin *tm_lineage_plugin(struct tm_lineage *lineage, int64_t id, const char *name)
{
    struct tm_plugin *found = tm_lineage_find(lineage, id);
    if (found)
        return found;
    /* Room first: once the index knows a position, something must stand there. */
    if (tm_array_reserve(&lineage->plugins, &lineage->room, lineage->n_plugins + 1, sizeof *lineage->plugins) != 0 ||
        tm_hash_add(&lineage->index, tm_hash_integer(id), lineage->n_plugins + 1) != 0)
        return NULL;
    lineage->plugins[lineage->n_plugins] = (struct tm_plugin){.id = id, .name = name};
    return &lineage->plugins[lineage->n_plugins++];
}

/* Series keep nights in 32 bits (recent): beyond that there is none. */
int tm_lineage_add_night(struct tm_lineage *lineage, int64_t run)
{
    if (lineage->night == INT32_MAX ||
        tm_array_reserve(&lineage->runs, &lineage->runs_room, (size_t)lineage->night + 1, sizeof *lineage->runs) != 0)
        return -1;
    lineage->runs[lineage->night++] = run;
    return 0;
}

int64_t tm_lineage_run(const struct tm_lineage *lineage, int32_t night)
{
    return night > 0 && night <= lineage->night ? lineage->runs[night - 1] : 0;
}

struct tm_series *tm_series_at(const struct tm_plugin *plugin, size_t metric)
{
    return metric < plugin->n_series ? plugin->series[metric] : NULL;
}

/* One allocation a series: most metrics of most plugins have none, and pointers to those that
 * are there must stay good while others are made. */
struct tm_series *tm_plugin_series(struct tm_plugin *plugin, size_t metric)
{
    while (plugin->n_series <= metric)
        if (!tm_array_add(&plugin->series, &plugin->n_series, sizeof *plugin->series))
            return NULL;
    if (!plugin->series[metric])
        plugin->series[metric] = calloc(1, sizeof *plugin->series[metric]);
    return plugin->series[metric];
}

void tm_lineage_free(struct tm_lineage *lineage)
{
    for (size_t i = 0; i < lineage->n_plugins; i++) {
        for (size_t m = 0; m < lineage->plugins[i].n_series; m++)
            free(lineage->plugins[i].series[m]);
        free(lineage->plugins[i].series);
    }
    free(lineage->plugins);
    tm_hash_free(&lineage->index);
    free(lineage->runs);
    *lineage = (struct tm_lineage){0};
}

/* The newest n values, whether in the baseline or still waiting, become a level of their own;
 * older ones are forgotten. Its scale is borrowed from the level before until it has enough
 * values. With n = 0 (the change is still to come) nothing is left, and the level grows anew. */
static void restart_level(struct tm_detector *s, int n)
{
    double y[TM_RECENT], common[TM_RECENT]; /* all that is remembered, oldest first */
    int count = 0;
    for (int i = 0; i < s->n_base; i++, count++)
        y[count] = s->base[i], common[count] = s->base_common[i];
    for (int i = 0; i < s->n_wait; i++, count++)
        y[count] = s->wait[i], common[count] = s->wait_common[i];
    /* The noise of the old level is the best guess at that of the new one. */
    s->scale_before = s->scale;
    s->n_base = s->n_wait = s->open = 0;
    /* More than fit: the oldest of the n make room, as on any night. */
    for (int i = n < count ? count - n : 0; i < count; i++)
        tm_baseline_add(s, y[i], common[i]);
    if (s->n_base > 0)
        tm_baseline_settle(s, TM_DETECTOR_FLOOR);
}

/* The same of counts. The arrays are copied first, for old and new ones overlap. */
static void restart_counts(struct tm_counts *s, int n)
{
    struct tm_counts old = *s;
    int drop_base = old.n_base + old.n_wait - n; /* the oldest go: of the baseline, then of those that wait */
    s->n_base = s->n_wait = s->open = 0;
    for (int i = drop_base > 0 ? drop_base : 0; i < old.n_base; i++) {
        s->events[s->n_base] = old.events[i];
        s->trials[s->n_base++] = old.trials[i];
    }
    for (int i = drop_base > old.n_base ? drop_base - old.n_base : 0; i < old.n_wait && s->n_base < TM_DETECTOR_BASELINE; i++) {
        s->events[s->n_base] = old.wait_events[i];
        s->trials[s->n_base++] = old.wait_trials[i];
    }
}

void tm_lineage_forget_run_wide(struct tm_lineage *lineage)
{
    lineage->run_wide_since = lineage->run_wide_good = lineage->run_wide_night = 0;
    lineage->run_wide_interval = (struct tm_interval){0};
}

void tm_series_forgive(struct tm_series *series, enum tm_metric_kind kind)
{
    /* Which member of the union is alive follows from the kind; the other one's bytes must not
     * be touched. */
    *(tm_metric_is_counted(kind) ? &series->counts.open : &series->level.open) = 0;
    series->since_run = series->good_run = series->alert_night = series->shared = 0;
    series->interval = (struct tm_interval){0};
}

void tm_series_restart(struct tm_series *series, enum tm_metric_kind kind, int n)
{
    if (tm_metric_is_counted(kind))
        restart_counts(&series->counts, n);
    else
        restart_level(&series->level, n);
    tm_series_forgive(series, kind);
}
