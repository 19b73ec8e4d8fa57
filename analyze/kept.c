/* Keeping a series in as few bytes as it has. Doubles stand as they are, so that the judge goes on with the very numbers it had.
 * What follows from others is kept where to find it anew takes longer than all else on a quiet night: of few values it is soon
 * found. Counts are whole numbers, and small ones.
 *
 * The bytes are written and read by the same list of fields, one way or the other: struct tape says which way. */
#include "analyze/kept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/baseline.h"

/* Bits of tm_kept.flags: which fields there are. */
enum { OPEN = 1, IMPROVED = 2, BORROWS = 4, PARTS = 8, GAPS = 16 };

/* Values of a baseline up to which its figures are found anew. */
enum { FEW = 12 };

/* Room for the largest series: everything that it may have, in doubles. */
enum { MOST_BYTES = sizeof(struct tm_series) };

/* Bytes that are written or read, one field behind the other. */
struct tape {
    unsigned char *at;
    bool writes;
};

static void pass(struct tape *tape, void *field, size_t size)
{
    if (tape->writes)
        memcpy(tape->at, field, size);
    else
        memcpy(field, tape->at, size);
    tape->at += size;
}

static void pass_reals(struct tape *tape, double *values, int n)
{
    pass(tape, values, (size_t)n * sizeof *values);
}

/* The fewest bytes, 1 or 4, in which each of the values is a whole number; 8: they are doubles. */
static unsigned char width_of(const double *values, int n)
{
    unsigned char width = 1;
    for (int i = 0; i < n; i++) {
        double v = values[i];
        if (!(v >= 0 && v <= UINT32_MAX) || signbit(v) || v > (double)(uint32_t)v)
            return sizeof(double);
        width = v > UINT8_MAX ? 4 : width;
    }
    return width;
}

/* Two plain loops: with the width known, the compiler takes several at a time. */
static void pass_small(struct tape *tape, double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (tape->writes)
            tape->at[i] = (unsigned char)values[i];
        else
            values[i] = tape->at[i];
    tape->at += n;
}

static void pass_whole(struct tape *tape, double *values, int n)
{
    uint32_t whole[TM_DETECTOR_BASELINE];
    for (int i = 0; i < n && tape->writes; i++)
        whole[i] = (uint32_t)values[i];
    pass(tape, whole, (size_t)n * sizeof *whole);
    for (int i = 0; i < n && !tape->writes; i++)
        values[i] = whole[i];
}

static void pass_counts(struct tape *tape, double *values, int n)
{
    unsigned char width = tape->writes ? width_of(values, n) : 0;
    pass(tape, &width, 1);
    if (width == 1)
        pass_small(tape, values, n);
    else if (width == sizeof(uint32_t))
        pass_whole(tape, values, n);
    else
        pass_reals(tape, values, n);
}

/* Parts that were the run's: of most nights there is none, so each has its place. */
static void pass_parts(struct tape *tape, double *parts, int n)
{
    uint8_t some = 0, place = 0;
    for (int i = 0; i < n && tape->writes; i++)
        some = (uint8_t)(some + (fabs(parts[i]) > 0));
    pass(tape, &some, 1);
    for (; some > 0; some--, place++) {
        while (tape->writes && !(fabs(parts[place]) > 0))
            place++;
        pass(tape, &place, 1);
        pass_reals(tape, &parts[place], 1);
    }
}

/* What follows from the values: median and scale first, for tm_kept_level() reads them alone. */
static void pass_figures(struct tape *tape, struct tm_detector *s, unsigned flags)
{
    pass_reals(tape, &s->median, 1);
    pass_reals(tape, &s->scale, 1);
    pass_reals(tape, &s->autocorrelation, 1);
    pass(tape, s->own.at, (size_t)s->n_base);
    if (!(flags & PARTS))
        return;
    pass_reals(tape, &s->raw_median, 1);
    pass_reals(tape, &s->raw_scale, 1);
    pass(tape, &s->raw.n, 1);
    pass(tape, s->raw.at, s->raw.n);
}

static void pass_level(struct tape *tape, struct tm_detector *s, unsigned flags)
{
    if (s->n_base > FEW)
        pass_figures(tape, s, flags);
    pass_reals(tape, s->base, s->n_base);
    pass_reals(tape, s->wait, s->n_wait);
    if (flags & PARTS) {
        pass_parts(tape, s->base_common, s->n_base);
        pass_parts(tape, s->wait_common, s->n_wait);
    }
    if (flags & BORROWS)
        pass_reals(tape, &s->scale_before, 1);
    if (flags & IMPROVED)
        pass_reals(tape, &s->median_before, 1);
    if (flags & OPEN) {
        pass_reals(tape, &s->old_median, 1);
        pass_reals(tape, &s->old_scale, 1);
    }
}

static void pass_counted(struct tape *tape, struct tm_counts *s, unsigned flags)
{
    pass_counts(tape, s->events, s->n_base);
    pass_counts(tape, s->trials, s->n_base);
    pass_counts(tape, s->wait_events, s->n_wait);
    pass_counts(tape, s->wait_trials, s->n_wait);
    if (flags & OPEN)
        pass_reals(tape, &s->old_rate, 1);
}

/* What is not kept follows from what is: without a part that was the run's, values as measured are the own ones. The floor is the
 * same for every metric, so what is found anew equals what the night left. */
static void finish_level(struct tm_detector *s, unsigned flags)
{
    s->open = (flags & OPEN) != 0;
    s->improved = (flags & IMPROVED) != 0;
    if (s->n_base == 0)
        return;
    if (s->n_base <= FEW) {
        tm_baseline_settle(s, TM_DETECTOR_FLOOR);
        return;
    }
    s->own.n = (uint8_t)s->n_base;
    if (flags & PARTS)
        return;
    s->raw_median = s->median;
    s->raw_scale = s->scale;
}

void tm_kept_open(const struct tm_kept *kept, enum tm_metric_kind kind, struct tm_series *series)
{
    memset(series, 0, sizeof *series);
    if (!kept)
        return;
    struct tape tape = {(unsigned char *)kept->bytes, false};
    if (tm_metric_is_counted(kind)) {
        series->counts.n_base = kept->n_base;
        series->counts.n_wait = kept->n_wait;
        series->counts.open = (kept->flags & OPEN) != 0;
        pass_counted(&tape, &series->counts, kept->flags);
    } else {
        series->level.n_base = kept->n_base;
        series->level.n_wait = kept->n_wait;
        pass_level(&tape, &series->level, kept->flags);
        finish_level(&series->level, kept->flags);
    }
    for (int i = 0; i < kept->n_recent; i++)
        series->recent[i] = kept->newest - i;
    if (kept->flags & GAPS)
        pass(&tape, series->recent, kept->n_recent * sizeof *series->recent);
    if (kept->alarm)
        series->alarm = *kept->alarm;
}

static bool any(const double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (fabs(values[i]) > 0)
            return true;
    return false;
}

static unsigned level_flags(const struct tm_detector *s)
{
    bool parts = any(s->base_common, s->n_base) || any(s->wait_common, s->n_wait);
    return (s->open ? OPEN : 0u) | (s->improved ? IMPROVED : 0u) | (s->scale_before > 0 ? BORROWS : 0u) | (parts ? PARTS : 0u);
}

/* The head, and in `bytes` what stands behind it. Returns their number. */
static size_t write(const struct tm_series *series, enum tm_metric_kind kind, struct tm_kept *head, unsigned char *bytes)
{
    bool counted = tm_metric_is_counted(kind);
    struct tm_series from = *series; /* fields are passed by one list, which reads and writes */
    struct tape tape = {bytes, true};
    int n = tm_series_nights(series);
    unsigned flags =
        (counted ? (series->counts.open ? OPEN : 0u) : level_flags(&series->level)) | (tm_series_has_gaps(series, n) ? GAPS : 0u);
    head->n_base = (uint8_t)(counted ? from.counts.n_base : from.level.n_base);
    head->n_wait = (uint8_t)(counted ? from.counts.n_wait : from.level.n_wait);
    head->n_recent = (uint8_t)n;
    head->newest = series->recent[0];
    head->flags = (uint8_t)flags;
    if (counted)
        pass_counted(&tape, &from.counts, flags);
    else
        pass_level(&tape, &from.level, flags);
    if (flags & GAPS)
        pass(&tape, from.recent, (size_t)n * sizeof *from.recent);
    return (size_t)(tape.at - bytes);
}

/* As much as malloc gives anyway, so that a value more often needs no other place. */
static size_t rounded(size_t size)
{
    enum { HEAD = offsetof(struct tm_kept, bytes), OWN = sizeof(size_t), STEP = 16 }; /* of a block of malloc */
    return (HEAD + size + OWN + STEP - 1) / STEP * STEP - OWN - HEAD;
}

/* An alarm more or less, before anything has changed. 0, or -1 without memory. */
static int set_alarm(struct tm_alarm_memory **alarm, const struct tm_alarm_memory *with, bool wanted)
{
    wanted = wanted || with->since_run || with->good_run || with->alert_night || with->shared;
    if (wanted && !*alarm && !(*alarm = malloc(sizeof **alarm)))
        return -1;
    if (wanted) {
        **alarm = *with;
        return 0;
    }
    free(*alarm);
    *alarm = NULL;
    return 0;
}

int tm_kept_close(struct tm_kept **slot, const struct tm_series *series, enum tm_metric_kind kind, bool alarm)
{
    unsigned char bytes[MOST_BYTES];
    struct tm_kept head = {0}, *kept = *slot;
    size_t size = write(series, kind, &head, bytes);
    if (!kept || size > kept->room) {
        kept = realloc(kept, offsetof(struct tm_kept, bytes) + rounded(size));
        if (!kept)
            return -1;
        if (!*slot)
            *kept = (struct tm_kept){0};
        kept->room = (uint16_t)rounded(size);
        *slot = kept;
    }
    if (set_alarm(&kept->alarm, &series->alarm, alarm) != 0)
        return -1;
    kept->newest = head.newest;
    kept->n_base = head.n_base;
    kept->n_wait = head.n_wait;
    kept->n_recent = head.n_recent;
    kept->flags = head.flags;
    memcpy(kept->bytes, bytes, size);
    return 0;
}

void tm_kept_forgive(struct tm_kept *kept, enum tm_metric_kind kind)
{
    struct tm_series series;
    tm_kept_open(kept, kind, &series);
    tm_series_forgive(&series, kind);
    tm_kept_close(&kept, &series, kind, false); /* no more than before: nothing is allocated, and nothing can fail */
}

int tm_kept_settle(struct tm_kept **slot, enum tm_metric_kind kind)
{
    struct tm_series series;
    tm_kept_open(*slot, kind, &series);
    if (tm_metric_is_counted(kind))
        tm_counts_settle(&series.counts);
    else
        tm_detector_settle(&series.level);
    return tm_kept_close(slot, &series, kind, series.alarm.alert_night != 0);
}

void tm_kept_forget(struct tm_kept *kept, enum tm_metric_kind kind)
{
    static const struct tm_series never_seen = {0};
    tm_kept_close(&kept, &never_seen, kind, false); /* as above */
}

bool tm_kept_is_open(const struct tm_kept *kept)
{
    return kept->flags & OPEN;
}

bool tm_kept_level(const struct tm_kept *kept, enum tm_metric_kind kind, double *median, double *scale)
{
    struct tm_series series;
    if (kept->n_base < TM_DETECTOR_NEEDED)
        return false;
    if (kept->n_base > FEW) {
        memcpy(median, kept->bytes, sizeof *median);
        memcpy(scale, kept->bytes + sizeof *median, sizeof *scale);
        return true;
    }
    tm_kept_open(kept, kind, &series);
    *median = series.level.median;
    *scale = series.level.scale;
    return true;
}

bool tm_kept_has_parts(const struct tm_kept *kept)
{
    return kept->flags & PARTS;
}

void tm_kept_free(struct tm_kept *kept)
{
    if (!kept)
        return;
    free(kept->alarm);
    free(kept);
}
