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

/* Bits, the highest first, gathered into bytes. */
static void put_bits(struct tm_bytes *out, const uint64_t *values, int n, unsigned width)
{
    unsigned char byte = 0;
    unsigned used = 0;
    for (int i = 0; i < n; i++)
        for (unsigned left = width; left > 0;) {
            unsigned take = left < 8 - used ? left : 8 - used;
            left -= take;
            byte = (unsigned char)(byte | (values[i] >> left & ((1u << take) - 1)) << (8 - used - take));
            used += take;
            if (used == 8) {
                tm_put_byte(out, byte);
                byte = 0;
                used = 0;
            }
        }
    if (used > 0)
        tm_put_byte(out, byte);
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

/* The slice has them: the caller has made sure. */
static void get_bits(struct tm_slice_of_bytes *in, uint64_t *values, int n, unsigned width)
{
    unsigned used = 0;
    for (int i = 0; i < n; i++) {
        values[i] = 0;
        for (unsigned left = width; left > 0;) {
            unsigned take = left < 8 - used ? left : 8 - used;
            unsigned part = *in->at >> (8 - used - take) & ((1u << take) - 1);
            values[i] = values[i] << take | part;
            left -= take;
            used += take;
            in->at += used == 8;
            used &= 7;
        }
    }
    in->at += used > 0;
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
    size_t size = ((size_t)n * width + 7) / 8;
    in->bad = in->bad || width > MOST_BITS || (size_t)(in->end - in->at) < size;
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
