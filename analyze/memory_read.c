/* Reading the judge's memory, which anybody may have written: a list of fields for each form, as
 * memory_write.c has them, and nothing is believed. */
#include <string.h>

#include "analyze/baseline.h"
#include "analyze/memory.h"
#include "analyze/memory_form.h"
#include "base/array.h"

/* Bytes left over are damage too: they were written by somebody who means something else. */
static enum tm_memory_fault end_of(const struct tm_slice_of_bytes *in)
{
    return in->bad || in->at != in->end ? TM_MEMORY_DAMAGED : TM_MEMORY_READ;
}

static void get_interval(struct tm_slice_of_bytes *in, struct tm_interval *interval)
{
    interval->earliest_run = tm_get_integer(in);
    interval->latest_run = tm_get_integer(in);
    interval->sure_good_run = tm_get_integer(in);
}

enum tm_memory_fault tm_memory_read_lineage(struct tm_lineage *lineage, struct tm_commons *commons, const void *bytes, size_t size)
{
    struct tm_slice_of_bytes in = tm_slice_of_bytes(bytes, size);
    int64_t run = 0;
    *commons = (struct tm_commons){0};
    if (tm_get_count(&in, UINT64_MAX) != TM_MEMORY_VERSION)
        return TM_MEMORY_DAMAGED;
    uint64_t nights = tm_get_count(&in, MOST_NIGHTS);
    for (uint64_t night = 0; night < nights && !in.bad; night++) {
        int64_t step = tm_get_integer(&in);
        /* Steps may be anything: their sum need not be a run id. */
        if (__builtin_add_overflow(run, step, &run))
            in.bad = true;
        if (!in.bad && tm_lineage_add_night(lineage, run) != 0)
            return TM_MEMORY_NONE;
    }
    lineage->run_wide_since = tm_get_integer(&in);
    lineage->run_wide_good = tm_get_integer(&in);
    get_interval(&in, &lineage->run_wide_interval);
    lineage->run_wide_night = (int64_t)tm_get_count(&in, (uint64_t)lineage->night);
    lineage->previous_run = tm_get_integer(&in);
    lineage->previous_at = tm_get_integer(&in);
    uint64_t n = tm_get_count(&in, size / 8); /* there cannot be more than bytes for them */
    for (uint64_t i = 0; i < n && !in.bad; i++) {
        double *slot = tm_array_add(&commons->values, &commons->n, sizeof *slot);
        if (!slot)
            return TM_MEMORY_NONE;
        *slot = tm_get_real(&in);
    }
    return end_of(&in);
}

enum tm_memory_fault tm_memory_read_presence(struct tm_presence *presence, const void *bytes, size_t size)
{
    struct tm_slice_of_bytes in = tm_slice_of_bytes(bytes, size);
    presence->seen = tm_get_count(&in, UINT64_MAX);
    presence->runs = tm_get_integer(&in);
    presence->missing = tm_get_integer(&in);
    presence->retired_by = tm_get_integer(&in);
    presence->last_run = tm_get_integer(&in);
    presence->clock = (uint32_t)tm_get_count(&in, UINT32_MAX);
    presence->other_clock = (uint32_t)tm_get_count(&in, UINT32_MAX);
    presence->other_nights = tm_get_integer(&in);
    presence->beyond = in.at != in.end ? tm_get_count(&in, UINT64_MAX) : 0;
    if (presence->runs < 0 || presence->missing < 0 || presence->other_nights < 0)
        return TM_MEMORY_DAMAGED;
    return end_of(&in);
}

/* Nights strictly fall and stay above 0, whatever the bytes say: they index the lineage's runs. */
static void get_recent(struct tm_slice_of_bytes *in, struct tm_series *series, bool scattered, int64_t night)
{
    int n = (int)tm_get_count(in, TM_RECENT);
    int64_t at = n > 0 ? night - (int64_t)tm_get_count(in, MOST_NIGHTS) : 0;
    for (int i = 0; i < n && !in->bad; i++) {
        if (i > 0)
            at -= scattered ? (int64_t)tm_get_count(in, MOST_NIGHTS) : 1;
        in->bad = in->bad || at < 1;
        series->recent[i] = in->bad ? 0 : (int32_t)at;
    }
}

/* A number beyond the commons is damage: tm_get_count() bounds it. */
static void get_parts(struct tm_slice_of_bytes *in, double *parts, int n, const struct tm_commons *commons)
{
    for (int i = 0; i < n; i++) {
        uint64_t number = tm_get_count(in, commons->n);
        /* Numbers begin at 1: 0 says that the value is all the plugin's own. */
        parts[i] = number > 0 ? commons->values[number - 1] : 0;
    }
}

static void get_values(struct tm_slice_of_bytes *in, double *base, int n_base, double *wait, int n_wait)
{
    double values[MOST_VALUES];
    tm_get_reals(in, values, n_base + n_wait);
    memcpy(base, values, (size_t)n_base * sizeof *values);
    memcpy(wait, values + n_base, (size_t)n_wait * sizeof *values);
}

/* The counts bound what is read into the arrays. Where something was bad, all that follows is 0,
 * and the caller throws the series away. */
static void get_level(struct tm_slice_of_bytes *in, struct tm_detector *level, uint64_t bits, const struct tm_commons *commons)
{
    level->n_base = (int)tm_get_count(in, TM_DETECTOR_BASELINE);
    level->n_wait = (int)tm_get_count(in, TM_DETECTOR_NEWEST - 1); /* a sixth joins the baseline the same night */
    get_values(in, level->base, level->n_base, level->wait, level->n_wait);
    if (bits & COMMON_PARTS) {
        get_parts(in, level->base_common, level->n_base, commons);
        get_parts(in, level->wait_common, level->n_wait, commons);
    }
    if (bits & YOUNG_LEVEL)
        level->scale_before = tm_get_real(in);
    level->improved = (bits & IMPROVED) != 0;
    if (level->improved)
        level->median_before = tm_get_real(in);
    level->open = (bits & OPEN) != 0;
    if (level->open) {
        level->old_median = tm_get_real(in);
        level->old_scale = tm_get_real(in);
    }
    /* The floor is the same for every metric, so what is computed here equals what the night
     * left. */
    if (level->n_base > 0 && !in->bad)
        tm_baseline_settle(level, TM_DETECTOR_FLOOR);
}

static void get_counts(struct tm_slice_of_bytes *in, struct tm_counts *counts, uint64_t bits)
{
    counts->n_base = (int)tm_get_count(in, TM_DETECTOR_BASELINE);
    counts->n_wait = (int)tm_get_count(in, TM_DETECTOR_NEWEST - 1);
    get_values(in, counts->events, counts->n_base, counts->wait_events, counts->n_wait);
    get_values(in, counts->trials, counts->n_base, counts->wait_trials, counts->n_wait);
    counts->open = (bits & OPEN) != 0;
    if (counts->open)
        counts->old_rate = tm_get_real(in);
}

enum tm_memory_fault tm_memory_read_series(struct tm_series *series, enum tm_metric_kind kind, const struct tm_lineage *lineage,
                                           const struct tm_commons *commons, const void *bytes, size_t size)
{
    struct tm_slice_of_bytes in = tm_slice_of_bytes(bytes, size);
    uint64_t bits = tm_get_count(&in, KNOWN_BITS);
    *series = (struct tm_series){0};
    get_recent(&in, series, bits & SCATTERED, lineage->night);
    if (bits & ALERTED) {
        series->alarm.since_run = tm_get_integer(&in);
        series->alarm.good_run = tm_get_integer(&in);
        get_interval(&in, &series->alarm.interval);
        series->alarm.alert_night = tm_get_integer(&in);
        series->alarm.shared = tm_get_integer(&in);
    }
    if (tm_metric_is_counted(kind))
        get_counts(&in, &series->counts, bits);
    else
        get_level(&in, &series->level, bits, commons);
    /* Bytes may be well formed and still be no series of ours. */
    bool sound =
        series->alarm.alert_night >= 0 && series->alarm.shared >= TM_TOLD_BY_ITSELF && series->alarm.shared <= TM_TOLD_BY_RUN;
    if (sound && end_of(&in) == TM_MEMORY_READ)
        return TM_MEMORY_READ;
    *series = (struct tm_series){0}; /* nothing may rest on it */
    return TM_MEMORY_DAMAGED;
}
