/* Numbers of text, correctly rounded and fast. Nine numbers in ten have few digits and a small
 * exponent: then digits and power of ten are exact doubles, and one multiplication or division
 * rounds once, as it should (Clinger 1990). All others go to the C library, in a copy that holds
 * a plain decimal and nothing else: no hexadecimal, no "nan", no blanks, no locale's comma.
 *
 * A shift moves the decimal point for units, so that 0.4123 ms is not first rounded to a double
 * and then multiplied. */
#include "ingest/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHORT = 19,           /* digits, or point and digits, that fit 64 bits whatever they are */
    LONGEST = 800,        /* characters: the longest exact decimal of a double has 767 digits */
    EXACT_POWER = 22,     /* 10^22 is the largest power of ten that is a double */
    MAX_EXPONENT = 100000 /* beyond, everything is zero or infinite; a bound, so that no exponent overflows an int */
};

/* digits * 10^exponent; `exact` while no digit was dropped. */
struct decimal {
    uint64_t digits;
    int exponent;
    bool negative, exact;
};

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Takes digits as long as 64 bits hold them; further ones only move the exponent. step: 1 behind
 * the point, where each digit kept divides by ten, else 0. */
static const char *take_digits(const char *at, const char *end, struct decimal *number, int step)
{
    for (; at < end && is_digit(*at); at++) {
        if (number->digits < UINT64_MAX / 10 - 1) {
            number->digits = 10 * number->digits + (uint64_t)(*at - '0');
            number->exponent -= step;
        } else {
            number->exact = number->exact && *at == '0';
            number->exponent += 1 - step;
        }
    }
    return at;
}

/* The part behind an 'e'; NULL: no digit there. */
static const char *take_exponent(const char *at, const char *end, struct decimal *number)
{
    int exponent = 0, sign = 1;
    if (at < end && (*at == '+' || *at == '-'))
        sign = *at++ == '-' ? -1 : 1;
    if (at == end || !is_digit(*at))
        return NULL;
    for (; at < end && is_digit(*at); at++)
        exponent = exponent < MAX_EXPONENT ? 10 * exponent + (*at - '0') : exponent;
    number->exponent += sign * exponent;
    return at;
}

/* Sign, digits with at most one point, exponent: the whole text, and at least one digit. */
static bool scan(const char *at, const char *end, struct decimal *number)
{
    if (at < end && (*at == '-' || *at == '+'))
        number->negative = *at++ == '-';
    const char *whole = at;
    at = take_digits(at, end, number, 0);
    bool any = at > whole;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        at = take_digits(at, end, number, 1);
        any = any || at > fraction;
    }
    if (any && at < end && (*at == 'e' || *at == 'E'))
        at = take_exponent(at + 1, end, number);
    return any && at == end;
}

/* The common case, short enough that nothing can overflow: digits, perhaps a point and digits. */
static bool scan_short(const char *at, const char *end, struct decimal *number)
{
    uint64_t digits = 0;
    const char *start = at, *point = end;
    for (; at < end; at++) {
        unsigned digit = (unsigned char)(*at - '0');
        if (digit > 9)
            break;
        digits = 10 * digits + digit;
    }
    if (at < end && *at == '.')
        for (point = at++; at < end; at++) {
            unsigned digit = (unsigned char)(*at - '0');
            if (digit > 9)
                break;
            digits = 10 * digits + digit;
        }
    number->digits = digits;
    number->exponent = point < end ? -(int)(end - point - 1) : 0;
    return at == end && at - start > (point < end); /* a point alone is no number */
}

/* The C library rounds what the short way cannot; it sees only what has been scanned as a plain
 * decimal. The shift goes into the exponent, so the text's value itself is never rounded twice. */
static enum tm_number_fault convert_slowly(const char *text, size_t size, int shift, double *value)
{
    char copy[LONGEST + 32];
    memcpy(copy, text, size);
    copy[size] = '\0';
    size_t mantissa = strcspn(copy, "eE");
    long exponent = mantissa < size ? strtol(copy + mantissa + 1, NULL, 10) : 0;
    exponent = exponent > MAX_EXPONENT ? MAX_EXPONENT : exponent < -MAX_EXPONENT ? -MAX_EXPONENT : exponent;
    snprintf(copy + mantissa, sizeof copy - mantissa, "e%ld", exponent + shift);
    *value = strtod(copy, NULL) + 0.0; /* + 0.0: -0 becomes 0, which is stored and shown alike */
    return isfinite(*value) ? TM_NUMBER_OK : TM_NUMBER_RANGE;
}

enum tm_number_fault tm_parse_real(const char *text, size_t size, int shift, double *value)
{
    static const double powers[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal number = {.exact = true};
    /* The short scan knows no sign and no exponent: what it does not take is scanned anew from
     * the beginning. */
    if (size > SHORT || !scan_short(text, text + size, &number)) {
        number = (struct decimal){.exact = true};
        if (size > LONGEST || !scan(text, text + size, &number))
            return TM_NUMBER_NONE;
    }
    int exponent = number.exponent + shift;
    if (!number.exact || number.digits > (uint64_t)1 << 53 || exponent < -EXACT_POWER || exponent > EXACT_POWER)
        return convert_slowly(text, size, shift, value);
    /* Both operands are exact, so one rounding: that of the operation, the right one. */
    double magnitude = (double)number.digits;
    magnitude = exponent < 0 ? magnitude / powers[-exponent] : magnitude * powers[exponent];
    *value = number.negative && number.digits ? -magnitude : magnitude;
    return TM_NUMBER_OK;
}

/* The quick way first; then why it failed, so that the message can say what is wrong with -3 or 2.5. */
enum tm_number_fault tm_parse_count(const char *text, size_t size, int64_t *value)
{
    struct decimal number = {.exact = true};
    size_t at = 0;
    uint64_t count = 0;
    for (; at < size && is_digit(text[at]) && count <= (uint64_t)INT64_MAX / 10; at++)
        count = 10 * count + (uint64_t)(text[at] - '0');
    if (at > 0 && at == size && count <= INT64_MAX) {
        *value = (int64_t)count;
        return TM_NUMBER_OK;
    }
    if (size > LONGEST || !scan(text, text + size, &number) || *text == '+')
        return TM_NUMBER_NONE;
    if (number.negative)
        return TM_NUMBER_NEGATIVE;
    return memchr(text, '.', size) || memchr(text, 'e', size) || memchr(text, 'E', size) ? TM_NUMBER_FRACTION : TM_NUMBER_RANGE;
}
