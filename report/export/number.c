/* Most measurements are whole numbers of nanoseconds or bytes, and these are written digit by digit: a hundred times as fast as by
 * way of printf, and exact. What is no whole number keeps its shortest decimal, and the point moves by an exponent. */
#include "report/export/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    MS_DIGITS = 6,       /* of a whole number of ns behind the point */
    KIB_DIGITS = 10,     /* of bytes: 2^-10 has as many */
    KIB_STEP = 9765625,  /* 2^-10 in units of 10^-10 */
    DIGITS_MOST = 20 + 1 /* of 64 bits */
};

static void put_whole(FILE *out, uint64_t number)
{
    char text[DIGITS_MOST], *at = text + sizeof text;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    fwrite(at, 1, (size_t)(text + sizeof text - at), out);
}

/* `part` in units of 10^-digits, less than 1; nothing where it is 0. */
static void put_fraction(FILE *out, uint64_t part, int digits)
{
    char text[KIB_DIGITS + 1] = ".";
    if (part == 0)
        return;
    for (int i = digits; i > 0; i--, part /= 10)
        text[i] = (char)('0' + part % 10);
    while (text[digits] == '0')
        digits--;
    fwrite(text, 1, (size_t)digits + 1, out);
}

static bool is_whole(double value)
{
    return fabs(value) < 0x1p53 && !(floor(value) < value);
}

/* A time of a fraction of a nanosecond: the digits of its shortest decimal, with the point six places to the left. One that printf
 * writes with an exponent gets another exponent. */
static void put_time(FILE *out, double ns)
{
    char text[TM_NUMBER_SIZE], zeros[] = "000000";
    const char *digits = tm_exact_number(ns, text), *exponent = strchr(text, 'e');
    if (exponent) {
        fprintf(out, "%.*se%ld", (int)(exponent - digits), digits, strtol(exponent + 1, NULL, 10) - MS_DIGITS);
        return;
    }
    int whole = (int)strcspn(digits, "."), before = whole > MS_DIGITS ? whole - MS_DIGITS : 0;
    fprintf(out, "%.*s.%s%.*s%s", before ? before : 1, before ? digits : "0", zeros + (whole - before), whole - before,
            digits + before, digits + whole + (digits[whole] == '.'));
}

void tm_put_exact(FILE *out, double value)
{
    char text[TM_NUMBER_SIZE];
    if (!is_whole(value)) {
        fputs(tm_exact_number(value, text), out);
        return;
    }
    if (value < 0)
        putc('-', out);
    put_whole(out, (uint64_t)fabs(value));
}

void tm_put_field_number(FILE *out, const struct tm_field *field, double value)
{
    bool time = field->unit == TM_UNIT_TIME;
    if (!is_whole(value)) {
        if (time)
            put_time(out, value);
        else
            tm_put_exact(out, value / tm_field_factor(field));
        return;
    }
    uint64_t whole = (uint64_t)fabs(value), per = (uint64_t)tm_field_factor(field);
    if (value < 0)
        putc('-', out);
    put_whole(out, whole / per);
    if (time)
        put_fraction(out, whole % per, MS_DIGITS);
    else
        put_fraction(out, whole % per * KIB_STEP, KIB_DIGITS);
}

void tm_put_bytes(FILE *out, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = ((const unsigned char *)bytes)[i];
        putc(digits[byte >> 4], out);
        putc(digits[byte & 15], out);
    }
}
