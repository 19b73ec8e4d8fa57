/* Writing and reading the judge's memory. A writer appends to a growing buffer and notes failure
 * there; a reader walks a bounded slice, and once it has met anything impossible everything it
 * returns is 0 and `bad` stays set: so each form is written, and read, as a plain list of its
 * fields. */
#include "analyze/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/baseline.h"
#include "base/array.h"

/* Bits of a series' first byte. */
enum { OPEN = 1, ALERTED = 2, YOUNG_LEVEL = 4, SCATTERED = 8, COMMON_PARTS = 16, IMPROVED = 32, KNOWN_BITS = 63 };

enum { MOST_NIGHTS = 1 << 30 }; /* of a lineage: 3 million years of them; more is no count of ours */

/* ---- writing ---- */

void tm_bytes_free(struct tm_bytes *bytes)
{
    free(bytes->bytes);
    *bytes = (struct tm_bytes){0};
}

/* Appends; after a failure nothing more is written, and the caller looks at `failed` once, at
 * the end. */
static void put_bytes(struct tm_bytes *out, const void *bytes, size_t size)
{
    if (out->failed || tm_array_reserve(&out->bytes, &out->room, out->size + size, 1) != 0) {
        out->failed = true;
        return;
    }
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

/* Seven bits a byte, the lowest first; the high bit says that more follow. */
static void put_count(struct tm_bytes *out, uint64_t value)
{
    unsigned char bytes[10]; /* 64 bits by sevens */
    size_t size = 0;
    for (; value > 0x7f; value >>= 7)
        bytes[size++] = (unsigned char)(value | 0x80);
    bytes[size++] = (unsigned char)value;
    put_bytes(out, bytes, size);
}

/* Small numbers of either sign become small counts: 0, -1, 1, -2, ... */
static void put_integer(struct tm_bytes *out, int64_t value)
{
    put_count(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

/* The eight bytes of the double, least first on every machine: values come back to the last bit. */
static void put_real(struct tm_bytes *out, double value)
{
    unsigned char bytes[8];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    put_bytes(out, bytes, sizeof bytes);
}

/* The reader knows how many: counts come first. */
static void put_reals(struct tm_bytes *out, const double *values, int n)
{
    for (int i = 0; i < n; i++)
        put_real(out, values[i]);
}

/* Replaces what the buffer held, and forgets a failure: each form is written whole, into a
 * buffer that is used again. */
static void begin(struct tm_bytes *out)
{
    out->size = 0;
    out->failed = false;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Not `!= 0`: a part that is NAN, which no night makes, counts as none. */
static bool is_part(double common)
{
    return fabs(common) > 0;
}

/* ---- what many values have in common ---- */

/* Each value once; 0, which is nothing in common, not at all. 0, or -1: no memory. */
static int add_common(struct tm_commons *commons, double value)
{
    uint64_t hash = tm_hash_integer((int64_t)bits_of(value)); /* a bijection: the hash is the value */
    if (!is_part(value) || tm_hash_find(&commons->index, hash, NULL, NULL))
        return 0;
    double *slot = tm_array_add(&commons->values, &commons->n, sizeof *slot);
    if (!slot || tm_hash_add(&commons->index, hash, commons->n) != 0)
        return -1;
    *slot = value;
    return 0;
}

/* Those of one array. */
static int add_commons(struct tm_commons *commons, const double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (add_common(commons, values[i]) != 0)
            return -1;
    return 0;
}

/* Only the values that a series still holds: parts of forgotten nights go with them. */
int tm_commons_collect(struct tm_commons *commons, const struct tm_lineage *lineage, const struct tm_rules *rules)
{
    *commons = (struct tm_commons){0};
    for (size_t i = 0; i < lineage->n_plugins; i++)
        for (size_t m = 0; m < rules->n_metrics; m++) {
            const struct tm_kept *kept = tm_series_at(&lineage->plugins[i], m);
            struct tm_series series;
            /* Counts have no common part: a slow night makes no errors. */
            if (!kept || !tm_kept_has_parts(kept))
                continue;
            tm_kept_open(kept, rules->metrics[m].kind, &series);
            const struct tm_detector *level = &series.level;
            if (add_commons(commons, level->base_common, level->n_base) != 0 ||
                add_commons(commons, level->wait_common, level->n_wait) != 0)
                return -1;
        }
    return 0;
}

void tm_commons_free(struct tm_commons *commons)
{
    free(commons->values);
    tm_hash_free(&commons->index);
    *commons = (struct tm_commons){0};
}

/* ---- the forms, written ---- */

static void put_interval(struct tm_bytes *out, const struct tm_interval *interval)
{
    put_integer(out, interval->earliest_run);
    put_integer(out, interval->latest_run);
    put_integer(out, interval->sure_good_run);
}

/* Run ids rise by small steps from night to night. */
void tm_memory_write_lineage(struct tm_bytes *out, const struct tm_lineage *lineage, const struct tm_commons *commons)
{
    int64_t before = 0;
    begin(out);
    /* The version first: everything behind it may change. */
    put_count(out, TM_MEMORY_VERSION);
    put_count(out, (uint64_t)lineage->night);
    for (int64_t night = 1; night <= lineage->night; night++) {
        int64_t run = tm_lineage_run(lineage, (int32_t)night);
        put_integer(out, run - before);
        before = run;
    }
    put_integer(out, lineage->run_wide_since);
    put_integer(out, lineage->run_wide_good);
    put_interval(out, &lineage->run_wide_interval);
    put_count(out, (uint64_t)lineage->run_wide_night);
    put_integer(out, lineage->previous_run);
    put_integer(out, lineage->previous_at);
    put_count(out, commons->n);
    for (size_t i = 0; i < commons->n; i++)
        put_real(out, commons->values[i]);
}

/* Plain fields in the order that tm_memory_read_presence() reads them; a new one needs a new
 * version. */
void tm_memory_write_presence(struct tm_bytes *out, const struct tm_presence *presence)
{
    begin(out);
    put_count(out, presence->seen);
    put_integer(out, presence->runs);
    put_integer(out, presence->missing);
    put_integer(out, presence->retired_by);
    put_integer(out, presence->last_run);
    put_count(out, presence->clock);
    put_count(out, presence->other_clock);
    put_integer(out, presence->other_nights);
}

/* How many nights, how far back the newest is, and (scattered) the gaps between them. Distances
 * are small, nights are not. */
static void put_recent(struct tm_bytes *out, const struct tm_series *series, int n, bool scattered, int64_t night)
{
    put_count(out, (uint64_t)n);
    if (n > 0)
        put_count(out, (uint64_t)(night - series->recent[0]));
    for (int i = 1; i < n && scattered; i++)
        put_count(out, (uint64_t)(series->recent[i - 1] - series->recent[i]));
}

/* For each value the number of its common part, 0: none. */
static void put_parts(struct tm_bytes *out, const double *parts, int n, const struct tm_commons *commons)
{
    for (int i = 0; i < n; i++)
        put_count(out,
                  is_part(parts[i]) ? tm_hash_find(&commons->index, tm_hash_integer((int64_t)bits_of(parts[i])), NULL, NULL) : 0);
}

/* Asked first, so that a series without any costs one bit. */
static bool any_part(const double *parts, int n)
{
    for (int i = 0; i < n; i++)
        if (is_part(parts[i]))
            return true;
    return false;
}

/* Medians and scales follow from the values; the reader computes them again. scale_before and
 * what an open regression is against do not. */
static void put_level(struct tm_bytes *out, const struct tm_detector *level, bool parts, const struct tm_commons *commons)
{
    put_count(out, (uint64_t)level->n_base);
    put_count(out, (uint64_t)level->n_wait);
    put_reals(out, level->base, level->n_base);
    put_reals(out, level->wait, level->n_wait);
    if (parts) {
        put_parts(out, level->base_common, level->n_base, commons);
        put_parts(out, level->wait_common, level->n_wait, commons);
    }
    if (level->scale_before > 0)
        put_real(out, level->scale_before);
    if (level->improved)
        put_real(out, level->median_before);
    if (level->open) {
        put_real(out, level->old_median);
        put_real(out, level->old_scale);
    }
}

/* Events and trials as doubles, as they are judged. */
static void put_counts(struct tm_bytes *out, const struct tm_counts *counts)
{
    put_count(out, (uint64_t)counts->n_base);
    put_count(out, (uint64_t)counts->n_wait);
    put_reals(out, counts->events, counts->n_base);
    put_reals(out, counts->trials, counts->n_base);
    put_reals(out, counts->wait_events, counts->n_wait);
    put_reals(out, counts->wait_trials, counts->n_wait);
    if (counts->open)
        put_real(out, counts->old_rate);
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
    begin(out);
    put_count(out, (open ? OPEN : 0u) | (alerted ? ALERTED : 0u) | (young ? YOUNG_LEVEL : 0u) | (scattered ? SCATTERED : 0u) |
                       (parts ? COMMON_PARTS : 0u) | (!counted && level->improved ? IMPROVED : 0u));
    /* In the order in which tm_memory_read_series() takes them. */
    put_recent(out, series, n, scattered, lineage->night);
    if (alerted) {
        put_integer(out, alarm->since_run);
        put_integer(out, alarm->good_run);
        put_interval(out, &alarm->interval);
        put_integer(out, alarm->alert_night);
        put_integer(out, alarm->shared);
    }
    if (counted)
        put_counts(out, &series->counts);
    else
        put_level(out, level, parts, commons);
}

/* ---- reading ---- */

struct slice {
    const unsigned char *at, *end;
    bool bad;
};

/* No bytes at all (SQL NULL) are damage, not an empty memory. */
static struct slice slice_of(const void *bytes, size_t size)
{
    return (struct slice){bytes, bytes ? (const unsigned char *)bytes + size : NULL, !bytes};
}

/* A count of at most `most`; 0, and the slice bad, where it is more, cut short, or longer than
 * 64 bits. */
static uint64_t get_count(struct slice *in, uint64_t most)
{
    uint64_t value = 0;
    for (unsigned shift = 0; !in->bad && shift < 64; shift += 7) {
        if (in->at == in->end)
            break;
        unsigned char byte = *in->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            in->bad = value > most;
            return in->bad ? 0 : value;
        }
    }
    in->bad = true;
    return 0;
}

/* Undoes put_integer: the lowest bit is the sign. */
static int64_t get_integer(struct slice *in)
{
    uint64_t value = get_count(in, UINT64_MAX);
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* 0, and the slice bad, where eight bytes are not there or are no finite number. */
static double get_real(struct slice *in)
{
    uint64_t bits = 0;
    double value;
    if (in->bad || in->end - in->at < 8) {
        in->bad = true;
        return 0;
    }
    for (int i = 0; i < 8; i++)
        bits |= (uint64_t)*in->at++ << (8 * i);
    memcpy(&value, &bits, sizeof value);
    in->bad = !isfinite(value); /* nothing that is remembered is infinite */
    return in->bad ? 0 : value;
}

static void get_reals(struct slice *in, double *values, int n)
{
    for (int i = 0; i < n; i++)
        values[i] = get_real(in);
}

/* Bytes left over are damage too: they were written by somebody who means something else. */
static enum tm_memory_fault end_of(const struct slice *in)
{
    return in->bad || in->at != in->end ? TM_MEMORY_DAMAGED : TM_MEMORY_READ;
}

static void get_interval(struct slice *in, struct tm_interval *interval)
{
    interval->earliest_run = get_integer(in);
    interval->latest_run = get_integer(in);
    interval->sure_good_run = get_integer(in);
}

enum tm_memory_fault tm_memory_read_lineage(struct tm_lineage *lineage, struct tm_commons *commons, const void *bytes, size_t size)
{
    struct slice in = slice_of(bytes, size);
    int64_t run = 0;
    *commons = (struct tm_commons){0};
    if (get_count(&in, UINT64_MAX) != TM_MEMORY_VERSION)
        return TM_MEMORY_DAMAGED;
    uint64_t nights = get_count(&in, MOST_NIGHTS);
    for (uint64_t night = 0; night < nights && !in.bad; night++) {
        int64_t step = get_integer(&in);
        /* Steps may be anything: their sum need not be a run id. */
        if (__builtin_add_overflow(run, step, &run))
            in.bad = true;
        if (!in.bad && tm_lineage_add_night(lineage, run) != 0)
            return TM_MEMORY_NONE;
    }
    lineage->run_wide_since = get_integer(&in);
    lineage->run_wide_good = get_integer(&in);
    get_interval(&in, &lineage->run_wide_interval);
    lineage->run_wide_night = (int64_t)get_count(&in, (uint64_t)lineage->night);
    lineage->previous_run = get_integer(&in);
    lineage->previous_at = get_integer(&in);
    uint64_t n = get_count(&in, size / 8); /* there cannot be more than bytes for them */
    for (uint64_t i = 0; i < n && !in.bad; i++) {
        double *slot = tm_array_add(&commons->values, &commons->n, sizeof *slot);
        if (!slot)
            return TM_MEMORY_NONE;
        *slot = get_real(&in);
    }
    return end_of(&in);
}

enum tm_memory_fault tm_memory_read_presence(struct tm_presence *presence, const void *bytes, size_t size)
{
    struct slice in = slice_of(bytes, size);
    presence->seen = get_count(&in, UINT64_MAX);
    presence->runs = get_integer(&in);
    presence->missing = get_integer(&in);
    presence->retired_by = get_integer(&in);
    presence->last_run = get_integer(&in);
    presence->clock = (uint32_t)get_count(&in, UINT32_MAX);
    presence->other_clock = (uint32_t)get_count(&in, UINT32_MAX);
    presence->other_nights = get_integer(&in);
    if (presence->runs < 0 || presence->missing < 0 || presence->other_nights < 0)
        return TM_MEMORY_DAMAGED;
    return end_of(&in);
}

/* Nights strictly fall and stay above 0, whatever the bytes say: they index the lineage's runs. */
static void get_recent(struct slice *in, struct tm_series *series, bool scattered, int64_t night)
{
    int n = (int)get_count(in, TM_RECENT);
    int64_t at = n > 0 ? night - (int64_t)get_count(in, MOST_NIGHTS) : 0;
    for (int i = 0; i < n && !in->bad; i++) {
        if (i > 0)
            at -= scattered ? (int64_t)get_count(in, MOST_NIGHTS) : 1;
        in->bad = in->bad || at < 1;
        series->recent[i] = in->bad ? 0 : (int32_t)at;
    }
}

/* A number beyond the commons is damage: get_count() bounds it. */
static void get_parts(struct slice *in, double *parts, int n, const struct tm_commons *commons)
{
    for (int i = 0; i < n; i++) {
        uint64_t number = get_count(in, commons->n);
        /* Numbers begin at 1: 0 says that the value is all the plugin's own. */
        parts[i] = number > 0 ? commons->values[number - 1] : 0;
    }
}

/* The counts bound what is read into the arrays. Where something was bad, all that follows is 0,
 * and the caller throws the series away. */
static void get_level(struct slice *in, struct tm_detector *level, uint64_t bits, const struct tm_commons *commons)
{
    level->n_base = (int)get_count(in, TM_DETECTOR_BASELINE);
    level->n_wait = (int)get_count(in, TM_DETECTOR_NEWEST - 1); /* a sixth joins the baseline the same night */
    get_reals(in, level->base, level->n_base);
    get_reals(in, level->wait, level->n_wait);
    if (bits & COMMON_PARTS) {
        get_parts(in, level->base_common, level->n_base, commons);
        get_parts(in, level->wait_common, level->n_wait, commons);
    }
    if (bits & YOUNG_LEVEL)
        level->scale_before = get_real(in);
    level->improved = (bits & IMPROVED) != 0;
    if (level->improved)
        level->median_before = get_real(in);
    level->open = (bits & OPEN) != 0;
    if (level->open) {
        level->old_median = get_real(in);
        level->old_scale = get_real(in);
    }
    /* The floor is the same for every metric, so what is computed here equals what the night
     * left. */
    if (level->n_base > 0 && !in->bad)
        tm_baseline_settle(level, TM_DETECTOR_FLOOR);
}

static void get_counts(struct slice *in, struct tm_counts *counts, uint64_t bits)
{
    counts->n_base = (int)get_count(in, TM_DETECTOR_BASELINE);
    counts->n_wait = (int)get_count(in, TM_DETECTOR_NEWEST - 1);
    get_reals(in, counts->events, counts->n_base);
    get_reals(in, counts->trials, counts->n_base);
    get_reals(in, counts->wait_events, counts->n_wait);
    get_reals(in, counts->wait_trials, counts->n_wait);
    counts->open = (bits & OPEN) != 0;
    if (counts->open)
        counts->old_rate = get_real(in);
}

enum tm_memory_fault tm_memory_read_series(struct tm_series *series, enum tm_metric_kind kind, const struct tm_lineage *lineage,
                                           const struct tm_commons *commons, const void *bytes, size_t size)
{
    struct slice in = slice_of(bytes, size);
    uint64_t bits = get_count(&in, KNOWN_BITS);
    *series = (struct tm_series){0};
    get_recent(&in, series, bits & SCATTERED, lineage->night);
    if (bits & ALERTED) {
        series->alarm.since_run = get_integer(&in);
        series->alarm.good_run = get_integer(&in);
        get_interval(&in, &series->alarm.interval);
        series->alarm.alert_night = get_integer(&in);
        series->alarm.shared = get_integer(&in);
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
