/* Single calls become a profile while they stream past: totals, the sketch of wall times, and of
 * each further metric the mean. Totals of a plugin's calls hang at its symbol, so adding a call
 * looks nothing up, and are cleared when the run that they are of has been handed on. */
#include "ingest/calls.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "schema/sketch.h"

/* A sum that keeps what rounding loses (Neumaier 1974): a million calls of a microsecond after
 * one of an hour still count. Empty: no value was added. */
struct sum {
    double total, lost;
    uint64_t count;
};

/* One plugin's calls of the run in hand; calls 0: none yet. `metrics` has an element for each
 * further column of the input. */
struct tm_call_total {
    int64_t calls, errors, cancelled, timeouts;
    struct sum wall, cpu, mem_delta, occupied;
    double peak_mem, longest_step;
    struct tm_sketch sketch;
    struct sum metrics[];
};

/* NAN is "not recorded" and no part of the sum. */
static inline void add_to(struct sum *sum, double value)
{
    if (isnan(value))
        return;
    double total = sum->total + value;
    sum->lost += fabs(sum->total) >= fabs(value) ? (sum->total - total) + value : (value - total) + sum->total;
    sum->total = total;
    sum->count++;
}

/* NAN of an empty sum. Where the total has overflowed, `lost` is NAN and would hide it: the
 * infinity is refused later, with a message. */
static double value_of(const struct sum *sum)
{
    if (sum->count == 0)
        return NAN;
    return isfinite(sum->total) ? sum->total + sum->lost : sum->total;
}

/* Unknown until one call says a number. */
static inline void count_known(int64_t *total, int64_t value)
{
    if (value != TM_UNKNOWN)
        *total = (*total == TM_UNKNOWN ? 0 : *total) + value;
}

static struct tm_call_total *new_total(size_t n_metrics)
{
    struct tm_call_total *total = calloc(1, sizeof *total + n_metrics * sizeof *total->metrics);
    if (total)
        tm_sketch_init(&total->sketch);
    return total;
}

/* Everything but the sketch's buckets, which are used again: a night of many runs would allocate
 * them anew for each. */
static void clear_total(struct tm_call_total *total, size_t n_metrics)
{
    struct tm_sketch sketch = total->sketch;
    memset(total, 0, sizeof *total + n_metrics * sizeof *total->metrics);
    total->sketch = sketch;
    tm_sketch_reset(&total->sketch);
    total->errors = total->cancelled = total->timeouts = TM_UNKNOWN;
    total->peak_mem = total->longest_step = NAN;
}

/* The plugin's first call of this run. */
static int enlist(struct tm_calls *calls, struct tm_symbol *plugin, size_t n_metrics)
{
    if (tm_array_reserve(&calls->called, &calls->room, calls->count + 1, sizeof *calls->called) != 0)
        return -1;
    if (!plugin->calls && !(plugin->calls = new_total(n_metrics)))
        return -1;
    clear_total(plugin->calls, n_metrics);
    calls->called[calls->count++] = plugin;
    return 0;
}

/* Called for every row: no look-up and no allocation but for a plugin's first call. */
int tm_calls_add(struct tm_calls *calls, struct tm_symbol *plugin, const struct tm_profile *call, const double *values,
                 size_t n_values)
{
    if ((!plugin->calls || plugin->calls->calls == 0) && enlist(calls, plugin, n_values) != 0)
        return -1;
    struct tm_call_total *total = plugin->calls;
    total->calls++;
    count_known(&total->errors, call->errors);
    count_known(&total->cancelled, call->cancelled);
    count_known(&total->timeouts, call->timeouts);
    add_to(&total->wall, call->wall_ns);
    add_to(&total->cpu, call->cpu_ns);
    add_to(&total->mem_delta, call->mem_delta_bytes);
    add_to(&total->occupied, call->occupied_ns);
    /* fmax() passes over a NAN on either side: the highest that was recorded. */
    total->peak_mem = fmax(total->peak_mem, call->peak_mem_bytes);
    total->longest_step = fmax(total->longest_step, call->longest_step_ns);
    for (size_t i = 0; i < n_values; i++)
        add_to(&total->metrics[i], values[i]);
    return tm_sketch_add(&total->sketch, call->wall_ns);
}

/* Counted first: readings take as much of the arena as there are values, and most rows lack most
 * metrics. */
int tm_give_readings(struct tm_chunk *chunk, struct tm_profile *profile, const struct tm_metrics *metrics, const double *values)
{
    size_t given = 0;
    for (size_t i = 0; i < metrics->count; i++)
        given += isnan(values[i]) ? 0 : 1;
    struct tm_reading *readings = given ? tm_arena_take(&chunk->arena, given * sizeof *readings) : NULL;
    if (given && !readings)
        return -1;
    profile->readings = readings;
    for (size_t i = 0; readings && i < metrics->count; i++)
        if (!isnan(values[i])) {
            readings[profile->n_readings] = metrics->names[i];
            readings[profile->n_readings++].value = values[i];
        }
    return 0;
}

/* The sketch as a blob in the chunk's memory, and the percentiles that the views show, within 1 %. */
static int give_sketch(struct tm_chunk *chunk, struct tm_profile *profile, const struct tm_sketch *sketch)
{
    unsigned char *blob = tm_sketch_encode(sketch, &profile->latency_size);
    void *kept = blob ? tm_arena_take(&chunk->arena, profile->latency_size) : NULL;
    if (kept)
        profile->latency = memcpy(kept, blob, profile->latency_size);
    free(blob);
    profile->wall_p50_ns = tm_sketch_quantile(sketch, 0.50);
    profile->wall_p95_ns = tm_sketch_quantile(sketch, 0.95);
    profile->wall_p99_ns = tm_sketch_quantile(sketch, 0.99);
    profile->wall_max_ns = tm_sketch_quantile(sketch, 1.00);
    return kept ? 0 : -1;
}

/* One plugin's calls as a profile. `means` is scratch for a value per metric; a metric that no
 * call had is 0/0, NAN, which is "none". */
static int emit_profile(const struct tm_symbol *plugin, struct tm_chunk *chunk, const struct tm_metrics *metrics, double *means)
{
    struct tm_call_total *total = plugin->calls;
    struct tm_profile *profile = tm_chunk_add_profile(chunk);
    if (!profile)
        return -1;
    *profile = (struct tm_profile)TM_PROFILE_INIT;
    profile->plugin = plugin->text;
    profile->calls = total->calls;
    profile->errors = total->errors;
    profile->cancelled = total->cancelled;
    profile->timeouts = total->timeouts;
    profile->wall_ns = value_of(&total->wall);
    profile->cpu_ns = value_of(&total->cpu);
    profile->mem_delta_bytes = value_of(&total->mem_delta);
    profile->peak_mem_bytes = total->peak_mem;
    profile->occupied_ns = value_of(&total->occupied);
    profile->longest_step_ns = total->longest_step;
    for (size_t i = 0; i < metrics->count; i++)
        means[i] = value_of(&total->metrics[i]) / (double)total->metrics[i].count;
    /* The next run's first call finds it empty and clears it. */
    total->calls = 0;
    return give_sketch(chunk, profile, &total->sketch) != 0 ? -1 : tm_give_readings(chunk, profile, metrics, means);
}

/* In the order of first calls, which is that of the file. */
int tm_calls_finish(struct tm_calls *calls, struct tm_chunk *chunk, const struct tm_metrics *metrics)
{
    double *means = tm_arena_take(&chunk->arena, (metrics->count + 1) * sizeof *means);
    int result = means ? 0 : -1;
    for (size_t i = 0; i < calls->count && result == 0; i++)
        result = emit_profile(calls->called[i], chunk, metrics, means);
    calls->count = 0;
    return result;
}

void tm_calls_free(struct tm_calls *calls, struct tm_symbols *symbols)
{
    for (struct tm_symbol *symbol = symbols->newest; symbol; symbol = symbol->older)
        if (symbol->calls) {
            tm_sketch_free(&symbol->calls->sketch);
            free(symbol->calls);
            symbol->calls = NULL;
        }
    free(calls->called);
    *calls = (struct tm_calls){0};
}
