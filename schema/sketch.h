#ifndef TM_SCHEMA_SKETCH_H
#define TM_SCHEMA_SKETCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A mergeable latency sketch: a histogram whose buckets follow the bits of
 * an IEEE 754 double. Exponent and top six bits of the mantissa are the
 * bucket's index, so every power of two is cut into 64 equal buckets
 *
 *     index(v) = bits(v) >> 46        lower edge(i) = double(i << 46)
 *
 * and a bucket is at most 1/64 of its lower edge wide. Its midpoint stands
 * for all values in it: relative error <= 1/128 = 0.79 %.
 *
 * Values: finite, >= 0, any unit. Zero is counted apart, and with it every
 * value below 2^-1022 (the subnormals, where the rule above ends).
 * Memory: 8 bytes per bucket between the smallest and the largest value seen
 * (a factor of 1000 between them: 5 KB), plus slack of at most a quarter.
 * Smallest and largest value are kept exactly; see tm_sketch_unmerge().
 * A sketch is not safe for use by two threads at once. */
#define TM_SKETCH_SHIFT     46
#define TM_SKETCH_FIRST     64u           /* index of 2^-1022 */
#define TM_SKETCH_END       (2047u * 64u) /* one past the largest double */
#define TM_SKETCH_MAX_COUNT (1ULL << 62)  /* bound on merge and decode */

/* Read the fields if you like; only the functions below write them. */
struct tm_sketch {
    uint64_t *counts; /* of buckets first .. first + len - 1 */
    uint32_t first;
    uint32_t len;
    uint64_t zeros;
    uint64_t total;  /* zeros included */
    double min, max; /* +inf and -inf while empty */
};

/* An empty sketch; owns no memory until the first value. */
void tm_sketch_init(struct tm_sketch *s);

/* Release the memory; the sketch is then empty and usable. NULL is fine. */
void tm_sketch_free(struct tm_sketch *s);

/* Forget the values, keep the memory. */
void tm_sketch_reset(struct tm_sketch *s);

/* Parts of the others, not to be called from elsewhere: tm_sketch_add()
 * outside the window; the bucket of a value (TM_SKETCH_FIRST - 1 for what
 * counts as zero); a window that covers the buckets first .. last, 0 or -1. */
int tm_sketch_add_outside(struct tm_sketch *s, double value);
uint32_t tm_sketch_index(double value);
int tm_sketch_cover(struct tm_sketch *s, uint32_t first, uint32_t last);

/* Count one value. 0, or -1 with the sketch unchanged: errno EINVAL for a
 * value that is negative, infinite or NaN, ENOMEM when it cannot grow.
 * Inside the window a few instructions: index, increment, min, max. */
static inline int tm_sketch_add(struct tm_sketch *s, double value)
{
    uint64_t bits, at;

    memcpy(&bits, &value, sizeof bits);
    /* Sign bit, inf and NaN give an index beyond any window. */
    at = (bits >> TM_SKETCH_SHIFT) - s->first;
    if (at >= s->len)
        return tm_sketch_add_outside(s, value);
    s->counts[at]++;
    s->total++;
    s->min = value < s->min ? value : s->min;
    s->max = value > s->max ? value : s->max;
    return 0;
}

/* Count values that somebody else has put into buckets by the rule above: counts[i] of them in the bucket first + i, and zeros, all
 * between min and max, which are values themselves. 0, or -1 with s unchanged: ENOMEM, or EOVERFLOW above TM_SKETCH_MAX_COUNT
 * values. */
int tm_sketch_add_counts(struct tm_sketch *s, uint32_t first, const uint64_t *counts, uint32_t len, uint64_t zeros, double min,
                         double max);

/* Add all that src has counted: the same content as if every value of src
 * had been added to dst. 0, or -1 with dst unchanged: ENOMEM, or EOVERFLOW
 * above TM_SKETCH_MAX_COUNT values. */
int tm_sketch_merge(struct tm_sketch *dst, const struct tm_sketch *src);

/* Take away what an earlier tm_sketch_merge(dst, src) added, for sliding
 * windows. 0, or -1 with dst unchanged (EINVAL) when src holds something
 * that dst does not. When src reached as far as dst's min (or max), which
 * value is now the smallest is no longer known: min becomes the midpoint of
 * the lowest bucket in use, within 1 % of the truth; max likewise. */
int tm_sketch_unmerge(struct tm_sketch *dst, const struct tm_sketch *src);

/* Number of values counted. */
static inline uint64_t tm_sketch_count(const struct tm_sketch *s)
{
    return s->total;
}

/* Quantile by type 7 (Hyndman & Fan 1996), the rule of percentile(x, p):
 * with the n values sorted, x[0] <= ... <= x[n-1],
 *
 *     h = q * (n - 1)    Q(q) = x[floor h] + (h - floor h) * (x[floor h + 1] - x[floor h])
 *
 * where each x[k] is known to 1/128 by its bucket, x[0] and x[n-1] exactly,
 * and all are clamped to [min, max]. Hence the result is within 1 % of the
 * same quantile of the raw values. One value: that value. n = 0, or q
 * outside 0 .. 1: NAN. Time: proportional to the number of buckets. */
double tm_sketch_quantile(const struct tm_sketch *s, double q);

/* The content as bytes, the same content always as the same bytes (the
 * format is described in sketch_blob.c). Returns memory for the caller to free()
 * and its length in *len, or NULL (ENOMEM). Typically 1 to 2 bytes per
 * bucket in use, plus 25. */
unsigned char *tm_sketch_encode(const struct tm_sketch *s, size_t *len);

/* Replace the content of s, which must be initialised, by what the blob says.
 * 0, or -1 with the content unchanged: EINVAL for anything that
 * tm_sketch_encode() cannot have written, ENOMEM. Any bytes are safe. */
int tm_sketch_decode(struct tm_sketch *s, const void *blob, size_t len);

#endif
