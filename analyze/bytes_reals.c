/* Doubles that come together: the values of one series. They differ in their lower bits and share the upper ones, so they are
 * written as distances from the least of them, all of as many bits as the largest needs. Whole numbers, which counts are, take
 * the few bits that they have.
 *
 * A byte says how: 0 to 64 is the number of bits of distances between the doubles themselves, as integers in the order of their
 * values; WHOLE and more that of distances between whole numbers. Then the least one, and the distances, the highest bit first. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "analyze/bytes.h"

enum { WHOLE = 128, MOST_BITS = 64 };

/* Integers above are not all doubles. */
static const double MOST_WHOLE = 9007199254740992; /* 2^53 */

static const uint64_t SIGN = UINT64_C(1) << 63;

/* The bits of a double as an integer, larger for a larger value: of those below zero all bits are turned round. */
static uint64_t rank_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & SIGN) ? ~bits : bits | SIGN;
}

static double value_of(uint64_t rank)
{
    uint64_t bits = (rank & SIGN) ? rank & ~SIGN : ~rank;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* -0 is none: it would come back as 0. */
static bool all_whole(const double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (signbit(values[i]) || !(values[i] <= MOST_WHOLE) || values[i] > floor(values[i]))
            return false;
    return true;
}

static unsigned bits_of(uint64_t value)
{
    unsigned bits = 0;
    for (; value; value >>= 1)
        bits++;
    return bits;
}

/* Bits on their way between values and bytes: the lowest `n` of `held`, fewer than HALF between two steps. */
struct bits {
    uint64_t held;
    unsigned n;
};

enum { HALF = 32 }; /* what goes at once: with what is held it fits into 64 bits */

static unsigned char *put_half(struct bits *bits, unsigned char *at, uint64_t value, unsigned width)
{
    bits->held = bits->held << width | value;
    bits->n += width;
    if (bits->n < HALF)
        return at;
    bits->n -= HALF;
    uint32_t half = (uint32_t)(bits->held >> bits->n);
    for (int i = 0; i < 4; i++)
        *at++ = (unsigned char)(half >> (24 - 8 * i));
    return at;
}

static size_t bytes_of(int n, unsigned width)
{
    return ((size_t)n * width + 7) / 8;
}

/* Bits, the highest first, gathered into bytes. */
static void put_bits(struct tm_bytes *out, const uint64_t *values, int n, unsigned width)
{
    struct bits bits = {0, 0};
    unsigned upper = width > HALF ? width - HALF : 0, lower = width - upper;
    uint64_t mask = (UINT64_C(1) << lower) - 1;
    unsigned char *at = width > 0 ? tm_put_room(out, bytes_of(n, width)) : NULL;
    if (!at)
        return;
    for (int i = 0; i < n; i++) {
        if (upper > 0)
            at = put_half(&bits, at, values[i] >> HALF, upper);
        at = put_half(&bits, at, values[i] & mask, lower);
    }
    for (; bits.n >= 8; bits.n -= 8)
        *at++ = (unsigned char)(bits.held >> (bits.n - 8));
    if (bits.n > 0)
        *at = (unsigned char)(bits.held << (8 - bits.n));
}

void tm_put_reals(struct tm_bytes *out, const double *values, int n)
{
    uint64_t ranks[TM_REALS_MOST], least = UINT64_MAX, most = 0;
    bool whole = all_whole(values, n);
    assert(n <= TM_REALS_MOST);
    for (int i = 0; i < n; i++) {
        ranks[i] = whole ? (uint64_t)values[i] : rank_of(values[i]);
        least = ranks[i] < least ? ranks[i] : least;
        most = ranks[i] > most ? ranks[i] : most;
    }
    if (n == 0)
        return;
    unsigned width = bits_of(most - least);
    for (int i = 0; i < n; i++)
        ranks[i] -= least;
    tm_put_byte(out, (unsigned char)(width + (whole ? WHOLE : 0)));
    if (whole)
        tm_put_count(out, least);
    else
        tm_put_real(out, value_of(least));
    put_bits(out, ranks, n, width);
}

static uint64_t get_half(struct bits *bits, const unsigned char **at, const unsigned char *end, unsigned width)
{
    if (bits->n < width && end - *at >= 4) {
        for (int i = 0; i < 4; i++)
            bits->held = bits->held << 8 | *(*at)++;
        bits->n += HALF;
    }
    for (; bits->n < width; bits->n += 8)
        bits->held = bits->held << 8 | *(*at)++;
    bits->n -= width;
    return bits->held >> bits->n & ((UINT64_C(1) << width) - 1);
}

/* The slice has them: the caller has made sure. */
static void get_bits(struct tm_slice_of_bytes *in, uint64_t *values, int n, unsigned width)
{
    struct bits bits = {0, 0};
    unsigned upper = width > HALF ? width - HALF : 0;
    const unsigned char *at = in->at, *end = in->at + bytes_of(n, width);
    for (int i = 0; i < n; i++) {
        values[i] = upper > 0 ? get_half(&bits, &at, end, upper) << HALF : 0;
        values[i] |= get_half(&bits, &at, end, width - upper);
    }
    in->at = end;
}

void tm_get_reals(struct tm_slice_of_bytes *in, double *values, int n)
{
    uint64_t ranks[TM_REALS_MOST];
    assert(n <= TM_REALS_MOST);
    memset(values, 0, (size_t)n * sizeof *values);
    if (n == 0)
        return;
    unsigned form = tm_get_byte(in), width = form % WHOLE;
    bool whole = form >= WHOLE;
    uint64_t least = whole ? tm_get_count(in, (uint64_t)MOST_WHOLE) : rank_of(tm_get_real(in));
    in->bad = in->bad || width > MOST_BITS || (size_t)(in->end - in->at) < bytes_of(n, width);
    if (in->bad)
        return;
    get_bits(in, ranks, n, width);
    for (int i = 0; i < n; i++) {
        uint64_t rank = least + ranks[i]; /* bytes of anybody may wrap it: then it is another number, or none */
        values[i] = whole ? (double)rank : value_of(rank);
        in->bad = in->bad || !isfinite(values[i]) || (whole && rank > (uint64_t)MOST_WHOLE);
    }
    if (in->bad)
        memset(values, 0, (size_t)n * sizeof *values);
}
