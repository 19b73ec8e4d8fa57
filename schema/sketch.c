/* The latency sketch: counts of buckets between the smallest and the largest that were met, in
 * one array (the window) that grows at both ends. The bucket of a value is in its bits
 * (schema/sketch.h has the rule), so that counting takes no logarithm. */
#include "schema/sketch.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* The index just below the window's range stands for the zeros. */
#define ZEROS (TM_SKETCH_FIRST - 1)

/* What stands for all values of a bucket: its midpoint. */
static double midpoint(uint32_t index)
{
    uint64_t bits = (uint64_t)index << TM_SKETCH_SHIFT;
    double value;

    if (index == ZEROS)
        return 0.0;
    bits |= 1ULL << (TM_SKETCH_SHIFT - 1);
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Exponent and the top six bits of the mantissa: shifted out of the bits, they are the bucket's
 * number. */
uint32_t tm_sketch_index(double value)
{
    uint64_t bits;

    if (value < DBL_MIN)
        return ZEROS;
    memcpy(&bits, &value, sizeof bits);
    return (uint32_t)(bits >> TM_SKETCH_SHIFT);
}

void tm_sketch_init(struct tm_sketch *s)
{
    s->counts = NULL;
    s->first = TM_SKETCH_FIRST;
    s->len = 0;
    s->zeros = 0;
    s->total = 0;
    s->min = INFINITY;
    s->max = -INFINITY;
}

void tm_sketch_free(struct tm_sketch *s)
{
    if (!s)
        return;
    free(s->counts);
    tm_sketch_init(s);
}

/* The window stays: the next run's values are likely to lie in it. */
void tm_sketch_reset(struct tm_sketch *s)
{
    if (s->len > 0)
        memset(s->counts, 0, s->len * sizeof *s->counts);
    s->zeros = 0;
    s->total = 0;
    s->min = INFINITY;
    s->max = -INFINITY;
}

/* The window grows to hold both buckets. What it held is copied to its place; a failure leaves it
 * as it was. */
int tm_sketch_cover(struct tm_sketch *s, uint32_t first, uint32_t last)
{
    uint32_t slack = 32 + s->len / 4; /* half a power of two, or a quarter more: growing is rare, and wastes little */
    uint32_t begin = s->first, end = s->first + s->len;
    uint64_t *counts;

    if (s->len > 0 && first >= begin && last < end)
        return 0;
    if (s->len == 0 || first < begin)
        begin = first > TM_SKETCH_FIRST + slack ? first - slack : TM_SKETCH_FIRST;
    if (s->len == 0 || last >= end)
        end = last + 1 < TM_SKETCH_END - slack ? last + 1 + slack : TM_SKETCH_END;
    counts = calloc(end - begin, sizeof *counts);
    if (!counts)
        return -1;
    if (s->len > 0)
        memcpy(counts + (s->first - begin), s->counts, s->len * sizeof *counts);
    free(s->counts);
    s->counts = counts;
    s->first = begin;
    s->len = end - begin;
    return 0;
}

int tm_sketch_add_outside(struct tm_sketch *s, double value)
{
    if (!(value >= 0.0 && value <= DBL_MAX)) {
        errno = EINVAL;
        return -1;
    }
    if (value >= DBL_MIN) {
        if (tm_sketch_cover(s, tm_sketch_index(value), tm_sketch_index(value)) != 0)
            return -1;
        return tm_sketch_add(s, value);
    }
    value = fabs(value); /* -0.0 is 0 */
    s->zeros++;
    s->total++;
    s->min = fmin(s->min, value);
    s->max = fmax(s->max, value);
    return 0;
}

/* First and last bucket in use; 0 when there is none. */
/* Only what is in use: a window is larger than its content, and an empty edge would make the
 * other one grow. */
static int used_span(const struct tm_sketch *s, uint32_t *first, uint32_t *last)
{
    uint32_t lo = 0, hi = s->len;

    while (lo < hi && s->counts[lo] == 0)
        lo++;
    while (hi > lo && s->counts[hi - 1] == 0)
        hi--;
    if (lo == hi)
        return 0;
    *first = s->first + lo;
    *last = s->first + hi - 1;
    return 1;
}

/* Checked and covered before anything is added: a failure changes nothing. src may be dst. */
int tm_sketch_merge(struct tm_sketch *dst, const struct tm_sketch *src)
{
    uint32_t i, first, last;

    if (src->total > TM_SKETCH_MAX_COUNT || dst->total > TM_SKETCH_MAX_COUNT - src->total) {
        errno = EOVERFLOW;
        return -1;
    }
    if (used_span(src, &first, &last)) {
        if (tm_sketch_cover(dst, first, last) != 0)
            return -1;
        for (i = first; i <= last; i++)
            dst->counts[i - dst->first] += src->counts[i - src->first];
    }
    dst->zeros += src->zeros;
    dst->total += src->total;
    dst->min = fmin(dst->min, src->min);
    dst->max = fmax(dst->max, src->max);
    return 0;
}

int tm_sketch_add_counts(struct tm_sketch *s, uint32_t first, const uint64_t *counts, uint32_t len, uint64_t zeros, double min,
                         double max)
{
    /* Only read from. -0.0 is 0: of a blob it would be none of ours. */
    struct tm_sketch added = {(uint64_t *)(uintptr_t)counts, first, len, zeros, zeros, fabs(min), max};
    uint32_t i;

    for (i = 0; i < len; i++) {
        if (counts[i] > TM_SKETCH_MAX_COUNT || added.total > TM_SKETCH_MAX_COUNT - counts[i]) {
            errno = EOVERFLOW;
            return -1;
        }
        added.total += counts[i];
    }
    return added.total > 0 ? tm_sketch_merge(s, &added) : 0;
}

/* 0 outside the window: below it, the subtraction wraps. */
static uint64_t count_at(const struct tm_sketch *s, uint32_t index)
{
    uint32_t at = index - s->first;

    return at < s->len ? s->counts[at] : 0;
}

/* Is all that src has counted in dst? */
static int contains(const struct tm_sketch *dst, const struct tm_sketch *src)
{
    uint32_t i;

    if (src->zeros > dst->zeros)
        return 0;
    for (i = 0; i < src->len; i++)
        if (src->counts[i] > count_at(dst, src->first + i))
            return 0;
    return 1;
}

/* New min and max after values from the bottom or from the top have left. */
static void settle_range(struct tm_sketch *s, int lost_min, int lost_max)
{
    uint32_t first = ZEROS, last = ZEROS;

    if (s->total == 0) {
        s->min = INFINITY;
        s->max = -INFINITY;
        return;
    }
    (void)used_span(s, &first, &last);
    if (s->zeros > 0)
        first = ZEROS;
    /* The smallest value may also have left in a bucket of several: then only its bucket is known. */
    lost_min = lost_min || tm_sketch_index(s->min) != first;
    lost_max = lost_max || tm_sketch_index(s->max) != last;
    if (lost_min)
        s->min = midpoint(first);
    if (lost_max)
        s->max = midpoint(last);
    if (s->min > s->max && lost_min)
        s->min = s->max;
    else if (s->min > s->max)
        s->max = s->min;
}

/* Exact for the counts. Smallest and largest value are not known any more when they may have
 * left: a bucket's midpoint stands for them. */
int tm_sketch_unmerge(struct tm_sketch *dst, const struct tm_sketch *src)
{
    int lost_min = src->min <= dst->min, lost_max = src->max >= dst->max;
    uint32_t i;

    if (!contains(dst, src)) {
        errno = EINVAL;
        return -1;
    }
    /* The loop below would read what it has just changed. */
    if (dst == src) {
        tm_sketch_reset(dst);
        return 0;
    }
    dst->zeros -= src->zeros;
    dst->total -= src->total;
    for (i = 0; i < src->len; i++)
        if (src->counts[i] > 0)
            dst->counts[src->first + i - dst->first] -= src->counts[i];
    settle_range(dst, lost_min, lost_max);
    return 0;
}

static double clamp(const struct tm_sketch *s, double value)
{
    return fmin(fmax(value, s->min), s->max);
}

/* The estimates of x[k] and x[k + 1] in one walk (k < total; beyond the last
 * value, the last). */
static void two_order_values(const struct tm_sketch *s, uint64_t k, double v[2])
{
    uint64_t seen = s->zeros;
    uint32_t i = 0, found = 0;

    while (found < 2) {
        uint64_t rank = k + found;

        if (rank == 0)
            v[found++] = s->min;
        else if (rank + 1 >= s->total)
            v[found++] = s->max;
        else if (rank < s->zeros)
            v[found++] = clamp(s, 0.0);
        else {
            while (seen <= rank)
                seen += s->counts[i++];
            v[found++] = clamp(s, midpoint(s->first + i - 1));
        }
    }
}

/* Type 7, as tm_percentile(): between two order statistics, each known to 1/128, hence the whole
 * within 1 %. */
double tm_sketch_quantile(const struct tm_sketch *s, double q)
{
    double h, below, v[2];
    uint64_t k;

    if (s->total == 0 || !(q >= 0.0 && q <= 1.0))
        return NAN;
    h = q * (double)(s->total - 1);
    below = floor(h);
    k = (uint64_t)below;
    /* Counts beyond 2^53 round up in a double. */
    if (k > s->total - 1)
        k = s->total - 1;
    two_order_values(s, k, v);
    return v[0] + (h - below) * (v[1] - v[0]);
}
