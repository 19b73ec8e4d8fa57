/* Writing the judge's memory: a list of fields for each form, in the order in which memory_read.c takes
 * them. */
#include <string.h>

#include "analyze/memory.h"
#include "analyze/memory_form.h"

static void put_interval(struct tm_bytes *out, const struct tm_interval *interval)
{
    tm_put_integer(out, interval->earliest_run);
    tm_put_integer(out, interval->latest_run);
    tm_put_integer(out, interval->sure_good_run);
}

/* Run ids rise by small steps from night to night. */
void tm_memory_write_lineage(struct tm_bytes *out, const struct tm_lineage *lineage, const struct tm_commons *commons)
{
    int64_t before = 0;
    tm_bytes_begin(out);
    /* The version first: everything behind it may change. */
    tm_put_count(out, TM_MEMORY_VERSION);
    tm_put_count(out, (uint64_t)lineage->night);
    for (int64_t night = 1; night <= lineage->night; night++) {
        int64_t run = tm_lineage_run(lineage, (int32_t)night);
        tm_put_integer(out, run - before);
        before = run;
    }
    tm_put_integer(out, lineage->run_wide_since);
    tm_put_integer(out, lineage->run_wide_good);
    put_interval(out, &lineage->run_wide_interval);
    tm_put_count(out, (uint64_t)lineage->run_wide_night);
    tm_put_integer(out, lineage->previous_run);
    tm_put_integer(out, lineage->previous_at);
    tm_put_count(out, commons->n);
    for (size_t i = 0; i < commons->n; i++)
        tm_put_real(out, commons->values[i]);
}

/* Plain fields in the order that tm_memory_read_presence() reads them. A new one needs a new version, or to be left out where it is
 * nothing, as the last one. */
void tm_memory_write_presence(struct tm_bytes *out, const struct tm_presence *presence)
{
    tm_bytes_begin(out);
    tm_put_count(out, presence->seen);
    tm_put_integer(out, presence->runs);
    tm_put_integer(out, presence->missing);
    tm_put_integer(out, presence->retired_by);
    tm_put_integer(out, presence->last_run);
    tm_put_count(out, presence->clock);
    tm_put_count(out, presence->other_clock);
    tm_put_integer(out, presence->other_nights);
    if (presence->beyond)
        tm_put_count(out, presence->beyond);
}

/* How many nights, how far back the newest is, and (scattered) the gaps between them. Distances
 * are small, nights are not. */
static void put_recent(struct tm_bytes *out, const struct tm_series *series, int n, bool scattered, int64_t night)
{
    tm_put_count(out, (uint64_t)n);
    if (n > 0)
        tm_put_count(out, (uint64_t)(night - series->recent[0]));
    for (int i = 1; i < n && scattered; i++)
        tm_put_count(out, (uint64_t)(series->recent[i - 1] - series->recent[i]));
}

/* For each value the number of its common part, 0: none. */
static void put_parts(struct tm_bytes *out, const double *parts, int n, const struct tm_commons *commons)
{
    for (int i = 0; i < n; i++)
        tm_put_count(out, tm_commons_number(commons, parts[i]));
}

/* Asked first, so that a series without any costs one bit. */
static bool any_part(const double *parts, int n)
{
    for (int i = 0; i < n; i++)
        if (tm_is_part(parts[i]))
            return true;
    return false;
}

/* The values of the baseline and those that wait, as one list: they resemble each other. */
static void put_values(struct tm_bytes *out, const double *base, int n_base, const double *wait, int n_wait)
{
    double values[MOST_VALUES];
    memcpy(values, base, (size_t)n_base * sizeof *values);
    memcpy(values + n_base, wait, (size_t)n_wait * sizeof *values);
    tm_put_reals(out, values, n_base + n_wait);
}

/* Medians and scales follow from the values; the reader computes them again. scale_before and
 * what an open regression is against do not. */
static void put_level(struct tm_bytes *out, const struct tm_detector *level, bool parts, const struct tm_commons *commons)
{
    tm_put_count(out, (uint64_t)level->n_base);
    tm_put_count(out, (uint64_t)level->n_wait);
    put_values(out, level->base, level->n_base, level->wait, level->n_wait);
    if (parts) {
        put_parts(out, level->base_common, level->n_base, commons);
        put_parts(out, level->wait_common, level->n_wait, commons);
    }
    if (level->scale_before > 0)
        tm_put_real(out, level->scale_before);
    if (level->improved)
        tm_put_real(out, level->median_before);
    if (level->open) {
        tm_put_real(out, level->old_median);
        tm_put_real(out, level->old_scale);
    }
}

/* Events and trials, each kind by itself. */
static void put_counts(struct tm_bytes *out, const struct tm_counts *counts)
{
    tm_put_count(out, (uint64_t)counts->n_base);
    tm_put_count(out, (uint64_t)counts->n_wait);
    put_values(out, counts->events, counts->n_base, counts->wait_events, counts->n_wait);
    put_values(out, counts->trials, counts->n_base, counts->wait_trials, counts->n_wait);
    if (counts->open)
        tm_put_real(out, counts->old_rate);
}

void tm_memory_write_series(struct tm_bytes *out, const struct tm_series *series, enum tm_metric_kind kind,
                            const struct tm_lineage *lineage, const struct tm_commons *commons)
{
    bool counted = tm_metric_is_counted(kind);
    const struct tm_detector *level = &series->level;
    bool open = counted ? series->counts.open : level->open;
    /* Most series have nothing open, nothing in common, and a value every night: five bits leave
     * all that out. */
    const struct tm_alarm_memory *alarm = &series->alarm;
    bool alerted = alarm->since_run || alarm->good_run || alarm->alert_night || alarm->shared;
    int n = tm_series_nights(series);
    bool scattered = tm_series_has_gaps(series, n);
    bool young = !counted && level->scale_before > 0;
    bool parts = !counted && (any_part(level->base_common, level->n_base) || any_part(level->wait_common, level->n_wait));
    tm_bytes_begin(out);
    tm_put_count(out, (open ? OPEN : 0u) | (alerted ? ALERTED : 0u) | (young ? YOUNG_LEVEL : 0u) | (scattered ? SCATTERED : 0u) |
                          (parts ? COMMON_PARTS : 0u) | (!counted && level->improved ? IMPROVED : 0u));
    /* In the order in which tm_memory_read_series() takes them. */
    put_recent(out, series, n, scattered, lineage->night);
    if (alerted) {
        tm_put_integer(out, alarm->since_run);
        tm_put_integer(out, alarm->good_run);
        put_interval(out, &alarm->interval);
        tm_put_integer(out, alarm->alert_night);
        tm_put_integer(out, alarm->shared);
    }
    if (counted)
        put_counts(out, &series->counts);
    else
        put_level(out, level, parts, commons);
}
