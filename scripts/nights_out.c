/* Output that fails loudly: whole buffers, and an error where one is lost. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nights.h"

enum { ROW_ROOM = 1024 };

static void out_fail(const struct out *o, const char *what)
{
    fprintf(stderr, "nights: cannot %s '%s': %s\n", what, o->name, errno ? strerror(errno) : "unknown error");
    exit(2);
}

void *must_alloc(void *old, size_t count, size_t size)
{
    void *p = count <= SIZE_MAX / size ? realloc(old, count * size) : NULL;

    if (!p) {
        fputs("nights: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

void out_open(struct out *o, const char *path)
{
    o->used = 0;
    o->name = path ? path : "standard output";
    errno = 0;
    o->file = path ? fopen(path, "wb") : stdout;
    if (!o->file)
        out_fail(o, "open");
}

static void out_flush(struct out *o)
{
    errno = 0;
    if (fwrite(o->buf, 1, o->used, o->file) != o->used)
        out_fail(o, "write");
    o->used = 0;
}

void out_close(struct out *o)
{
    out_flush(o);
    errno = 0;
    if (fclose(o->file))
        out_fail(o, "write");
}

void put_row(struct out *o)
{
    if (o->used > sizeof o->buf - ROW_ROOM)
        out_flush(o);
}

void put_char(struct out *o, char c)
{
    o->buf[o->used++] = c;
}

void put_text(struct out *o, const char *s)
{
    size_t n = strlen(s);

    memcpy(o->buf + o->used, s, n);
    o->used += n;
}

static void put_digits(struct out *o, uint64_t v, int digits)
{
    for (int i = digits; i-- > 0; v /= 10)
        o->buf[o->used + (size_t)i] = (char)('0' + v % 10);
    o->used += (size_t)digits;
}

void put_uint(struct out *o, uint64_t v)
{
    int digits = 1;

    for (uint64_t rest = v; rest >= 10; rest /= 10)
        digits++;
    put_digits(o, v, digits);
}

void put_int(struct out *o, int64_t v)
{
    if (v < 0)
        put_char(o, '-');
    put_uint(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void put_nano(struct out *o, uint64_t v)
{
    uint64_t unit = 1, fraction;
    int decimals = 9;

    for (uint64_t limit = 1000000; limit <= v && limit < UINT64_MAX / 10; limit *= 10)
        unit *= 10;
    v = (v + unit / 2) / unit * unit;
    put_uint(o, v / 1000000000);
    fraction = v % 1000000000;
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; fraction /= 10)
        decimals--;
    put_char(o, '.');
    put_digits(o, fraction, decimals);
}

void put_real(struct out *o, double v)
{
    put_nano(o, (uint64_t)(v * 1e9 + 0.5));
}

/* ---- the calendar ---- */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t month_days(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

void put_date(struct out *o, int64_t day)
{
    int64_t year = 1970, month = 1;

    for (; day >= 365 + is_leap(year); year++)
        day -= 365 + is_leap(year);
    for (; day >= month_days(year, month); month++)
        day -= month_days(year, month);
    put_digits(o, (uint64_t)year, 4);
    put_char(o, '-');
    put_digits(o, (uint64_t)month, 2);
    put_char(o, '-');
    put_digits(o, (uint64_t)day + 1, 2);
}

void put_time(struct out *o, int64_t day, unsigned second)
{
    put_date(o, day);
    put_char(o, 'T');
    put_digits(o, second / 3600, 2);
    put_char(o, ':');
    put_digits(o, second / 60 % 60, 2);
    put_char(o, ':');
    put_digits(o, second % 60, 2);
    put_char(o, 'Z');
}

static int64_t digits_of(const char *s, int n)
{
    int64_t v = 0;

    for (int i = 0; i < n; i++)
        v = v * 10 + (s[i] - '0');
    return v;
}

bool date_parse(const char *s, int64_t *day)
{
    static const char shape[] = "dddd-dd-dd";
    int64_t year, month, mday;

    if (strlen(s) != sizeof shape - 1)
        return false;
    for (size_t i = 0; s[i]; i++)
        if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
            return false;
    year = digits_of(s, 4), month = digits_of(s + 5, 2), mday = digits_of(s + 8, 2);
    if (year < 1970 || year > 2999 || month < 1 || month > 12 || mday < 1 || mday > month_days(year, month))
        return false;
    *day = mday - 1;
    while (--month >= 1)
        *day += month_days(year, month);
    while (--year >= 1970)
        *day += 365 + is_leap(year);
    return true;
}

void put_commit(struct out *o, uint64_t seed, uint64_t night, int digits)
{
    struct rng r = rng_at(seed, STREAM_COMMIT, night, 0);
    uint64_t bits = 0;

    for (int i = 0; i < digits; i++, bits >>= 4) {
        if (i % 16 == 0)
            bits = rng_next(&r);
        put_char(o, "0123456789abcdef"[bits & 15]);
    }
}
