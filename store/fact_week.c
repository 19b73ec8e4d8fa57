/* A week is told whole: which runs are in it, and what they were by plugin and metric. A week of another origin is taken as it is,
 * where it could be one: all else about it is gone. */
#include "store/fact_week.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "store/handle.h"
#include "store/ids.h"
#include "store/weeks.h"

int tm_fact_week_read(tm_store *store, int64_t id, struct tm_fact_week *into, struct tm_week_fact *fact)
{
    struct tm_week_sums *sums = &into->sums;
    tm_week_sums_free(sums);
    if (tm_week_read(store, id, sums) != 0)
        return -1;
    tm_week_sums_sort(sums);
    if (tm_array_reserve(&into->plugins, &into->plugins_room, sums->n_plugins, sizeof *into->plugins) != 0)
        return tm_store_fail(store, "out of memory");
    for (size_t i = 0; i < sums->n_plugins; i++) {
        const struct tm_week_sum *sum = &sums->plugins[i];
        struct tm_week_plugin *plugin = &into->plugins[i];
        *plugin = (struct tm_week_plugin){.plugin = sum->plugin,
                                          .calls = sum->calls,
                                          .errors = sum->errors,
                                          .wall_ns = sum->wall_ns,
                                          .cpu_ns = sum->cpu_ns,
                                          .metrics = sum->metrics,
                                          .n_metrics = sum->n_metrics};
        if (tm_sketch_count(&sum->latency) == 0)
            continue;
        size_t size;
        unsigned char *latency = tm_sketch_encode(&sum->latency, &size);
        plugin->latency = latency ? tm_arena_text(&sums->texts, (const char *)latency, size) : NULL;
        plugin->latency_size = size;
        free(latency);
        if (!plugin->latency)
            return tm_store_fail(store, "out of memory");
    }
    fact->runs = sums->runs;
    fact->n_runs = sums->n_runs;
    fact->plugins = into->plugins;
    fact->n_plugins = sums->n_plugins;
    return 0;
}

void tm_fact_week_free(struct tm_fact_week *week)
{
    tm_week_sums_free(&week->sums);
    free(week->plugins);
}

/* What the tables ask of a plugin's rows, which a writer's connection passes over. NULL: nothing is wrong. */
static const char *plugin_fault(const struct tm_week_fact *fact, const struct tm_week_plugin *plugin)
{
    if (plugin->calls < 0 || (plugin->errors != TM_UNKNOWN && plugin->errors > plugin->calls))
        return "has more errors than calls, or no calls";
    if (plugin->wall_ns < 0 || plugin->cpu_ns < 0)
        return "has a time below zero";
    for (size_t i = 0; i < plugin->n_metrics; i++) {
        const struct tm_week_value *value = &plugin->metrics[i].value;
        if (i > 0 && strcmp(plugin->metrics[i - 1].metric, plugin->metrics[i].metric) >= 0)
            return "has metrics out of order, or twice";
        if (!tm_week_value_sound(value) || value->n > (int64_t)fact->n_runs)
            return "has values that cannot be those of the week's runs";
    }
    return NULL;
}

static int check_week(tm_store *store, const struct tm_week_fact *fact)
{
    const char *fault = fact->n_runs == 0 ? "has no runs" : NULL;
    if (fact->begins_at != tm_week_begin(fact->begins_at < 0 ? 0 : fact->begins_at))
        fault = "does not begin on a Monday";
    for (size_t i = 1; i < fact->n_runs && !fault; i++)
        if (strcmp(fact->runs[i - 1], fact->runs[i]) >= 0)
            fault = "has runs out of order, or twice";
    for (size_t i = 1; i < fact->n_plugins && !fault; i++)
        if (strcmp(fact->plugins[i - 1].plugin, fact->plugins[i].plugin) >= 0)
            fault = "has plugins out of order, or twice";
    if (fault)
        return tm_store_fail(store, "a week of branch '%s' on host '%s' %s", fact->branch, fact->host, fault);
    for (size_t i = 0; i < fact->n_plugins; i++)
        if ((fault = plugin_fault(fact, &fact->plugins[i])))
            return tm_store_fail(store, "plugin '%s' in a week of branch '%s' %s", fact->plugins[i].plugin, fact->branch, fault);
    return 0;
}

/* The place of a fact, as far as it is there: 1, 0 or -1. */
static int find_place(tm_store *store, int64_t project, const struct tm_week_fact *fact, struct tm_week_place *place)
{
    *place = (struct tm_week_place){.project = project, .branch = fact->branch, .begins_at = fact->begins_at};
    return tm_get(store, &place->host, TM_Q_HOST_FIND, "t", fact->host);
}

static int fill_sums(tm_store *store, int64_t project, const struct tm_week_fact *fact, struct tm_week_sums *sums)
{
    enum tm_week_fault fault = TM_WEEK_DONE;
    for (size_t i = 0; i < fact->n_runs && fault == TM_WEEK_DONE; i++)
        fault = tm_week_add_run(sums, fact->runs[i]);
    for (size_t i = 0; i < fact->n_plugins && fault == TM_WEEK_DONE; i++) {
        const struct tm_week_plugin *plugin = &fact->plugins[i];
        int64_t id;
        if (tm_make_plugin(store, project, plugin->plugin, &id) != 0)
            return -1;
        struct tm_week_sum *sum = tm_week_sum_of(sums, id, plugin->plugin);
        fault = sum ? tm_week_sum_add(sums, sum, plugin) : TM_WEEK_NO_MEMORY;
        if (fault != TM_WEEK_DONE)
            return tm_week_fail(store, fault, plugin->plugin);
    }
    return fault == TM_WEEK_DONE ? 0 : tm_week_fail(store, fault, "");
}

int tm_put_week(tm_store *store, int64_t project, const struct tm_week_fact *fact)
{
    struct tm_week_place place;
    struct tm_week_sums sums = {0};
    int64_t id = 0;
    if (check_week(store, fact) != 0 || find_place(store, project, fact, &place) < 0 ||
        tm_make_host(store, fact->host, &place.host) != 0 || tm_week_find(store, &place, &id) != 0)
        return -1;
    if (id)
        return tm_store_fail(store, "a week of branch '%s' on host '%s' occurs twice", fact->branch, fact->host);
    int result = fill_sums(store, project, fact, &sums);
    if (result == 0)
        result = tm_week_write(store, &place, 0, &sums);
    tm_week_sums_free(&sums);
    return result;
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_metrics(const struct tm_week_plugin *a, const struct tm_week_plugin *b)
{
    bool same = a->n_metrics == b->n_metrics;
    for (size_t i = 0; i < a->n_metrics && same; i++) {
        const struct tm_week_value *one = &a->metrics[i].value, *other = &b->metrics[i].value;
        same = strcmp(a->metrics[i].metric, b->metrics[i].metric) == 0 && one->n == other->n && one->mean == other->mean &&
               one->m2 == other->m2 && one->least == other->least && one->most == other->most;
    }
    return same;
}

static bool same_plugin(const struct tm_week_plugin *a, const struct tm_week_plugin *b)
{
    return strcmp(a->plugin, b->plugin) == 0 && a->calls == b->calls && a->errors == b->errors &&
           same_number(a->wall_ns, b->wall_ns) && same_number(a->cpu_ns, b->cpu_ns) && !a->latency == !b->latency &&
           (!a->latency || (a->latency_size == b->latency_size && memcmp(a->latency, b->latency, a->latency_size) == 0)) &&
           same_metrics(a, b);
}

static bool same_week(const struct tm_week_fact *a, const struct tm_week_fact *b)
{
    bool same = a->n_runs == b->n_runs && a->n_plugins == b->n_plugins;
    for (size_t i = 0; i < a->n_runs && same; i++)
        same = strcmp(a->runs[i], b->runs[i]) == 0;
    for (size_t i = 0; i < a->n_plugins && same; i++)
        same = same_plugin(&a->plugins[i], &b->plugins[i]);
    return same;
}

int tm_compare_week(tm_store *store, int64_t project, const struct tm_week_fact *fact)
{
    struct tm_week_place place;
    struct tm_fact_week stored = {0};
    struct tm_week_fact there;
    int64_t id = 0;
    int found = find_place(store, project, fact, &place);
    if (found < 0 || (found == 1 && tm_week_find(store, &place, &id) != 0))
        return -1;
    if (!id)
        return TM_NO_WEEK;
    int result = tm_fact_week_read(store, id, &stored, &there) != 0 ? -1 : same_week(fact, &there) ? TM_SAME_WEEK : TM_OTHER_WEEK;
    tm_fact_week_free(&stored);
    return result;
}
