/* Units by their names: which there are, which are multiples of one another, and which direction is better. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/units.h"

static void what_is_a_unit(void **state)
{
    static const struct {
        const char *name;
        enum tm_dimension dimension; /* TM_DIMENSION_NONE: it is none */
        double factor;
    } rows[] = {
        {"ns", TM_DIMENSION_TIME, 1},          {"us", TM_DIMENSION_TIME, 1e3},
        {"\xc2\xb5s", TM_DIMENSION_TIME, 1e3}, {"\xce\xbcs", TM_DIMENSION_TIME, 1e3},
        {"ms", TM_DIMENSION_TIME, 1e6},        {"seconds", TM_DIMENSION_TIME, 1e9},
        {"min", TM_DIMENSION_TIME, 6e10},      {"ns/op", TM_DIMENSION_TIME, 1},
        {"ns/iter", TM_DIMENSION_TIME, 1},     {"ms per call", TM_DIMENSION_TIME, 1e6},
        {"usec/loop", TM_DIMENSION_TIME, 1e3}, {"B/op", TM_DIMENSION_SIZE, 1},
        {"bytes", TM_DIMENSION_SIZE, 1},       {"MB", TM_DIMENSION_SIZE, 1e6},
        {"MiB", TM_DIMENSION_SIZE, 1048576},   {"Megabytes", TM_DIMENSION_SIZE, 1e6},
        {"MB/s", TM_DIMENSION_RATE, 1},        {"ops/ms", TM_DIMENSION_RATE, 1e3},
        {"ops/us", TM_DIMENSION_RATE, 1e6},    {"ops/ns", TM_DIMENSION_RATE, 1e9},
        {"iter/sec", TM_DIMENSION_RATE, 1},    {"requests per second", TM_DIMENSION_RATE, 1},
        {"req/min", TM_DIMENSION_RATE, 0}, /* a rate, but 60 does not divide exactly */
        {"/s", TM_DIMENSION_RATE, 1},          {"", TM_DIMENSION_NONE, 0},
        {"NS", TM_DIMENSION_NONE, 0},          {"Ms", TM_DIMENSION_NONE, 0},
        {"mb", TM_DIMENSION_NONE, 0},          {"n", TM_DIMENSION_NONE, 0},
        {"ns ", TM_DIMENSION_NONE, 0},         {"percent", TM_DIMENSION_NONE, 0},
        {"allocs/op", TM_DIMENSION_NONE, 0},   {"ns/", TM_DIMENSION_NONE, 0},
        {"/", TM_DIMENSION_NONE, 0},           {"a/b/c", TM_DIMENSION_NONE, 0},
        {" per ", TM_DIMENSION_NONE, 0},       {"lines per file", TM_DIMENSION_NONE, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct tm_unit *unit = tm_unit_named(rows[i].name, strlen(rows[i].name));
        enum tm_dimension dimension = unit ? unit->dimension : TM_DIMENSION_NONE;
        if (dimension != rows[i].dimension || (unit && fabs(unit->factor - rows[i].factor) > 0))
            fail_msg("'%s' is of dimension %d with %g", rows[i].name, (int)dimension, unit ? unit->factor : 0);
    }
    assert_ptr_equal(tm_unit_named("nsxyz", 2), tm_unit_named("ns", 2)); /* the size counts, not a terminator */
}

static void what_converts(void **state)
{
    static const struct {
        const char *from, *to;
        double factor; /* 0: it does not */
    } rows[] = {
        {"ms", "ns", 1e6},
        {"ns", "ms", 1e-6},
        {"s", "us", 1e6},
        {"KiB", "B", 1024},
        {"kB", "bytes", 1000},
        {"MB", "KiB", 976.5625},
        {"us/op", "ms/iter", 1e-3},
        {"ops/ms", "ops/s", 1e3},
        {"ops/s", "ops/us", 1e-6},
        {"odd", "odd", 1},
        {"req/min", "req/min", 1},
        {"odd", "even", 0},
        {"ms", "MB", 0},
        {"MB", "MB/s", 0},
        {"MB/s", "ops/s", 0},
        {"MB/s", "KB/s", 0},
        {"req/min", "req/s", 0},
        {"req/s", "req/min", 0},
        {"ns", "odd", 0},
        {"ns", "/s", 0},
        {"", "ns", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double factor = tm_unit_factor(rows[i].from, rows[i].to);
        if (fabs(factor - rows[i].factor) > 1e-15 * rows[i].factor)
            fail_msg("'%s' in '%s' is %.17g", rows[i].from, rows[i].to, factor);
    }
}

static void which_direction(void **state)
{
    (void)state;
    assert_string_equal(tm_unit_better("ns/op"), "lower");
    assert_string_equal(tm_unit_better("KiB"), "lower");
    assert_string_equal(tm_unit_better("MB/s"), "higher");
    assert_string_equal(tm_unit_better("req/min"), "higher");
    assert_null(tm_unit_better("percent"));
    assert_null(tm_unit_better("allocs/op"));
    assert_null(tm_unit_better(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_unit),
        cmocka_unit_test(what_converts),
        cmocka_unit_test(which_direction),
    };
    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
