/* Rows of one name are met anywhere in a file, so their sums hang at the name, while samples and
 * readings go into two lists with the name's position, and are sorted when the run ends.
 *
 * A mean of times is weighted by calls. What else is measured need not be of calls: there each row
 * counts alike. */
#include "ingest/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "ingest/settle.h"
#include "schema/sketch.h"
#include "schema/units.h"
#include "schema/valid.h"

enum {
    P95_SAMPLES = 20,  /* of fewer samples the 95th percentile is hardly other than the largest */
    P99_SAMPLES = 100, /* and the 99th */
};

/* What is summed up of a name. */
struct tm_gathered {
    struct tm_symbol *symbol;
    int64_t rows, calls, errors;
    double wall, wall_calls, cpu, cpu_calls; /* totals, and the calls that they are of */
    double peak_mem, p50, p95, p99, max;     /* percentiles: of a row that had them */
};

/* A sample of the row at `of`. Of these there may be millions. */
struct tm_gather_sample {
    size_t of;
    double value;
};

/* A reading of the row at `of`. */
struct tm_gather_value {
    size_t of, order;
    int metric;
    double value;
};

int64_t tm_gather_calls(double calls)
{
    return calls >= 1 && calls <= 0x1p53 ? (int64_t)calls : 1;
}

void tm_gather_begin(struct tm_gather *gather, struct tm_sink *sink, const char *file)
{
    gather->sink = sink;
    gather->file = file;
    gather->named = 0;
}

static void *no_memory(struct tm_gather *gather)
{
    tm_sink_no_memory(gather->sink, gather->file);
    return NULL;
}

/* The sums of a name, made if it is new in this run. NULL: no memory, which has been noted. */
static struct tm_gathered *row_of(struct tm_gather *gather, const char *name, size_t size, uint64_t line)
{
    const char *fault = NULL;
    name = tm_gather_name(gather, name, &size, line);
    struct tm_symbol *symbol = name ? tm_sink_plugin(gather->sink, name, size, &fault) : NULL;
    if (!symbol)
        return NULL;
    uint64_t hash = tm_hash_integer((int64_t)(intptr_t)symbol);
    uintptr_t found = tm_hash_find(&gather->index, hash, NULL, NULL);
    gather->row = found ? found - 1 : gather->n_rows;
    if (found)
        return &gather->rows[found - 1];
    if (tm_array_reserve(&gather->rows, &gather->rows_room, gather->n_rows + 1, sizeof *gather->rows) != 0 ||
        tm_hash_add(&gather->index, hash, gather->n_rows + 1) != 0)
        return no_memory(gather);
    struct tm_gathered *row = &gather->rows[gather->n_rows++];
    *row = (struct tm_gathered){
        .symbol = symbol, .errors = TM_UNKNOWN, .peak_mem = NAN, .p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN};
    return row;
}

bool tm_gather_has(const struct tm_gather *gather, const char *name, size_t size)
{
    for (size_t i = 0; i < gather->n_rows; i++)
        if (gather->rows[i].symbol->size == size && memcmp(gather->rows[i].symbol->text, name, size) == 0)
            return true;
    return false;
}

/* Room for one more of `n`; false: there is none, which has been told. */
static bool has_room(struct tm_gather *gather, void *list, size_t n, size_t *room, size_t size)
{
    const struct tm_place place = {gather->file, 0, 0};
    if (n >= TM_GATHER_MOST) {
        tm_diag_error(gather->sink->diag, &place, "found more than %d single values in one run, expected fewer", TM_GATHER_MOST);
        gather->sink->failed = true;
    } else if (tm_array_reserve(list, room, n + 1, size) != 0) {
        no_memory(gather);
    }
    return !gather->sink->failed;
}

/* The wall time per call of the row in hand. */
static void add_wall(struct tm_gathered *row, double wall_ns, double calls)
{
    row->wall += wall_ns * calls;
    row->wall_calls += calls;
}

static void add_sample(struct tm_gather *gather, double ns)
{
    if (!gather->sink->failed && ns >= 0 && isfinite(ns) &&
        has_room(gather, &gather->samples, gather->n_samples, &gather->samples_room, sizeof *gather->samples))
        gather->samples[gather->n_samples++] = (struct tm_gather_sample){gather->row, ns};
}

/* A percentile of the one row that has it; of several rows it cannot be had. */
static void take_percentiles(struct tm_gathered *row, const struct tm_gather_row *from)
{
    bool first = row->rows == 1;
    row->p50 = first ? from->p50_ns : NAN;
    row->p95 = first ? from->p95_ns : NAN;
    row->p99 = first ? from->p99_ns : NAN;
    row->max = fmax(row->max, from->max_ns);
}

void tm_gather_row(struct tm_gather *gather, const struct tm_gather_row *from, uint64_t line)
{
    struct tm_gathered *row = gather->sink->failed ? NULL : row_of(gather, from->name, from->size, line);
    if (!row)
        return;
    double calls = gather->weight = (double)from->calls;
    row->rows++;
    row->calls = row->calls > INT64_MAX - from->calls ? INT64_MAX : row->calls + from->calls;
    if (from->errors != TM_UNKNOWN)
        row->errors = (row->errors == TM_UNKNOWN ? 0 : row->errors) + from->errors;
    if (!isnan(from->wall_ns))
        add_wall(row, from->wall_ns, calls);
    if (!isnan(from->cpu_ns)) {
        row->cpu += from->cpu_ns * calls;
        row->cpu_calls += calls;
    }
    row->peak_mem = fmax(row->peak_mem, from->peak_mem_bytes);
    take_percentiles(row, from);
    for (size_t i = 0; i < from->n_samples; i++)
        add_sample(gather, from->samples[i]);
    if (from->n_samples == 0 && !isnan(from->wall_ns))
        add_sample(gather, from->wall_ns);
}

void tm_gather_reading(struct tm_gather *gather, const char *metric, const char *unit, const char *better, double value)
{
    if (!isfinite(value) || gather->sink->failed)
        return;
    size_t size = strlen(metric);
    const char *name = tm_gather_name(gather, metric, &size, 0);
    if (unit && tm_name_fault(unit, strlen(unit)))
        unit = NULL;
    bool is_new;
    int ordinal = name ? tm_sink_metric(gather->sink, name, unit, better, &is_new) : -1;
    if (ordinal < 0)
        return;
    const char *first = gather->sink->metrics.names[ordinal].unit;
    double factor = unit && first ? tm_unit_factor(unit, first) : 1;
    size_t n = gather->n_readings;
    if (factor > 0 && has_room(gather, &gather->readings, n, &gather->readings_room, sizeof *gather->readings))
        gather->readings[gather->n_readings++] = (struct tm_gather_value){gather->row, n, ordinal, value * factor};
    else if (!(factor > 0))
        tm_diag_error(gather->sink->diag, &(struct tm_place){gather->file, 0, 0},
                      "metric '%s' has the unit '%s', and had '%s' before: neither is a multiple of the other", name, unit, first);
}

/* A time that is better when it is longer is no time that a call takes. */
void tm_gather_by_unit(struct tm_gather *gather, const char *unit, const char *better, double value)
{
    const struct tm_unit *known = unit ? tm_unit_named(unit, strlen(unit)) : NULL;
    const char *usual = unit ? tm_unit_better(unit) : NULL;
    /* What people say of all metrics is more than what a unit makes likely. */
    if (!better)
        better = tm_ingest_better(gather->sink->options, unit && *unit ? unit : "value", NULL);
    bool higher = better && strcmp(better, "higher") == 0;
    if (gather->row >= gather->n_rows || isnan(value))
        return;
    if (known && known->dimension == TM_DIMENSION_TIME && !higher && value >= 0) {
        add_wall(&gather->rows[gather->row], value * known->factor, gather->weight);
        add_sample(gather, value * known->factor);
        return;
    }
    /* One unit in two directions is two metrics: free memory and memory used. */
    char name[TM_NAME_MAX + 32];
    bool unusual = better && (usual ? strcmp(better, usual) != 0 : higher);
    snprintf(name, sizeof name, "%.*s%s", TM_NAME_MAX, unit && *unit ? unit : "value",
             !unusual ? ""
             : higher ? " (higher is better)"
                      : " (lower is better)");
    tm_gather_reading(gather, name, unit, better ? better : usual, value);
}

static int by_row_and_value(const void *a, const void *b)
{
    const struct tm_gather_sample *x = a, *y = b;
    if (x->of != y->of)
        return x->of < y->of ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static int by_row_and_metric(const void *a, const void *b)
{
    const struct tm_gather_value *x = a, *y = b;
    if (x->of != y->of)
        return x->of < y->of ? -1 : 1;
    if (x->metric != y->metric)
        return x->metric < y->metric ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Type 7 (Hyndman & Fan 1996) of sorted samples, the rule of percentile(x, p). */
static double quantile(const struct tm_gather_sample *sorted, size_t n, double q)
{
    double h = q * (double)(n - 1), below = floor(h);
    const struct tm_gather_sample *at = sorted + (size_t)below;
    return h > below ? at[0].value + (h - below) * (at[1].value - at[0].value) : at[0].value;
}

/* The samples as a sketch in the chunk; few are told by the percentiles alone. */
static bool give_sketch(struct tm_gather *gather, const struct tm_gather_sample *samples, size_t n, struct tm_profile *profile)
{
    struct tm_sketch sketch;
    tm_sketch_init(&sketch);
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = tm_sketch_add(&sketch, samples[i].value) == 0;
    unsigned char *blob = good ? tm_sketch_encode(&sketch, &profile->latency_size) : NULL;
    void *kept = blob ? tm_arena_take(&gather->sink->chunk->arena, profile->latency_size) : NULL;
    if (kept)
        profile->latency = memcpy(kept, blob, profile->latency_size);
    free(blob);
    tm_sketch_free(&sketch);
    if (!kept)
        no_memory(gather);
    return kept;
}

/* A percentile that is known is not below those before it; one that is not known stays unknown. */
static void lift(double *percentile, double before)
{
    if (*percentile < before)
        *percentile = before;
}

/* What a row says of itself counts; else p95 and p99 only of enough samples. */
static void give_percentiles(struct tm_gather *gather, const struct tm_gathered *row, const struct tm_gather_sample *samples,
                             size_t n, struct tm_profile *profile)
{
    profile->wall_p50_ns = row->p50;
    profile->wall_p95_ns = row->p95;
    profile->wall_p99_ns = row->p99;
    profile->wall_max_ns = row->max;
    if (n >= 2) {
        profile->wall_p50_ns = isnan(row->p50) ? quantile(samples, n, 0.5) : row->p50;
        profile->wall_p95_ns = isnan(row->p95) && n >= P95_SAMPLES ? quantile(samples, n, 0.95) : row->p95;
        profile->wall_p99_ns = isnan(row->p99) && n >= P99_SAMPLES ? quantile(samples, n, 0.99) : row->p99;
        profile->wall_max_ns = fmax(row->max, samples[n - 1].value);
    }
    /* Programs round each by itself: what falls by a digit is no percentile that anybody could compare. */
    lift(&profile->wall_p95_ns, profile->wall_p50_ns);
    lift(&profile->wall_p99_ns, fmax(profile->wall_p50_ns, profile->wall_p95_ns));
    lift(&profile->wall_max_ns, fmax(fmax(profile->wall_p50_ns, profile->wall_p95_ns), profile->wall_p99_ns));
    if (n >= P95_SAMPLES)
        give_sketch(gather, samples, n, profile);
}

/* Tells who asks of a single value. */
static void tell_single(struct tm_gather *gather, size_t row, const char *metric, double value)
{
    const struct tm_ingest_options *options = gather->sink->options;
    if (options->single && !gather->sink->failed &&
        options->single(options->single_context, gather->rows[row].symbol->text, metric, value) != 0)
        no_memory(gather);
}

/* The means of the row's readings into the sink's values; returns how many entries of the list, from there on, are its own. */
static size_t give_readings(struct tm_gather *gather, size_t from, size_t row)
{
    const struct tm_gather_value *readings = gather->readings;
    size_t used = from, n = gather->n_readings;
    tm_sink_clear_values(gather->sink);
    while (used < n && readings[used].of == row) {
        int metric = readings[used].metric;
        double sum = 0;
        size_t first = used;
        for (; used < n && readings[used].of == row && readings[used].metric == metric; used++) {
            sum += readings[used].value;
            tell_single(gather, row, gather->sink->metrics.names[metric].metric, readings[used].value);
        }
        double mean = sum / (double)(used - first);
        if (isfinite(mean)) /* else it is as good as not measured */
            gather->sink->values[metric] = mean;
    }
    return used - from;
}

/* Programs write what no measurement is: a negative time, a number near the end of what a double holds. It is left out, with a
 * notice; the rest of the row counts. */
static void drop_unfit(struct tm_gather *gather, const struct tm_gathered *row, struct tm_profile *profile)
{
    double *const all[] = {&profile->wall_ns,     &profile->cpu_ns,      &profile->peak_mem_bytes, &profile->wall_p50_ns,
                           &profile->wall_p95_ns, &profile->wall_p99_ns, &profile->wall_max_ns};
    const struct tm_place place = {gather->file, 0, 0};
    char shown[TM_SHOWN_SIZE];
    bool any = false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!isnan(*all[i]) && !(*all[i] >= 0 && isfinite(*all[i]))) {
            *all[i] = NAN;
            any = true;
        }
    if (any)
        tm_diag_notice(gather->sink->diag, &place, "a measurement of '%s' is left out: it is negative or too large",
                       tm_shown(row->symbol->text, row->symbol->size, shown));
}

static void give_rows(struct tm_gather *gather)
{
    size_t sample = 0, first = 0; /* of the row in hand */
    for (size_t i = 0; i < gather->n_rows && !gather->sink->failed; i++) {
        const struct tm_gathered *row = &gather->rows[i];
        struct tm_profile profile = TM_PROFILE_INIT;
        size_t own = 0;
        while (sample + own < gather->n_samples && gather->samples[sample + own].of == i)
            own++;
        for (size_t s = 0; s < own; s++)
            tell_single(gather, i, NULL, gather->samples[sample + s].value);
        profile.calls = row->calls;
        profile.errors = row->errors == TM_UNKNOWN || row->errors <= row->calls ? row->errors : row->calls;
        if (row->wall_calls > 0)
            profile.wall_ns = row->wall / row->wall_calls * (double)row->calls;
        if (row->cpu_calls > 0)
            profile.cpu_ns = row->cpu / row->cpu_calls * (double)row->calls;
        profile.peak_mem_bytes = row->peak_mem;
        give_percentiles(gather, row, own ? &gather->samples[sample] : NULL, own, &profile);
        drop_unfit(gather, row, &profile);
        sample += own;
        size_t taken = give_readings(gather, first, i);
        bool any = taken > 0;
        first += taken;
        if (any || tm_profile_measured(&profile))
            tm_sink_profile(gather->sink, row->symbol, &profile);
    }
}

void tm_gather_drop(struct tm_gather *gather)
{
    gather->n_rows = gather->n_samples = gather->n_readings = 0;
    tm_hash_free(&gather->index);
    tm_arena_reset(&gather->texts);
}

bool tm_gather_run(struct tm_gather *gather, const struct tm_gather_facts *facts)
{
    struct tm_run run;
    bool assumed = false;
    size_t rows = gather->n_rows;
    if (rows == 0 || gather->sink->failed)
        return false;
    if (gather->n_samples > 0)
        qsort(gather->samples, gather->n_samples, sizeof *gather->samples, by_row_and_value);
    if (gather->n_readings > 0)
        qsort(gather->readings, gather->n_readings, sizeof *gather->readings, by_row_and_metric);
    tm_sink_end_run(gather->sink); /* of another format: what is settled now belongs to the chunk in hand */
    if (tm_settle_run(gather, facts, &run, &assumed) && tm_sink_begin_run(gather->sink, &run, assumed, gather->file, facts->line))
        give_rows(gather);
    tm_sink_end_run(gather->sink);
    gather->runs++;
    tm_gather_drop(gather);
    return true;
}

void tm_gather_free(struct tm_gather *gather)
{
    tm_gather_drop(gather);
    tm_arena_free(&gather->texts);
    free(gather->rows);
    free(gather->samples);
    free(gather->readings);
}
