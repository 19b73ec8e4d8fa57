/* Counts and doubles as bytes, one at a time; bytes_reals.c has those that come together. */
#include "analyze/bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void tm_bytes_free(struct tm_bytes *bytes)
{
    free(bytes->bytes);
    *bytes = (struct tm_bytes){0};
}

void tm_bytes_begin(struct tm_bytes *out)
{
    out->size = 0;
    out->failed = false;
}

unsigned char *tm_put_room(struct tm_bytes *out, size_t size)
{
    if (out->failed || tm_array_reserve(&out->bytes, &out->room, out->size + size, 1) != 0) {
        out->failed = true;
        return NULL;
    }
    out->size += size;
    return out->bytes + out->size - size;
}

static void put_bytes(struct tm_bytes *out, const void *bytes, size_t size)
{
    unsigned char *at = tm_put_room(out, size);
    if (at)
        memcpy(at, bytes, size);
}

void tm_put_byte(struct tm_bytes *out, unsigned char byte)
{
    put_bytes(out, &byte, 1);
}

/* Seven bits a byte, the lowest first; the high bit says that more follow. */
void tm_put_count(struct tm_bytes *out, uint64_t value)
{
    unsigned char bytes[10]; /* 64 bits by sevens */
    size_t size = 0;
    for (; value > 0x7f; value >>= 7)
        bytes[size++] = (unsigned char)(value | 0x80);
    bytes[size++] = (unsigned char)value;
    put_bytes(out, bytes, size);
}

/* Small numbers of either sign become small counts: 0, -1, 1, -2, ... */
void tm_put_integer(struct tm_bytes *out, int64_t value)
{
    tm_put_count(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

/* The eight bytes of the double, least first on every machine. */
void tm_put_real(struct tm_bytes *out, double value)
{
    unsigned char bytes[8];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    put_bytes(out, bytes, sizeof bytes);
}

struct tm_slice_of_bytes tm_slice_of_bytes(const void *bytes, size_t size)
{
    return (struct tm_slice_of_bytes){bytes, bytes ? (const unsigned char *)bytes + size : NULL, !bytes};
}

unsigned char tm_get_byte(struct tm_slice_of_bytes *in)
{
    in->bad = in->bad || in->at == in->end;
    return in->bad ? 0 : *in->at++;
}

/* 0, and the slice bad, where it is more than `most`, cut short, or longer than 64 bits. */
uint64_t tm_get_count(struct tm_slice_of_bytes *in, uint64_t most)
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

/* Undoes tm_put_integer: the lowest bit is the sign. */
int64_t tm_get_integer(struct tm_slice_of_bytes *in)
{
    uint64_t value = tm_get_count(in, UINT64_MAX);
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

double tm_get_real(struct tm_slice_of_bytes *in)
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
    in->bad = !isfinite(value);
    return in->bad ? 0 : value;
}
