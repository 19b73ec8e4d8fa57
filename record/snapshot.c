/* What is recorded, plugin by plugin, all threads together. */
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "record/binding.h"
#include "record/entry.h"
#include "record/monitor.h"
#include "record/snapshot.h"
#include "record/threads.h"

enum {
    SPIKES = 4096, /* that failed flushes may leave: sixteen times what the monitor keeps */
    NS = 1000000000,
};

struct tm_taken {
    struct tm_rec_snapshot shown; /* the first member: a host holds this one's address */
    struct tm_source *sources;    /* of the entries */
    uint32_t generation;
    int64_t since; /* of the period's start, ns */
    bool blobs;    /* with latency sketches */
};

/* Spikes that a failed flush has left, by time; guarded by the recorder's lock. */
static struct {
    struct tm_spike spikes[SPIKES];
    size_t n;
} unwritten;

void tm_snapshot_forget(void)
{
    unwritten.n = 0;
    tm_recorder.unflushed_since = tm_rec_now();
}

/* ---- reading ---- */

/* Waits where the thread adds to the cell all the time: then it is asked to stop for a moment. */
static void read_cell(struct tm_cell *cell, bool take, struct tm_totals *totals, struct tm_totals *scratch)
{
    if (tm_cell_read(cell, take, totals, scratch))
        return;
    atomic_store(&cell->wanted, true);
    while (!tm_cell_read(cell, take, totals, scratch))
        sched_yield();
    atomic_store(&cell->wanted, false);
}

/* All threads' cells and what gone threads have left. */
static void read_totals(const tm_rec_plugin *plugin, bool take, struct tm_totals *totals)
{
    static struct tm_totals scratch; /* guarded by the lock */
    tm_totals_clear(totals);
    tm_totals_add(totals, &plugin->carry);
    for (struct tm_thread *thread = tm_recorder.threads; thread; thread = thread->next) {
        struct tm_cell *cell = thread->generation == tm_recorder.generation ? thread->cells[plugin->ordinal] : NULL;
        if (cell && thread == tm_thread_self)
            tm_cell_mend(cell);
        if (cell)
            read_cell(cell, take, totals, &scratch);
    }
}

/* Memory by owner: what it holds more than at the last flush, and its peak since then. */
static void read_owner(tm_rec_plugin *plugin, bool take, struct tm_source *source)
{
    int64_t live = atomic_load(&plugin->owner.live);
    source->owner_delta = live - plugin->owner_taken;
    source->owner_peak = take ? atomic_exchange(&plugin->owner.peak, live) : atomic_load(&plugin->owner.peak);
    if (take)
        plugin->owner_taken = live;
}

/* A plugin that was never called may still be to blame. */
static bool spiked(const struct tm_taken *taken, const tm_rec_plugin *plugin)
{
    for (size_t i = 0; i < taken->shown.n_spikes; i++)
        if (taken->shown.spikes[i].plugin == plugin->name)
            return true;
    return false;
}

/* ---- all of it ---- */

/* 1: an entry was added; 0: there is nothing to say of the plugin; -1: no memory, nothing was taken. */
static int add_entry(struct tm_taken *taken, tm_rec_plugin *plugin, bool take)
{
    static struct tm_totals totals; /* guarded by the lock */
    struct tm_rec_entry *entry = &taken->shown.entries[taken->shown.n_entries];
    struct tm_source *source = &taken->sources[taken->shown.n_entries];
    read_totals(plugin, take, &totals);
    bool any = totals.sums[TM_CALLS] > 0 || spiked(taken, plugin);
    source->plugin = plugin;
    if (!any || tm_source_make(source, &totals, taken->blobs) != 0) {
        memcpy(plugin->carry.extremes, totals.extremes, sizeof totals.extremes);
        return any ? -1 : 0;
    }
    if (take)
        tm_totals_take(&plugin->carry, &totals);
    read_owner(plugin, take, source);
    if (source->errors)
        tm_errors_read(&plugin->errors, take, source->errors);
    tm_entry_fill(entry, source);
    taken->shown.n_entries++;
    return 1;
}

/* Those that a failed flush has left come first. take: they are gone from both places, unless there is no memory (-1). */
static int read_spikes(struct tm_taken *taken, bool take)
{
    static struct tm_spike spikes[SPIKES]; /* guarded by the lock */
    size_t n = unwritten.n;
    memcpy(spikes, unwritten.spikes, n * sizeof *spikes);
    n += tm_rec_monitor_spikes(spikes + n, SPIKES - n, take);
    for (size_t i = unwritten.n; i < n; i++)
        spikes[i].at_ms = tm_unflushed_ms_locked(spikes[i].at_ms);
    taken->shown.spikes = malloc((n + 1) * sizeof *spikes);
    if (take) {
        unwritten.n = taken->shown.spikes ? 0 : n;
        memcpy(unwritten.spikes, spikes, unwritten.n * sizeof *spikes);
    }
    if (!taken->shown.spikes)
        return -1;
    memcpy(taken->shown.spikes, spikes, n * sizeof *spikes);
    taken->shown.n_spikes = n;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    tm_rec_plugin *const *p = a, *const *q = b;
    return strcmp((*p)->name, (*q)->name);
}

/* Room for everything. */
static struct tm_taken *new_taken(size_t plugins)
{
    struct tm_taken *taken = calloc(1, sizeof *taken);
    if (!taken)
        return NULL;
    taken->shown.entries = calloc(plugins + 1, sizeof *taken->shown.entries);
    taken->sources = calloc(plugins + 1, sizeof *taken->sources);
    taken->shown.clock = tm_clock_name();
    if (taken->shown.entries && taken->sources)
        return taken;
    tm_taken_free(taken);
    return NULL;
}

/* 0 or more, or -1: no memory. Plugins by name: what is written does not depend on who was registered first. */
static int read_all(struct tm_taken *taken, bool take)
{
    size_t n = tm_recorder.n_plugins;
    tm_rec_plugin **order = malloc((n + 1) * sizeof *order);
    if (!order)
        return -1;
    if (n > 0)
        memcpy(order, tm_recorder.plugins, n * sizeof *order);
    qsort(order, n, sizeof *order, by_name);
    int result = read_spikes(taken, take);
    for (size_t i = 0; i < n && result >= 0; i++)
        result = add_entry(taken, order[i], take);
    free(order);
    return result;
}

/* Sums and latencies add up, extremes and peaks are the larger ones; what has come since then is kept. */
static void give_back_entry(const struct tm_source *source)
{
    struct tm_totals *carry = &source->plugin->carry;
    for (int i = 0; i < TM_SUMS; i++)
        carry->sums[i] += source->sums[i];
    for (int i = 0; i < TM_EXTREMES; i++)
        if (source->extremes[i] > carry->extremes[i])
            carry->extremes[i] = source->extremes[i];
    tm_totals_add_sketch(carry, &source->latency);
    if (source->errors)
        tm_errors_give_back(&source->plugin->errors, source->errors);
    struct tm_memory_owner *owner = &source->plugin->owner;
    int64_t peak = atomic_load(&owner->peak);
    source->plugin->owner_taken -= source->owner_delta;
    while (peak < source->owner_peak && !atomic_compare_exchange_weak(&owner->peak, &peak, source->owner_peak))
        ;
}

/* Of the spikes the oldest that have room. */
static void give_back_spikes(struct tm_taken *taken)
{
    size_t n = taken->shown.n_spikes, more = unwritten.n;
    more = n + more < SPIKES ? more : SPIKES - n;
    memmove(unwritten.spikes + n, unwritten.spikes, more * sizeof *unwritten.spikes);
    memcpy(unwritten.spikes, taken->shown.spikes, n * sizeof *unwritten.spikes);
    unwritten.n = n + more;
}

/* What a stop has made void in the meantime is not given back: it was of another recording. */
static void give_back(struct tm_taken *taken)
{
    if (taken->generation != tm_recorder.generation)
        return;
    for (size_t i = 0; i < taken->shown.n_entries; i++)
        give_back_entry(&taken->sources[i]);
    give_back_spikes(taken);
    tm_recorder.unflushed_since = taken->since;
}

/* One picture of all plugins, under the lock. flush: what is read is gone from the recorder, or,
 * without memory, put back. */
struct tm_taken *tm_take(bool flush, bool blobs)
{
    tm_recorder_lock();
    struct tm_taken *taken = new_taken(tm_recorder.n_plugins);
    if (taken) {
        taken->generation = tm_recorder.generation;
        taken->since = tm_recorder.unflushed_since;
        taken->blobs = blobs;
        int result = read_all(taken, flush);
        if (result >= 0 && flush)
            tm_recorder.unflushed_since = tm_rec_now();
        else if (result < 0 && flush)
            give_back(taken);
        if (result < 0) {
            tm_taken_free(taken);
            taken = NULL;
        }
    }
    tm_recorder_unlock();
    if (!taken)
        tm_rec_fail("out of memory");
    return taken;
}

void tm_taken_give_back(struct tm_taken *taken)
{
    tm_recorder_lock();
    give_back(taken);
    tm_recorder_unlock();
}

void tm_taken_free(struct tm_taken *taken)
{
    if (!taken)
        return;
    for (size_t i = 0; taken->sources && i <= taken->shown.n_entries; i++) /* one more: begun, but not finished */
        tm_source_free(&taken->sources[i]);
    free(taken->sources);
    free(taken->shown.entries);
    free(taken->shown.spikes);
    free(taken);
}

const struct tm_rec_snapshot *tm_taken_shown(const struct tm_taken *taken)
{
    return &taken->shown;
}

/* ns since 1970 of a moment in the recorder's time */
static int64_t since_1970(int64_t at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS + now.tv_nsec - (tm_rec_now() - at);
}

int64_t tm_taken_began(const struct tm_taken *taken)
{
    return since_1970(taken->since) / NS;
}

int64_t tm_rec_began(void)
{
    tm_recorder_lock();
    int64_t seconds = since_1970(tm_recorder.unflushed_since) / NS;
    tm_recorder_unlock();
    return seconds;
}

struct tm_rec_snapshot *tm_rec_take(void)
{
    struct tm_taken *taken = tm_recorder_on() ? tm_take(false, true) : NULL;
    return taken ? &taken->shown : NULL;
}

void tm_rec_snapshot_free(struct tm_rec_snapshot *snapshot)
{
    tm_taken_free((struct tm_taken *)snapshot);
}
