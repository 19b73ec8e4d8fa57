#include "analyze/lineage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/baseline.h"

static size_t slot_of(const struct tm_lineage *lineage, int64_t id)
{
    size_t at = ((uint64_t)id * 0x9e3779b97f4a7c15u >> 20) & (lineage->index_size - 1);
    while (lineage->index[at] && lineage->plugins[lineage->index[at] - 1].id != id)
        at = (at + 1) & (lineage->index_size - 1);
    return at;
}

struct tm_plugin *tm_lineage_find(const struct tm_lineage *lineage, int64_t id)
{
    if (lineage->index_size == 0)
        return NULL;
    uint32_t position = lineage->index[slot_of(lineage, id)];
    return position ? &lineage->plugins[position - 1] : NULL;
}

static int make_room(struct tm_lineage *lineage)
{
    if (lineage->plugins && lineage->n_plugins < lineage->room)
        return 0;
    size_t room = lineage->room ? 2 * lineage->room : 64;
    struct tm_plugin *plugins = calloc(room, sizeof *plugins);
    uint32_t *index = calloc(4 * room, sizeof *index);
    if (!plugins || !index) {
        free(plugins);
        free(index);
        return -1;
    }
    if (lineage->plugins)
        memcpy(plugins, lineage->plugins, lineage->n_plugins * sizeof *plugins);
    free(lineage->plugins);
    free(lineage->index);
    lineage->plugins = plugins;
    lineage->index = index;
    lineage->index_size = 4 * room;
    lineage->room = room;
    for (size_t i = 0; i < lineage->n_plugins; i++)
        index[slot_of(lineage, plugins[i].id)] = (uint32_t)i + 1;
    return 0;
}

struct tm_plugin *tm_lineage_plugin(struct tm_lineage *lineage, int64_t id, const char *name)
{
    struct tm_plugin *found = tm_lineage_find(lineage, id);
    if (found)
        return found;
    if (make_room(lineage) != 0)
        return NULL;
    lineage->plugins[lineage->n_plugins] = (struct tm_plugin){.id = id, .name = name};
    lineage->index[slot_of(lineage, id)] = (uint32_t)lineage->n_plugins + 1;
    return &lineage->plugins[lineage->n_plugins++];
}

struct tm_series *tm_plugin_series(struct tm_plugin *plugin, size_t metric)
{
    if (!plugin->series[metric])
        plugin->series[metric] = calloc(1, sizeof *plugin->series[metric]);
    return plugin->series[metric];
}

int tm_lineage_copy(struct tm_lineage *to, const struct tm_lineage *from)
{
    for (size_t i = 0; i < from->n_plugins; i++) {
        const struct tm_plugin *plugin = &from->plugins[i];
        struct tm_plugin *copy = tm_lineage_plugin(to, plugin->id, plugin->name);
        if (!copy)
            return -1;
        copy->presence = plugin->presence;
        for (size_t m = 0; m < TM_METRICS_MAX; m++)
            if (plugin->series[m]) {
                struct tm_series *series = tm_plugin_series(copy, m);
                if (!series)
                    return -1;
                *series = *plugin->series[m];
            }
    }
    to->night = from->night;
    to->run_wide_since = from->run_wide_since;
    to->run_wide_good = from->run_wide_good;
    to->previous_run = from->previous_run;
    to->previous_at = from->previous_at;
    return 0;
}

void tm_lineage_free(struct tm_lineage *lineage)
{
    for (size_t i = 0; i < lineage->n_plugins; i++)
        for (size_t m = 0; m < TM_METRICS_MAX; m++)
            free(lineage->plugins[i].series[m]);
    free(lineage->plugins);
    free(lineage->index);
    *lineage = (struct tm_lineage){0};
}

static void restart_level(struct tm_detector *s, int n)
{
    double y[TM_RECENT], common[TM_RECENT], floor = 0.01;
    int count = 0;
    for (int i = 0; i < s->n_base; i++, count++)
        y[count] = s->base[i], common[count] = s->base_common[i];
    for (int i = 0; i < s->n_wait; i++, count++)
        y[count] = s->wait[i], common[count] = s->wait_common[i];
    s->scale_before = s->scale;
    s->n_base = s->n_wait = s->open = 0;
    for (int i = n < count ? count - n : 0; i < count; i++)
        tm_baseline_add(s, y[i], common[i]);
    if (s->n_base > 0)
        tm_baseline_settle(s, floor);
}

static void restart_counts(struct tm_counts *s, int n)
{
    struct tm_counts old = *s;
    int drop_base = old.n_base + old.n_wait - n;
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

static bool is_counted(enum tm_metric_kind kind)
{
    return kind == TM_METRIC_ERRORS || kind == TM_METRIC_CALLS;
}

static bool all_finite(const double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static bool sizes_sound(int n_base, int n_wait, int open)
{
    return n_base >= 0 && n_base <= TM_DETECTOR_BASELINE && n_wait >= 0 && n_wait < TM_DETECTOR_NEWEST && (open == 0 || open == 1);
}

bool tm_series_sound(const struct tm_series *series, enum tm_metric_kind kind)
{
    if (series->alert_night < 0 || series->shared < 0 || series->shared > 2)
        return false;
    if (is_counted(kind)) {
        const struct tm_counts *c = &series->counts;
        return sizes_sound(c->n_base, c->n_wait, c->open) && all_finite(c->events, c->n_base) && all_finite(c->trials, c->n_base) &&
               all_finite(c->wait_events, c->n_wait) && all_finite(c->wait_trials, c->n_wait) && isfinite(c->old_rate);
    }
    const struct tm_detector *d = &series->level;
    const double numbers[] = {d->median,          d->scale,        d->raw_median, d->raw_scale,
                              d->autocorrelation, d->scale_before, d->old_median, d->old_scale};
    return sizes_sound(d->n_base, d->n_wait, d->open) && all_finite(d->base, d->n_base) && all_finite(d->base_common, d->n_base) &&
           all_finite(d->wait, d->n_wait) && all_finite(d->wait_common, d->n_wait) &&
           all_finite(numbers, (int)(sizeof numbers / sizeof *numbers));
}

void tm_series_forgive(struct tm_series *series, enum tm_metric_kind kind)
{
    *(is_counted(kind) ? &series->counts.open : &series->level.open) = 0;
    series->since_run = series->good_run = series->alert_night = series->shared = 0;
}

void tm_series_restart(struct tm_series *series, enum tm_metric_kind kind, int n)
{
    if (is_counted(kind))
        restart_counts(&series->counts, n);
    else
        restart_level(&series->level, n);
    tm_series_forgive(series, kind);
}
