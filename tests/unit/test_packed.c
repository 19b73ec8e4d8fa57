/* Series for the page's script: what was packed is read back as the script does, within half a step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/page/packed.h"

static char text[1 << 16];

static size_t pack(const double *values, size_t n, double steps)
{
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    size_t length = tm_put_packed(out, values, n, steps);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(strlen(text), length);
    return length;
}

static const char *at;

static long sign(void)
{
    int c = (unsigned char)*at++;
    return (c == ' ' ? '<' : c == '!' ? '\\' : c) - '#';
}

/* The script's way, report/page/numbers.js */
static size_t unpack(double *values, double steps)
{
    size_t n = 0;
    long before = 0;
    for (at = text; *at;) {
        long code = sign();
        if (code == 89 || code == 90) {
            for (long missing = code == 89 ? 1 : sign() + 2; missing > 0; missing--)
                values[n++] = NAN;
            continue;
        }
        if (code == 88) {
            code = 0;
            for (int i = 0; i < 6; i++)
                code = code * 92 + sign();
        } else if (code >= 64) {
            code = 64 + (code - 64) * 92 + sign();
        }
        before += code % 2 ? -(code + 1) / 2 : code / 2;
        values[n++] = (double)before / steps;
    }
    return n;
}

static void comes_back(const double *values, size_t n, double most)
{
    static double read[4096];
    double steps = tm_packed_steps(most, 0);
    pack(values, n, steps);
    assert_int_equal(unpack(read, steps), n);
    assert_null(strpbrk(text, "<\\\""));
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i]))
            assert_true(isnan(read[i]));
        else
            assert_true(fabs(values[i] - read[i]) <= 0.5000001 / steps);
}

static void values_come_back(void **state)
{
    static double values[4096];
    (void)state;
    comes_back((double[]){186.9, 190.2, NAN, 184.7, 9e6, -3, NAN, NAN}, 8, 400);
    comes_back((double[]){0}, 1, 0);
    comes_back((double[]){NAN}, 1, 1);
    for (size_t i = 0; i < 4096; i++)
        values[i] = i % 7 == 3 || (i > 300 && i < 700) ? NAN : 1e-3 * (double)(i * 2654435761u % 4001) * (i % 5 ? 1 : -1);
    comes_back(values, 4096, 4);
}

/* Every difference about the places where a form ends. */
static void differences_come_back(void **state)
{
    (void)state;
    for (long d = 0; d < 3000; d++)
        comes_back((double[]){0, (double)d, 0, (double)-d}, 4, 4000);
    comes_back((double[]){1e11, -1e11, 1e11}, 3, 4000);
}

static void is_short(void **state)
{
    double values[365];
    (void)state;
    for (size_t i = 0; i < 365; i++)
        values[i] = 200 + 3 * sin((double)i);
    assert_in_range(pack(values, 365, tm_packed_steps(250, 0)), 365, 600);
    for (size_t i = 0; i < 365; i++)
        values[i] = NAN;
    assert_in_range(pack(values, 365, 1), 2, 10);
}

/* `most` has four or five digits. */
static void steps_are_fine(void **state)
{
    static const double most[] = {1e-9, 0.004, 0.39, 0.4, 1, 3.99, 4, 250, 4000, 39999, 4e8};
    (void)state;
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        double steps = tm_packed_steps(most[i], 0);
        assert_true(steps * most[i] >= 1999.99 && steps * most[i] < 20000);
    }
    assert_true(tm_packed_steps(0, 0) > 0 && tm_packed_steps(NAN, 0) > 0 && tm_packed_steps(INFINITY, 0) > 0);
}

/* A small value beside a large one is no zero; but the large one must have room, and a number is written. */
static void small_ones_are_seen(void **state)
{
    static const struct {
        double most, least, from, to;
    } rows[] = {{250, 0.04, 1e3, 1e5},      {250, 240, 9, 11},     {1e6, 1e-6, 1e4, 1e5 + 1},
                {1e-310, 1e-310, 1, 1e301}, {1e300, 1, 0, 1e-288}, {250, 0, 9, 11}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double steps = tm_packed_steps(rows[i].most, rows[i].least), values[] = {rows[i].least, rows[i].most}, read[2];
        assert_true(steps > 0 && steps >= rows[i].from && steps <= rows[i].to);
        pack(values, 2, steps);
        assert_int_equal(unpack(read, steps), 2);
        assert_true(fabs(read[1] - rows[i].most) <= 0.01 * rows[i].most || rows[i].most < 1e-300);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_come_back), cmocka_unit_test(differences_come_back),
                                       cmocka_unit_test(is_short), cmocka_unit_test(steps_are_fine),
                                       cmocka_unit_test(small_ones_are_seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
