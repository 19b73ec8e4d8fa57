/* Units of measurement by their names, as programs write them: which are multiples of one another. */
#ifndef TM_SCHEMA_UNITS_H
#define TM_SCHEMA_UNITS_H

#include <stdbool.h>
#include <stddef.h>

/* What a unit counts. Rates are apart: a time and its inverse have different directions. */
enum tm_dimension { TM_DIMENSION_NONE, TM_DIMENSION_TIME, TM_DIMENSION_SIZE, TM_DIMENSION_RATE };

struct tm_unit {
    const char *name;
    enum tm_dimension dimension;
    double factor; /* in ns, bytes, and for a rate per second */
};

/* The unit of that name (of `size` bytes), without what it is counted per: "ns/op", "ns/iter" and "ns per call" are nanoseconds,
 * "ops/ms" is a rate. Letters decide as written: "MB" are 10^6 bytes, "MiB" 2^20. NULL: none that is known. */
const struct tm_unit *tm_unit_named(const char *name, size_t size);

/* What a value in `from` is multiplied with to be one in `to`; 0: they are no multiples of one another. Equal names always are. */
double tm_unit_factor(const char *from, const char *to);

/* Which direction is better by the unit alone: "lower" of times and sizes, "higher" of rates; NULL: it does not say. */
const char *tm_unit_better(const char *name);

#endif
