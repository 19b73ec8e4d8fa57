/* A sketch as bytes, for the store: the same content is always the same bytes, so that a run that comes again is recognized. Bytes
 * come from files that anybody may have written, so decoding believes nothing. */
#include "schema/sketch.h"

#include <errno.h>
#include <stdlib.h>

/* The blob, version 1. V is an unsigned LEB128 varint of minimal length, F
 * the 8 bytes of a double, least significant first.
 *
 *     'T' 'S' 1   V zeros   V buckets in use   [F min   F max, unless empty]
 *     then per bucket in use, by ascending index:
 *         V ((count - 1) << 1 | skips)   [V (skipped - 1), if skips]
 *
 * skipped is the number of unused buckets since the previous one (at first:
 * since TM_SKETCH_FIRST). Each content has exactly one such blob. */
static const unsigned char magic[3] = {'T', 'S', 1};

/* Each put_ function writes behind p and returns where the next goes; the caller has made room. */
static unsigned char *put_varint(unsigned char *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (unsigned char)(v | 0x80);
    *p++ = (unsigned char)v;
    return p;
}

static unsigned char *put_double(unsigned char *p, double value)
{
    uint64_t bits;
    int i;

    memcpy(&bits, &value, sizeof bits);
    for (i = 0; i < 8; i++)
        *p++ = (unsigned char)(bits >> (8 * i));
    return p;
}

/* Neighbours are mostly both in use, so a gap costs a bit to tell, and a number only where there is one. */
static unsigned char *put_buckets(unsigned char *p, const struct tm_sketch *s)
{
    uint32_t i, next = TM_SKETCH_FIRST;

    for (i = 0; i < s->len; i++) {
        uint32_t index = s->first + i, skipped = index - next;

        if (s->counts[i] == 0)
            continue;
        p = put_varint(p, (s->counts[i] - 1) << 1 | (skipped > 0));
        if (skipped > 0)
            p = put_varint(p, skipped - 1);
        next = index + 1;
    }
    return p;
}

unsigned char *tm_sketch_encode(const struct tm_sketch *s, size_t *len)
{
    unsigned char *blob, *p;
    size_t used = 0;
    uint32_t i;

    for (i = 0; i < s->len; i++)
        used += s->counts[i] > 0;
    /* Varints: counts up to 10 bytes, distances below 2^17 up to 3. */
    blob = malloc(sizeof magic + 10 + 3 + 16 + used * 13);
    if (!blob)
        return NULL;
    memcpy(blob, magic, sizeof magic);
    p = put_varint(blob + sizeof magic, s->zeros);
    p = put_varint(p, used);
    if (s->total > 0) {
        p = put_double(p, s->min);
        p = put_double(p, s->max);
    }
    p = put_buckets(p, s);
    *len = (size_t)(p - blob);
    return blob;
}

struct reader {
    const unsigned char *p, *end;
};

/* A varint up to TM_SKETCH_MAX_COUNT << 1, in its shortest form only. */
static int get_varint(struct reader *r, uint64_t *v)
{
    int shift;

    *v = 0;
    for (shift = 0; shift < 64 && r->p < r->end; shift += 7) {
        unsigned char byte = *r->p++;

        *v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte >= 0x80)
            continue;
        return (shift > 0 && byte == 0) || (shift == 63 && byte > 1) ? -1 : 0;
    }
    return -1;
}

static int get_double(struct reader *r, double *value)
{
    uint64_t bits = 0;
    int i;

    if (r->end - r->p < 8)
        return -1;
    for (i = 0; i < 8; i++)
        bits |= (uint64_t)*r->p++ << (8 * i);
    memcpy(value, &bits, sizeof *value);
    return bits < (uint64_t)TM_SKETCH_END << TM_SKETCH_SHIFT ? 0 : -1;
}

static int get_header(struct reader *r, struct tm_sketch *s, uint64_t *used)
{
    if ((size_t)(r->end - r->p) < sizeof magic || memcmp(r->p, magic, sizeof magic) != 0)
        return -1;
    r->p += sizeof magic;
    if (get_varint(r, &s->zeros) != 0 || get_varint(r, used) != 0)
        return -1;
    s->total = s->zeros;
    if (s->total > TM_SKETCH_MAX_COUNT || *used > TM_SKETCH_END)
        return -1;
    if (s->zeros == 0 && *used == 0)
        return 0;
    return get_double(r, &s->min) != 0 || get_double(r, &s->max) != 0 || s->min > s->max ? -1 : 0;
}

/* One bucket: its index (from *next, which moves past it) and its count. */
static int get_bucket(struct reader *r, uint64_t *next, uint64_t *index, uint64_t *count)
{
    uint64_t word, skipped = 0;

    if (get_varint(r, &word) != 0)
        return -1;
    if (word & 1) {
        if (get_varint(r, &skipped) != 0 || skipped >= TM_SKETCH_END)
            return -1;
        skipped++;
    }
    *index = *next + skipped;
    *count = (word >> 1) + 1;
    *next = *index + 1;
    return *index < TM_SKETCH_END && *count <= TM_SKETCH_MAX_COUNT ? 0 : -1;
}

/* Read all buckets: check them and, where s has counters, fill these in.
 * s->total grows by their counts, *first and *last are the outer indices. */
static int get_buckets(struct reader *r, struct tm_sketch *s, uint64_t used, uint64_t *first, uint64_t *last)
{
    uint64_t i, count, next = TM_SKETCH_FIRST;

    for (i = 0; i < used; i++) {
        if (get_bucket(r, &next, last, &count) != 0 || count > TM_SKETCH_MAX_COUNT - s->total)
            return -1;
        if (i == 0)
            *first = *last;
        if (s->counts)
            s->counts[*last - s->first] = count;
        s->total += count;
    }
    return r->p == r->end ? 0 : -1;
}

/* min and max must lie where the outermost counts are. */
static int range_fits(const struct tm_sketch *s, uint64_t first, uint64_t last)
{
    if (s->total == 0)
        return 1;
    return tm_sketch_index(s->min) == (s->zeros > 0 ? TM_SKETCH_FIRST - 1 : first) && tm_sketch_index(s->max) == last;
}

int tm_sketch_decode(struct tm_sketch *s, const void *blob, size_t len)
{
    struct tm_sketch seen;
    struct reader start, r;
    uint64_t used, first = TM_SKETCH_FIRST - 1, last = first;

    tm_sketch_init(&seen);
    if (!blob)
        len = 0;
    start.p = len > 0 ? blob : magic;
    start.end = start.p + len;
    if (get_header(&start, &seen, &used) != 0)
        goto malformed;
    r = start;
    if (get_buckets(&r, &seen, used, &first, &last) != 0 || !range_fits(&seen, first, last))
        goto malformed;
    if (used > 0 && tm_sketch_cover(s, (uint32_t)first, (uint32_t)last) != 0)
        return -1;
    tm_sketch_reset(s);
    if (used > 0)
        (void)get_buckets(&start, s, used, &first, &last);
    s->zeros = seen.zeros;
    s->total = seen.total;
    s->min = seen.min;
    s->max = seen.max;
    return 0;
malformed:
    errno = EINVAL;
    return -1;
}
