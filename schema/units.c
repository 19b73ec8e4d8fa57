/* One table of names. Factors are exact in a double, so a conversion rounds once. */
#include "schema/units.h"

#include <string.h>

static const struct tm_unit units[] = {
    {"ns", TM_DIMENSION_TIME, 1},
    {"nsec", TM_DIMENSION_TIME, 1},
    {"nanosecond", TM_DIMENSION_TIME, 1},
    {"nanoseconds", TM_DIMENSION_TIME, 1},
    {"us", TM_DIMENSION_TIME, 1e3},
    {"\xc2\xb5s", TM_DIMENSION_TIME, 1e3}, /* micro sign */
    {"\xce\xbcs", TM_DIMENSION_TIME, 1e3}, /* Greek mu */
    {"usec", TM_DIMENSION_TIME, 1e3},
    {"microsecond", TM_DIMENSION_TIME, 1e3},
    {"microseconds", TM_DIMENSION_TIME, 1e3},
    {"ms", TM_DIMENSION_TIME, 1e6},
    {"msec", TM_DIMENSION_TIME, 1e6},
    {"millisecond", TM_DIMENSION_TIME, 1e6},
    {"milliseconds", TM_DIMENSION_TIME, 1e6},
    {"s", TM_DIMENSION_TIME, 1e9},
    {"sec", TM_DIMENSION_TIME, 1e9},
    {"secs", TM_DIMENSION_TIME, 1e9},
    {"second", TM_DIMENSION_TIME, 1e9},
    {"seconds", TM_DIMENSION_TIME, 1e9},
    {"min", TM_DIMENSION_TIME, 6e10},
    {"minutes", TM_DIMENSION_TIME, 6e10},
    {"B", TM_DIMENSION_SIZE, 1},
    {"byte", TM_DIMENSION_SIZE, 1},
    {"bytes", TM_DIMENSION_SIZE, 1},
    {"Bytes", TM_DIMENSION_SIZE, 1},
    {"kB", TM_DIMENSION_SIZE, 1e3},
    {"KB", TM_DIMENSION_SIZE, 1e3},
    {"MB", TM_DIMENSION_SIZE, 1e6},
    {"GB", TM_DIMENSION_SIZE, 1e9},
    {"TB", TM_DIMENSION_SIZE, 1e12},
    {"KiB", TM_DIMENSION_SIZE, 0x1p10},
    {"MiB", TM_DIMENSION_SIZE, 0x1p20},
    {"GiB", TM_DIMENSION_SIZE, 0x1p30},
    {"Kilobytes", TM_DIMENSION_SIZE, 1e3},
    {"Megabytes", TM_DIMENSION_SIZE, 1e6},
    {"Gigabytes", TM_DIMENSION_SIZE, 1e9},
    {"TiB", TM_DIMENSION_SIZE, 0x1p40},
};

static bool is(const char *name, size_t size, const char *known)
{
    return strlen(known) == size && memcmp(name, known, size) == 0;
}

static const struct tm_unit *plain_unit(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (is(name, size, units[i].name))
            return &units[i];
    return NULL;
}

/* What programs count by: a value "per" one of these is a value. */
static bool is_one(const char *name, size_t size)
{
    static const char *const ones[] = {"op", "iter", "iteration", "call", "run", "loop", "test", "invocation"};
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
        if (is(name, size, ones[i]))
            return true;
    return false;
}

/* Something per unit of time: the factor is how often that fits into a second. */
static const struct tm_unit *rate(const char *time, size_t size)
{
    static const struct tm_unit per_second = {"/s", TM_DIMENSION_RATE, 1}, per_ms = {"/ms", TM_DIMENSION_RATE, 1e3},
                                per_us = {"/us", TM_DIMENSION_RATE, 1e6}, per_ns = {"/ns", TM_DIMENSION_RATE, 1e9},
                                per_min = {"/min", TM_DIMENSION_RATE, 0};
    const struct tm_unit *unit = plain_unit(time, size);
    if (!unit || unit->dimension != TM_DIMENSION_TIME)
        return NULL;
    return unit->factor >= 6e10  ? &per_min
           : unit->factor >= 1e9 ? &per_second
           : unit->factor >= 1e6 ? &per_ms
           : unit->factor >= 1e3 ? &per_us
                                 : &per_ns;
}

const struct tm_unit *tm_unit_named(const char *name, size_t size)
{
    static const char PER[] = " per ";
    const char *slash = memchr(name, '/', size), *end = name + size;
    for (const char *at = name; !slash && at + sizeof PER - 1 < end; at++)
        if (memcmp(at, PER, sizeof PER - 1) == 0)
            return is_one(at + sizeof PER - 1, (size_t)(end - at) - (sizeof PER - 1))
                       ? plain_unit(name, (size_t)(at - name))
                       : rate(at + sizeof PER - 1, (size_t)(end - at) - (sizeof PER - 1));
    if (!slash)
        return plain_unit(name, size);
    size_t behind = (size_t)(end - slash) - 1;
    return is_one(slash + 1, behind) ? plain_unit(name, (size_t)(slash - name)) : rate(slash + 1, behind);
}

/* A rate's own thing must be the same: MB/s is no multiple of ops/s. */
static bool same_thing(const char *from, const char *to)
{
    size_t a = strcspn(from, "/ "), b = strcspn(to, "/ ");
    return a == b && memcmp(from, to, a) == 0;
}

double tm_unit_factor(const char *from, const char *to)
{
    if (strcmp(from, to) == 0)
        return 1;
    const struct tm_unit *a = tm_unit_named(from, strlen(from)), *b = tm_unit_named(to, strlen(to));
    if (!a || !b || a->dimension != b->dimension || !(a->factor > 0) || !(b->factor > 0))
        return 0;
    if (a->dimension == TM_DIMENSION_RATE && !same_thing(from, to))
        return 0;
    return a->factor / b->factor;
}

const char *tm_unit_better(const char *name)
{
    const struct tm_unit *unit = tm_unit_named(name, strlen(name));
    return !unit ? NULL : unit->dimension == TM_DIMENSION_RATE ? "higher" : "lower";
}
