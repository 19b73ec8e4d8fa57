/* A week in memory while runs are added to it: sums by plugin, and values by plugin and metric. */
#ifndef TM_STORE_WEEK_SUMS_H
#define TM_STORE_WEEK_SUMS_H

#include "base/arena.h"
#include "base/hash.h"
#include "schema/facts.h"
#include "schema/sketch.h"

/* Of a plugin. */
struct tm_week_sum {
    int64_t plugin_id;
    const char *plugin;
    int64_t calls, errors; /* TM_UNKNOWN: nobody knows */
    double wall_ns, cpu_ns;
    struct tm_sketch latency; /* no value: there was none */
    struct tm_week_metric *metrics;
    size_t n_metrics, metrics_room;
    size_t next_metric; /* where the one that comes next most likely is */
};

/* All zero is an empty one. */
struct tm_week_sums {
    struct tm_arena texts;
    struct tm_week_sum *plugins;
    size_t n_plugins, plugins_room;
    struct tm_hash by_id; /* of positions in plugins, plus one */
    const char **runs;    /* keys */
    size_t n_runs, runs_room;
};

/* What can go wrong. */
enum tm_week_fault {
    TM_WEEK_DONE,
    TM_WEEK_NO_MEMORY,
    TM_WEEK_TOO_FAR, /* the values lie too far apart (tm_week_value_add), or the calls are too many to be counted */
    TM_WEEK_DAMAGED, /* a sketch that is none */
};

/* Makes the plugin's sums, or finds them. NULL: no memory. Valid until the next one is made. */
struct tm_week_sum *tm_week_sum_of(struct tm_week_sums *sums, int64_t plugin_id, const char *plugin);

/* NULL: there is none of that plugin. */
struct tm_week_sum *tm_week_sum_find(const struct tm_week_sums *sums, int64_t plugin_id);

/* Adds what a run or a whole week knows of the plugin; its metrics are looked at too. plugin->plugin is not. TM_WEEK_DAMAGED: all
 * but the sketch and the metrics was added. */
enum tm_week_fault tm_week_sum_add(struct tm_week_sums *sums, struct tm_week_sum *sum, const struct tm_week_plugin *plugin);

/* Adds values of one metric. */
enum tm_week_fault tm_week_sum_add_value(struct tm_week_sums *sums, struct tm_week_sum *sum, const char *metric,
                                         const struct tm_week_value *value);

/* Is the run in it? And adding it. */
bool tm_week_has_run(const struct tm_week_sums *sums, const char *key);
enum tm_week_fault tm_week_add_run(struct tm_week_sums *sums, const char *key);

/* Puts all in the order that struct tm_week_fact has. */
void tm_week_sums_sort(struct tm_week_sums *sums);

/* Drops all; it is then an empty one. */
void tm_week_sums_free(struct tm_week_sums *sums);

#endif
