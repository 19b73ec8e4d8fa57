/* Parts are gone through side by side, plugin by plugin, as sorted lists are merged; what a plugin
 * has in several parts is added up in the order of the parts' names. */
#include "schema/combine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "schema/combine_shares.h"
#include "schema/fields.h"
#include "schema/sketch.h"

/* What a part without calls does not know is no gap. */
static bool is_gap(const struct tm_field *field, const struct tm_profile *share)
{
    return share->calls > 0 && !tm_field_known(field, share);
}

static int64_t add_counts(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* TM_UNKNOWN where a part does not know it, or none does. */
static int64_t sum_count(const struct tm_shares *shares, const struct tm_field *field)
{
    int64_t sum = TM_UNKNOWN;
    for (size_t i = 0; i < shares->n; i++) {
        const struct tm_profile *share = shares->of[i];
        if (share && is_gap(field, share))
            return TM_UNKNOWN;
        if (share && tm_field_known(field, share))
            sum = add_counts(sum == TM_UNKNOWN ? 0 : sum, tm_field_count(field, share));
    }
    return sum;
}

/* NAN where a part does not know it, or none does. */
static double join_reals(const struct tm_shares *shares, const struct tm_field *field, bool highest)
{
    double joined = NAN;
    for (size_t i = 0; i < shares->n; i++) {
        const struct tm_profile *share = shares->of[i];
        if (share && is_gap(field, share))
            return NAN;
        if (!share || !tm_field_known(field, share))
            continue;
        double value = tm_field_real(field, share);
        joined = isnan(joined) ? value : highest ? fmax(joined, value) : joined + value;
    }
    return joined;
}

/* NULL where the parts that ran have not all the same. */
static const char *common_text(const struct tm_shares *shares, const struct tm_field *field)
{
    const char *common = NULL;
    for (size_t i = 0; i < shares->n; i++) {
        const struct tm_profile *share = shares->of[i];
        if (!share || (share->calls == 0 && !tm_field_known(field, share)))
            continue;
        const char *text = tm_field_text(field, share);
        if (!text || (common && strcmp(common, text) != 0))
            return NULL;
        common = text;
    }
    return common;
}

/* Times and growth add up; a peak, a longest step and a slowest call are of one moment. Percentiles are neither. */
static void join_field(const struct tm_shares *shares, const struct tm_field *field, struct tm_profile *whole)
{
    static const size_t highest[] = {offsetof(struct tm_profile, peak_mem_bytes), offsetof(struct tm_profile, longest_step_ns),
                                     offsetof(struct tm_profile, wall_max_ns)};
    static const size_t percentiles[] = {offsetof(struct tm_profile, wall_p50_ns), offsetof(struct tm_profile, wall_p95_ns),
                                         offsetof(struct tm_profile, wall_p99_ns)};
    void *at = (char *)whole + field->at;
    bool is_highest = false;
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
        if (field->at == percentiles[i])
            return;
    for (size_t i = 0; i < sizeof highest / sizeof *highest; i++)
        is_highest = is_highest || field->at == highest[i];
    if (field->type == TM_FIELD_COUNT)
        *(int64_t *)at = sum_count(shares, field);
    else if (field->type == TM_FIELD_REAL)
        *(double *)at = join_reals(shares, field, is_highest);
    else
        *(const char **)at = common_text(shares, field);
}

/* 1: every part that ran has a sketch, and all are in *sketch; 0: not so; -1: no memory. */
static int merge_sketches(const struct tm_shares *shares, struct tm_sketch *sketch)
{
    struct tm_sketch one;
    int result = 1;
    tm_sketch_init(&one);
    for (size_t i = 0; i < shares->n && result == 1; i++) {
        const struct tm_profile *share = shares->of[i];
        if (!share || (share->calls == 0 && !share->latency))
            continue;
        if (!share->latency)
            result = 0;
        else if (tm_sketch_decode(&one, share->latency, share->latency_size) != 0 || tm_sketch_merge(sketch, &one) != 0)
            result = errno == ENOMEM ? -1 : 0;
    }
    tm_sketch_free(&one);
    return result == 1 && tm_sketch_count(sketch) == 0 ? 0 : result;
}

/* The slowest call is known better than by the sketch, mostly; percentiles rise. */
static int take_sketch(struct tm_combined *into, const struct tm_sketch *sketch, struct tm_profile *whole)
{
    unsigned char *blob = tm_sketch_encode(sketch, &whole->latency_size);
    void *kept = blob ? tm_arena_take(&into->arena, whole->latency_size) : NULL;
    if (kept)
        whole->latency = memcpy(kept, blob, whole->latency_size);
    free(blob);
    whole->wall_p50_ns = tm_sketch_quantile(sketch, 0.5);
    whole->wall_p95_ns = tm_sketch_quantile(sketch, 0.95);
    whole->wall_p99_ns = tm_sketch_quantile(sketch, 0.99);
    whole->wall_max_ns = fmax(isnan(whole->wall_max_ns) ? sketch->max : whole->wall_max_ns, whole->wall_p99_ns);
    return kept ? 0 : -1;
}

static int join_latency(struct tm_combined *into, const struct tm_shares *shares, struct tm_profile *whole)
{
    struct tm_sketch sketch;
    tm_sketch_init(&sketch);
    int result = merge_sketches(shares, &sketch);
    if (result == 1)
        result = take_sketch(into, &sketch, whole);
    tm_sketch_free(&sketch);
    return result < 0 ? -1 : 0;
}

/* The plugin whose name comes first among those that are left; NULL: none is. */
static const char *next_plugin(const struct tm_shares *shares)
{
    const char *first = NULL;
    for (size_t i = 0; i < shares->n; i++) {
        const struct tm_run_content *part = &shares->parts[i];
        const char *name = shares->next[i] < part->n_profiles ? part->profiles[shares->next[i]].plugin : NULL;
        if (name && (!first || strcmp(name, first) < 0))
            first = name;
    }
    return first;
}

/* Moves all parts that have the plugin on. *only: its one profile, where it has no more. */
static void take_shares(struct tm_shares *shares, const char *plugin, const struct tm_profile **only)
{
    size_t found = 0;
    for (size_t i = 0; i < shares->n; i++) {
        const struct tm_run_content *part = &shares->parts[i];
        bool has = shares->next[i] < part->n_profiles && strcmp(part->profiles[shares->next[i]].plugin, plugin) == 0;
        shares->of[i] = has ? &part->profiles[shares->next[i]++] : NULL;
        *only = has ? shares->of[i] : *only;
        found += has;
    }
    *only = found == 1 ? *only : NULL;
}

static int join_plugin(struct tm_combined *into, struct tm_shares *shares, const char *plugin)
{
    const struct tm_profile *only = NULL;
    if (tm_array_reserve(&into->profiles, &into->profiles_room, into->n_profiles + 1, sizeof *into->profiles) != 0)
        return -1;
    struct tm_profile *whole = &into->profiles[into->n_profiles++];
    *whole = (struct tm_profile)TM_PROFILE_INIT;
    take_shares(shares, plugin, &only);
    if (only)
        *whole = *only;
    whole->plugin = plugin;
    whole->readings = NULL, whole->n_readings = 0;
    for (size_t i = 0; i < tm_n_fields && !only; i++)
        join_field(shares, &tm_fields[i], whole);
    if (!only && join_latency(into, shares, whole) != 0)
        return -1;
    return tm_shares_readings(into, shares, whole);
}

static int join_plugins(struct tm_combined *into, struct tm_shares *shares)
{
    const char *plugin;
    int result = 0;
    while (result == 0 && (plugin = next_plugin(shares)))
        result = join_plugin(into, shares, plugin);
    return result;
}

static int by_number(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) - isnan(b) : (a > b) - (a < b);
}

/* Of spikes that are equal in all, any may come first. */
static int by_time(const void *a, const void *b)
{
    const struct tm_spike *x = a, *y = b;
    int order = by_number(x->at_ms, y->at_ms);
    order = order ? order : by_number(x->cpu_percent, y->cpu_percent);
    order = order ? order : by_number(x->duration_ms, y->duration_ms);
    return order ? order : strcmp(x->plugin ? x->plugin : "", y->plugin ? y->plugin : "");
}

/* A spike's moment is counted from its part's start, and then from the run's. */
static int join_spikes(struct tm_combined *into, const struct tm_run_content *parts, size_t n, int64_t started_at)
{
    for (size_t i = 0; i < n; i++)
        for (size_t s = 0; s < parts[i].n_spikes; s++) {
            if (tm_array_reserve(&into->spikes, &into->spikes_room, into->n_spikes + 1, sizeof *into->spikes) != 0)
                return -1;
            struct tm_spike *spike = &into->spikes[into->n_spikes++];
            *spike = parts[i].spikes[s];
            spike->at_ms += (double)(parts[i].run.started_at - started_at) * 1000;
        }
    if (into->n_spikes > 0)
        qsort(into->spikes, into->n_spikes, sizeof *into->spikes, by_time);
    return 0;
}

int tm_combine(const struct tm_run_content *parts, size_t n, struct tm_combined *into, struct tm_run_content *whole)
{
    struct tm_shares shares = {.parts = parts, .n = n};
    tm_arena_reset(&into->arena);
    into->n_profiles = into->n_spikes = 0;
    *whole = (struct tm_run_content){.run = parts[0].run};
    for (size_t i = 1; i < n; i++)
        if (parts[i].run.started_at < whole->run.started_at)
            whole->run.started_at = parts[i].run.started_at;
    whole->run.part = NULL;
    ptrdiff_t *machine = tm_arena_take(&into->arena, n * sizeof *machine);
    shares.peaks = tm_arena_take(&into->arena, n * sizeof *shares.peaks);
    shares.of = tm_arena_take(&into->arena, n * sizeof *shares.of);
    shares.next = tm_arena_take(&into->arena, n * sizeof *shares.next);
    if (!machine || !shares.peaks || !shares.of || !shares.next)
        return -1;
    tm_shares_machines(parts, n, machine);
    shares.machine = machine;
    memset(shares.next, 0, n * sizeof *shares.next);
    if (join_plugins(into, &shares) != 0 || join_spikes(into, parts, n, whole->run.started_at) != 0)
        return -1;
    whole->profiles = into->profiles;
    whole->n_profiles = into->n_profiles;
    whole->spikes = into->spikes;
    whole->n_spikes = into->n_spikes;
    return 0;
}

void tm_combined_free(struct tm_combined *combined)
{
    tm_arena_free(&combined->arena);
    free(combined->profiles);
    free(combined->spikes);
    *combined = (struct tm_combined){0};
}
