/* Amounts for people: in the unit that keeps them short, and never as a power of ten that can be written out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report/amount.h"

static void in_the_unit_that_is_short(void **state)
{
    static const struct {
        const char *name, *unit;
        enum tm_metric_kind kind;
        double value;
        const char *text;
    } rows[] = {
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 412.34, "412.3 ms"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 0.04701, "47.01 us"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 5.022e-6, "5.022 ns"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 0.9994e-3, "999.4 ns"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 0.3e-6, "0.3000 ns"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 9999, "9.999 s"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 728e3, "12.13 min"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 137.7e3, "137.7 s"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 23456e3, "6.516 h"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, 1e-9, "0 ms"}, /* what logarithms are taken of instead of nothing */
        {"blocked_per_call_ms", "ms", TM_METRIC_GROWTH, -12e3, "-12 s"},
        {"peak_mem_kb", "KiB", TM_METRIC_RATIO, 512, "512 KiB"},
        {"peak_mem_kb", "KiB", TM_METRIC_RATIO, 96236, "93.98 MiB"},
        {"peak_mem_kb", "KiB", TM_METRIC_RATIO, 20.0 * 1024 * 1024, "20 GiB"},
        {"mem_delta_per_call_kb", "KiB", TM_METRIC_GROWTH, 0, "0 KiB"},
        {"error_rate", "", TM_METRIC_ERRORS, 0.012, "1.20 % of calls"},
        {"bytes", "bytes", TM_METRIC_RATIO, 155996, "152.3 KiB"},
        {"size", "bytes", TM_METRIC_RATIO, 123456789, "117.7 MiB"},
        {"ops", "ops/s", TM_METRIC_RATIO, 2556682.4, "2556682 ops/s"},
        {"ops", "ops/s", TM_METRIC_RATIO, 12.3456, "12.35 ops/s"},
        {"share", "", TM_METRIC_RATIO, 1e18, "1e+18"},
        {"wall_per_call_ms", "ms", TM_METRIC_RATIO, NAN, "nan ms"}, /* as only a doctored store has it */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct tm_report_metric metric = {.name = rows[i].name, .unit = rows[i].unit, .kind = rows[i].kind};
        char text[64] = "";
        FILE *out = fmemopen(text, sizeof text, "w");
        assert_non_null(out);
        tm_put_amount(out, &metric, rows[i].value);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, rows[i].text);
    }
}

/* What stands side by side has one unit, and digits of one fineness. */
static void beside_another(void **state)
{
    static const struct {
        double value, beside;
        const char *text;
    } rows[] = {{0.9, 1.2, "0.900 ms"},   {0.0009, 1.2, "900 ns"}, {0.04, 250, "40 us"},    {250, 0.04, "250 ms"},
                {2.6, 250, "2.6 ms"},     {980, 1020, "0.980 s"},  {0, 1020, "0 s"},        {1020, 0, "1.020 s"},
                {186.9, NAN, "186.9 ms"}, {-3, 1500, "-3 ms"},     {-30, 1500, "-0.030 s"}, {1e-9, 250, "0 ms"}};
    const struct tm_report_metric metric = {.name = "wall_per_call_ms", .unit = "ms", .kind = TM_METRIC_RATIO};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64] = "";
        FILE *out = fmemopen(text, sizeof text, "w");
        assert_non_null(out);
        tm_put_amount_beside(out, &metric, rows[i].value, rows[i].beside);
        assert_int_equal(fclose(out), 0);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_the_unit_that_is_short), cmocka_unit_test(beside_another)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
