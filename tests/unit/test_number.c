/* Decimal numbers: what is one, and that it becomes the nearest double. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/number.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

static bool same_bits(double a, double b)
{
    uint64_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y;
}

static const struct real {
    const char *text;
    int shift;
    enum tm_number_fault fault;
    double value;
} reals[] = {
    {"0", 0, TM_NUMBER_OK, 0.0},
    {"-0", 0, TM_NUMBER_OK, 0.0},
    {"-0.000e7", 3, TM_NUMBER_OK, 0.0},
    {"-1e-999", 0, TM_NUMBER_OK, 0.0},
    {"1", 0, TM_NUMBER_OK, 1},
    {"+1", 0, TM_NUMBER_OK, 1},
    {"-1.5", 0, TM_NUMBER_OK, -1.5},
    {".5", 0, TM_NUMBER_OK, 0.5},
    {"5.", 0, TM_NUMBER_OK, 5},
    {"00012", 0, TM_NUMBER_OK, 12},
    {"0.1", 0, TM_NUMBER_OK, 0.1},
    {"1e3", 0, TM_NUMBER_OK, 1000},
    {"1E+3", 0, TM_NUMBER_OK, 1000},
    {"1e-3", 0, TM_NUMBER_OK, 0.001},
    {"0.4123", 3, TM_NUMBER_OK, 412.3},
    {"4947.6", 6, TM_NUMBER_OK, 4947.6e6},
    {"1", 9, TM_NUMBER_OK, 1e9},
    {"1e-9", 9, TM_NUMBER_OK, 1},
    {"9007199254740993", 0, TM_NUMBER_OK, 9007199254740992},
    {"9007199254740993.00000000000000000000000000000001", 0, TM_NUMBER_OK, 9007199254740994.0},
    {"18446744073709551616", 0, TM_NUMBER_OK, 18446744073709551616.0},
    {"1e22", 0, TM_NUMBER_OK, 1e22},
    {"1e23", 0, TM_NUMBER_OK, 1e23},
    {"1.7976931348623157e308", 0, TM_NUMBER_OK, 1.7976931348623157e308},
    {"4.9e-324", 0, TM_NUMBER_OK, 4.9e-324},
    {"2.2250738585072011e-308", 0, TM_NUMBER_OK, 2.2250738585072011e-308},
    {"1e99999999999999999999", 0, TM_NUMBER_RANGE, 0},
    {"1e-99999999999999999999", 0, TM_NUMBER_OK, 0},
    {"1e999", 0, TM_NUMBER_RANGE, 0},
    {"-1e999", 0, TM_NUMBER_RANGE, 0},
    {"1.8e308", 0, TM_NUMBER_RANGE, 0},
    {"1e300", 9, TM_NUMBER_RANGE, 0},
    {"0e999", 0, TM_NUMBER_OK, 0},
    {"", 0, TM_NUMBER_NONE, 0},
    {"+", 0, TM_NUMBER_NONE, 0},
    {"-", 0, TM_NUMBER_NONE, 0},
    {".", 0, TM_NUMBER_NONE, 0},
    {"-.", 0, TM_NUMBER_NONE, 0},
    {"e5", 0, TM_NUMBER_NONE, 0},
    {".e5", 0, TM_NUMBER_NONE, 0},
    {"1e", 0, TM_NUMBER_NONE, 0},
    {"1e+", 0, TM_NUMBER_NONE, 0},
    {"1e5.5", 0, TM_NUMBER_NONE, 0},
    {"1.2.3", 0, TM_NUMBER_NONE, 0},
    {"--1", 0, TM_NUMBER_NONE, 0},
    {"+-1", 0, TM_NUMBER_NONE, 0},
    {" 1", 0, TM_NUMBER_NONE, 0},
    {"1 ", 0, TM_NUMBER_NONE, 0},
    {"1ms", 0, TM_NUMBER_NONE, 0},
    {"1,5", 0, TM_NUMBER_NONE, 0},
    {"1_000", 0, TM_NUMBER_NONE, 0},
    {"0x10", 0, TM_NUMBER_NONE, 0},
    {"0x1p3", 0, TM_NUMBER_NONE, 0},
    {"nan", 0, TM_NUMBER_NONE, 0},
    {"NaN", 0, TM_NUMBER_NONE, 0},
    {"inf", 0, TM_NUMBER_NONE, 0},
    {"-Infinity", 0, TM_NUMBER_NONE, 0},
    {"1\n", 0, TM_NUMBER_NONE, 0},
    {"\xd9\xa1", 0, TM_NUMBER_NONE, 0},
};

static void reals_by_name(void **state)
{
    const struct real *row;
    (void)state;
    EACH(row, reals)
    {
        double value = -77;
        enum tm_number_fault fault = tm_parse_real(row->text, strlen(row->text), row->shift, &value);
        if (fault != row->fault || (fault == TM_NUMBER_OK && !same_bits(value, row->value)))
            fail_msg("'%s' with shift %d: fault %d, value %.17g; expected %d, %.17g", row->text, row->shift, fault, value,
                     row->fault, row->value);
    }
}

static const struct count {
    const char *text;
    enum tm_number_fault fault;
    int64_t value;
} counts[] = {
    {"0", TM_NUMBER_OK, 0},
    {"000", TM_NUMBER_OK, 0},
    {"7", TM_NUMBER_OK, 7},
    {"0000000000000000000000000012", TM_NUMBER_OK, 12},
    {"922337203685477580", TM_NUMBER_OK, 922337203685477580},
    {"9223372036854775807", TM_NUMBER_OK, INT64_MAX},
    {"09223372036854775807", TM_NUMBER_OK, INT64_MAX},
    {"9223372036854775808", TM_NUMBER_RANGE, 0},
    {"9223372036854775810", TM_NUMBER_RANGE, 0},
    {"18446744073709551615", TM_NUMBER_RANGE, 0},
    {"18446744073709551616", TM_NUMBER_RANGE, 0},
    {"100000000000000000000000000", TM_NUMBER_RANGE, 0},
    {"-1", TM_NUMBER_NEGATIVE, 0},
    {"-9223372036854775808", TM_NUMBER_NEGATIVE, 0},
    {"-1.5", TM_NUMBER_NEGATIVE, 0},
    {"1.5", TM_NUMBER_FRACTION, 0},
    {"1.0", TM_NUMBER_FRACTION, 0},
    {"1.", TM_NUMBER_FRACTION, 0},
    {"1e3", TM_NUMBER_FRACTION, 0},
    {"1E3", TM_NUMBER_FRACTION, 0},
    {"", TM_NUMBER_NONE, 0},
    {"-", TM_NUMBER_NONE, 0},
    {"x", TM_NUMBER_NONE, 0},
    {"0x10", TM_NUMBER_NONE, 0},
    {"1 000", TM_NUMBER_NONE, 0},
    {"4 ", TM_NUMBER_NONE, 0},
    {"4x", TM_NUMBER_NONE, 0},
    {"nan", TM_NUMBER_NONE, 0},
};

static void counts_by_name(void **state)
{
    const struct count *row;
    (void)state;
    EACH(row, counts)
    {
        int64_t value = -77;
        enum tm_number_fault fault = tm_parse_count(row->text, strlen(row->text), &value);
        if (fault != row->fault || (fault == TM_NUMBER_OK && value != row->value))
            fail_msg("'%s': fault %d, value %" PRId64 "; expected %d, %" PRId64, row->text, fault, value, row->fault, row->value);
    }
}

/* A plus sign makes a real no other number, and a count no count; it is not too large. */
static void plus_is_not_too_large(void **state)
{
    int64_t value;
    (void)state;
    assert_int_not_equal(tm_parse_count("+5", 2, &value), TM_NUMBER_RANGE);
}

/* The text need not be terminated, and nothing behind it counts. */
static void sizes_are_kept(void **state)
{
    char *text = malloc(3);
    double real;
    int64_t count;
    (void)state;
    assert_non_null(text);
    text[0] = '1', text[1] = '2', text[2] = '9';
    assert_int_equal(tm_parse_real(text, 2, 0, &real), TM_NUMBER_OK);
    assert_true(same_bits(real, 12));
    assert_int_equal(tm_parse_real(text, 3, -25, &real), TM_NUMBER_OK);
    assert_true(same_bits(real, 129e-25));
    assert_int_equal(tm_parse_count(text, 3, &count), TM_NUMBER_OK);
    assert_int_equal(count, 129);
    assert_int_equal(tm_parse_real(text, 0, 0, &real), TM_NUMBER_NONE);
    free(text);
}

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Writes a decimal of 1 to 20 digits; with_exponent too. Returns its size. */
static size_t random_decimal(uint64_t *seed, char *text, int *mantissa)
{
    int digits = 1 + (int)(next(seed) % 20), point = (int)(next(seed) % 22);
    size_t size = 0;
    if (next(seed) % 4 == 0)
        text[size++] = '-';
    for (int i = 0; i < digits; i++) {
        if (i == point)
            text[size++] = '.';
        text[size++] = (char)('0' + next(seed) % 10);
    }
    *mantissa = (int)size;
    if (next(seed) % 3 == 0)
        size += (size_t)sprintf(text + size, "%c%d", next(seed) % 2 ? 'e' : 'E', (int)(next(seed) % 640) - 330);
    text[size] = '\0';
    return size;
}

/* A million random decimals, shifted or not: the same double that the C library makes of it. */
static void agrees_with_strtod(void **state)
{
    static const int shifts[] = {0, 0, 0, 3, 6, 9, -3, -6};
    uint64_t seed = 0x9e3779b97f4a7c15u;
    char text[64], shifted[80];
    (void)state;
    for (int i = 0; i < 1000000; i++) {
        int mantissa, shift = shifts[next(&seed) % 8];
        size_t size = random_decimal(&seed, text, &mantissa);
        int exponent = text[mantissa] ? (int)strtol(text + mantissa + 1, NULL, 10) : 0;
        snprintf(shifted, sizeof shifted, "%.*se%d", mantissa, text, exponent + shift);
        double value, expected = strtod(shifted, NULL) + 0.0;
        enum tm_number_fault fault = tm_parse_real(text, size, shift, &value);
        if (fault != (isinf(expected) ? TM_NUMBER_RANGE : TM_NUMBER_OK) || (!fault && !same_bits(value, expected)))
            fail_msg("'%s' with shift %d: fault %d, value %.17g, expected %.17g", text, shift, fault, value, expected);
    }
}

/* Every double, written with 17 digits, comes back. */
static void doubles_come_back(void **state)
{
    uint64_t seed = 42;
    char text[64];
    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = next(&seed);
        double written, value;
        memcpy(&written, &bits, sizeof written);
        if (!isfinite(written))
            continue;
        int size = snprintf(text, sizeof text, "%.17g", written);
        if (tm_parse_real(text, (size_t)size, 0, &value) != TM_NUMBER_OK || !same_bits(value, written + 0.0))
            fail_msg("'%s' became %.17g", text, value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_by_name),  cmocka_unit_test(counts_by_name),     cmocka_unit_test(plus_is_not_too_large),
        cmocka_unit_test(sizes_are_kept), cmocka_unit_test(agrees_with_strtod), cmocka_unit_test(doubles_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
