/* From sums to what is shown and stored: totals, percentiles of the sketch, memory by the mode it is measured in, own times. All
 * memory is taken first, so that once something is taken out of the recorder nothing can fail. */
#include "record/entry.h"

#include "schema/fields.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A percentile in whole nanoseconds, which the sketch is not exact to anyway. */
static double percentile(const struct tm_sketch *sketch, double share)
{
    return round(tm_sketch_quantile(sketch, share));
}

static double unless_nothing(int64_t extreme)
{
    return extreme == TM_NOTHING ? NAN : (double)extreme;
}

static int64_t at_least_zero(int64_t value)
{
    return value > 0 ? value : 0;
}

/* By thread, what calls left behind; by owner, what the plugin holds, wherever it was freed. A
 * peak below zero is a plugin that only freed. */
static void fill_memory(struct tm_profile *profile, const struct tm_source *source)
{
    if (tm_recorder.memory == TM_REC_MEMORY_NET) {
        profile->mem_delta_bytes = (double)source->sums[TM_MEMORY];
        profile->peak_mem_bytes = unless_nothing(source->extremes[TM_PEAK]);
    } else if (tm_recorder.memory == TM_REC_MEMORY_OWNER) {
        profile->mem_delta_bytes = (double)source->owner_delta;
        profile->peak_mem_bytes = (double)at_least_zero(source->owner_peak);
    }
}

/* Own time per call, in whole picoseconds: exact as a decimal number of milliseconds. */
static double self_per_call_ms(int64_t self, int64_t calls)
{
    return round((double)self * 1000 / (double)calls) / 1e9;
}

static void add_reading(struct tm_rec_entry *entry, struct tm_source *source, const char *metric, double value)
{
    struct tm_profile *profile = &entry->profile;
    source->readings[profile->n_readings++] = (struct tm_reading){metric, "ms", value, "lower"};
}

/* Own times are there only where they differ: a plugin that calls no other has none. Nor is there time in which nobody was held. */
static void fill_readings(struct tm_rec_entry *entry, struct tm_source *source)
{
    const int64_t *sums = source->sums, calls = sums[TM_CALLS];
    entry->self_wall_ns = (double)at_least_zero(sums[TM_SELF_WALL]);
    entry->self_cpu_ns = (double)at_least_zero(sums[TM_SELF_CPU]);
    if (calls > 0 && sums[TM_SELF_WALL] != sums[TM_WALL])
        add_reading(entry, source, "self_wall_per_call_ms", self_per_call_ms((int64_t)entry->self_wall_ns, calls));
    if (calls > 0 && sums[TM_SELF_CPU] != sums[TM_CPU])
        add_reading(entry, source, "self_cpu_per_call_ms", self_per_call_ms((int64_t)entry->self_cpu_ns, calls));
    if (sums[TM_HELD] > 0)
        add_reading(entry, source, TM_METRIC_HELD, (double)sums[TM_HELD] / 1e6);
    if (sums[TM_HELD_OTHERS] > 0)
        add_reading(entry, source, TM_METRIC_HELD_OTHERS, (double)sums[TM_HELD_OTHERS] / 1e6);
    if (sums[TM_PREEMPTED] > 0)
        add_reading(entry, source, TM_METRIC_PREEMPTED, (double)sums[TM_PREEMPTED] / 1e6);
    entry->profile.readings = source->readings;
}

/* Everything that a host sees of the plugin. Texts and the sketch are the source's, which lives as long. */
void tm_entry_fill(struct tm_rec_entry *entry, struct tm_source *source)
{
    const int64_t *sums = source->sums;
    struct tm_profile profile = TM_PROFILE_INIT;
    profile.plugin = source->plugin->name;
    profile.plugin_version = source->version;
    profile.clock = tm_clock_name();
    profile.calls = sums[TM_CALLS];
    profile.errors = sums[TM_ERRORS];
    profile.cancelled = sums[TM_CANCELLED];
    profile.timeouts = sums[TM_TIMEOUTS];
    profile.wall_ns = (double)sums[TM_WALL];
    profile.cpu_ns = (double)at_least_zero(sums[TM_CPU]);
    profile.occupied_ns = (double)at_least_zero(sums[TM_OCCUPIED]);
    profile.longest_step_ns = unless_nothing(source->extremes[TM_LONGEST_STEP]);
    profile.wall_p50_ns = percentile(&source->latency, 0.50);
    profile.wall_p95_ns = percentile(&source->latency, 0.95);
    profile.wall_p99_ns = percentile(&source->latency, 0.99);
    profile.wall_max_ns = unless_nothing(source->extremes[TM_SLOWEST]);
    profile.latency = source->blob;
    profile.latency_size = source->blob_size;
    fill_memory(&profile, source);
    entry->profile = profile;
    fill_readings(entry, source);
    const struct tm_errors *errors = source->errors;
    entry->n_errors = errors ? errors->n : 0;
    entry->other_errors = errors ? errors->others : 0;
    for (size_t i = 0; i < entry->n_errors; i++)
        entry->errors[i] = (struct tm_rec_error_count){errors->kinds[i].type, errors->kinds[i].message, errors->kinds[i].count};
}

/* All that needs memory, before anything is taken: 0, or -1 with the source to be freed as it is. */
int tm_source_make(struct tm_source *source, const struct tm_totals *totals, bool blob)
{
    tm_sketch_init(&source->latency);
    memcpy(source->sums, totals->sums, sizeof source->sums);
    memcpy(source->extremes, totals->extremes, sizeof source->extremes);
    if (source->plugin->version && !(source->version = strdup(source->plugin->version)))
        return -1;
    if (tm_totals_to_sketch(totals, &source->latency) != 0)
        return -1;
    if (tm_errors_any(&source->plugin->errors) && !(source->errors = calloc(1, sizeof *source->errors)))
        return -1;
    if (blob)
        source->blob = tm_sketch_encode(&source->latency, &source->blob_size);
    return source->blob || !blob ? 0 : -1;
}

void tm_source_free(struct tm_source *source)
{
    tm_sketch_free(&source->latency);
    free(source->blob);
    free(source->version);
    free(source->errors);
}
