/* A lineage holds its plugins in the order of first sight, found by id through a hash table, and
 * the series that they have had values for. */
#include "analyze/lineage.h"

#include <stdlib.h>

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

struct tm_kept *tm_series_at(const struct tm_plugin *plugin, size_t metric)
{
    return metric < plugin->n_series ? plugin->series[metric] : NULL;
}

/* One allocation a series: most metrics of most plugins have none. */
struct tm_kept **tm_series_place(struct tm_plugin *plugin, size_t metric)
{
    while (plugin->n_series <= metric)
        if (!tm_array_add(&plugin->series, &plugin->n_series, sizeof *plugin->series))
            return NULL;
    return &plugin->series[metric];
}

void tm_lineage_free(struct tm_lineage *lineage)
{
    for (size_t i = 0; i < lineage->n_plugins; i++) {
        for (size_t m = 0; m < lineage->plugins[i].n_series; m++)
            tm_kept_free(lineage->plugins[i].series[m]);
        free(lineage->plugins[i].series);
    }
    free(lineage->plugins);
    tm_hash_free(&lineage->index);
    free(lineage->runs);
    *lineage = (struct tm_lineage){0};
}

void tm_lineage_forget_run_wide(struct tm_lineage *lineage)
{
    lineage->run_wide_since = lineage->run_wide_good = lineage->run_wide_night = 0;
    lineage->run_wide_interval = (struct tm_interval){0};
}
