/* Rows of one name as one profile: what is weighted by calls, what is not, where percentiles come from; and names that cannot be
 * stored. Rows go in as small files of a format whose values are what is written, and come out of the reader. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/ingest.h"
#include "schema/sketch.h"

static tm_reader *reader;
static struct tm_run_content content;
static int fd = -1;

/* Reads the text as that format's; the run is in `content` until the next call. */
static void take(const char *format, const char *text, const struct tm_better *better)
{
    static char path[64];
    static const char *files[1];
    static struct tm_ingest_options options;
    struct tm_place place;
    tm_reader_close(reader);
    if (fd >= 0)
        close(fd);
    fd = memfd_create("input", MFD_CLOEXEC);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    files[0] = path;
    options =
        (struct tm_ingest_options){.files = files, .n_files = 1, .format = format, .better = better, .n_better = better ? 1 : 0};
    reader = tm_reader_open(&options);
    assert_non_null(reader);
    if (tm_reader_next(reader, &content, &place) != 1)
        fail_msg("%s: %s", text, tm_reader_diag(reader)->n_errors ? tm_reader_diag(reader)->errors[0] : "no run");
}

static const struct tm_profile *profile(const char *plugin)
{
    for (size_t i = 0; i < content.n_profiles; i++)
        if (strcmp(content.profiles[i].plugin, plugin) == 0)
            return &content.profiles[i];
    fail_msg("no plugin '%s'", plugin);
    return NULL;
}

static const struct tm_reading *reading(const char *plugin, const char *metric)
{
    const struct tm_profile *of = profile(plugin);
    for (size_t i = 0; i < of->n_readings; i++)
        if (strcmp(of->readings[i].metric, metric) == 0)
            return &of->readings[i];
    fail_msg("'%s' has no '%s'", plugin, metric);
    return NULL;
}

static void is(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* Times by calls; other numbers alike. */
static void rows_of_a_name_are_one_profile(void **state)
{
    (void)state;
    take("go", "BenchmarkA 10 100 ns/op 7 B/op\nBenchmarkB 1 5 ns/op\nBenchmarkA 30 200 ns/op 9 B/op\n", NULL);
    assert_int_equal(content.n_profiles, 2);
    assert_int_equal(profile("BenchmarkA")->calls, 40);
    is(profile("BenchmarkA")->wall_ns, 40 * 175.0);
    is(reading("BenchmarkA", "B/op")->value, 8);
    is(profile("BenchmarkA")->wall_p50_ns, 150);
    is(profile("BenchmarkA")->wall_max_ns, 200);
    assert_true(isnan(profile("BenchmarkA")->wall_p95_ns));
    assert_true(isnan(profile("BenchmarkB")->wall_p50_ns)); /* of one value there is no median */
    assert_true(isnan(profile("BenchmarkB")->wall_max_ns));
    assert_null(profile("BenchmarkA")->latency);
}

static void errors_are_added(void **state)
{
    (void)state;
    take("junit",
         "<testsuite><testcase name=\"a\" time=\"1\"/><testcase name=\"a\" time=\"3\"><failure/></testcase>"
         "<testcase name=\"a\"><skipped/></testcase><testcase name=\"b\"><skipped/></testcase></testsuite>",
         NULL);
    assert_int_equal(profile("a")->calls, 2);
    assert_int_equal(profile("a")->errors, 1);
    is(profile("a")->wall_ns, 4e9);
    assert_int_equal(profile("b")->calls, 0);
    assert_true(isnan(profile("b")->wall_ns));
}

static void add(char text[static 8192], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(char text[static 8192], const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, 8192 - used, format, arguments);
    va_end(arguments);
}

static void take_samples(int n)
{
    char text[8192] =
        "{\"reason\":\"benchmark-complete\",\"id\":\"s\",\"mean\":{\"estimate\":9,\"unit\":\"ns\"},\"iteration_count\":[";
    for (int i = 0; i < n; i++)
        add(text, "%s2", i ? "," : "");
    add(text, "],\"measured_values\":[");
    for (int i = n; i > 0; i--)
        add(text, "%s%d", i < n ? "," : "", 2 * i);
    add(text, "]}");
    take("criterion", text, NULL);
}

/* The samples are 1..n. Type 7: 1 + q (n - 1). */
static void percentiles_need_samples(void **state)
{
    static const struct {
        int n;
        double p50, p95, p99;
    } rows[] = {{1, NAN, NAN, NAN},     {2, 1.5, NAN, NAN},  {3, 2, NAN, NAN},          {19, 10, NAN, NAN},
                {20, 10.5, 19.05, NAN}, {99, 50, 94.1, NAN}, {100, 50.5, 95.05, 99.01}, {101, 51, 96, 100}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        take_samples(rows[i].n);
        const struct tm_profile *of = profile("s");
        const double got[] = {of->wall_p50_ns, of->wall_p95_ns, of->wall_p99_ns},
                     expected[] = {rows[i].p50, rows[i].p95, rows[i].p99};
        for (int k = 0; k < 3; k++)
            if (isnan(expected[k]) ? !isnan(got[k]) : !(fabs(got[k] - expected[k]) < 1e-9))
                fail_msg("of %d samples percentile %d is %g", rows[i].n, k, got[k]);
        assert_int_equal(of->calls, 2 * rows[i].n);
        is(of->wall_ns, 9.0 * 2 * rows[i].n);
        assert_int_equal(of->latency != NULL, rows[i].n >= 20);
    }
}

/* The sketch holds all samples, and nothing else. */
static void samples_are_kept_as_a_sketch(void **state)
{
    struct tm_sketch sketch;
    (void)state;
    take_samples(100);
    tm_sketch_init(&sketch);
    assert_int_equal(tm_sketch_decode(&sketch, profile("s")->latency, profile("s")->latency_size), 0);
    assert_true(fabs(tm_sketch_quantile(&sketch, 0.5) - 50) < 2);
    tm_sketch_free(&sketch);
}

/* A unit says what a value is, people say it better, and what is of one unit in two directions is two metrics. */
static void values_by_their_units(void **state)
{
    static const struct tm_better lower = {NULL, "lower"}, higher = {NULL, "higher"}, one = {"Percent", "higher"};
    static const char text[] = "[{\"name\":\"a\",\"value\":3,\"unit\":\"ms\"},{\"name\":\"b\",\"value\":4,\"unit\":\"req/s\"},"
                               "{\"name\":\"c\",\"value\":5,\"unit\":\"Percent\"},{\"name\":\"d\",\"value\":6},{\"name\":\"e\","
                               "\"value\":7,\"unit\":\"MB\"}]";
    (void)state;
    take("custom", text, NULL);
    is(profile("a")->wall_ns, 3e6);
    assert_string_equal(reading("b", "req/s")->better, "higher");
    assert_null(reading("c", "Percent")->better);
    assert_null(reading("d", "value")->better);
    assert_null(reading("d", "value")->unit);
    assert_string_equal(reading("e", "MB")->better, "lower");
    take("custom", text, &lower);
    assert_string_equal(reading("c", "Percent")->better, "lower");
    take("custom", text, &one);
    assert_string_equal(reading("c", "Percent (higher is better)")->better, "higher");
    assert_null(reading("d", "value")->better);
    take("custom", text, &higher);
    assert_string_equal(reading("d", "value (higher is better)")->better, "higher");
    is(reading("a", "ms (higher is better)")->value, 3); /* then it is no time that a call takes */
    assert_true(isnan(profile("a")->wall_ns));
}

/* The second unit of a metric is the first one's multiple, or a fault. */
static void units_within_a_run(void **state)
{
    struct tm_place place;
    (void)state;
    take("jmh",
         "[{\"benchmark\":\"a\",\"primaryMetric\":{\"score\":1,\"scoreUnit\":\"ops/"
         "s\"},\"secondaryMetrics\":{\"m\":{\"score\":2,\"scoreUnit\":\"KiB\"}}},"
         "{\"benchmark\":\"b\",\"primaryMetric\":{\"score\":1,\"scoreUnit\":\"ops/"
         "s\"},\"secondaryMetrics\":{\"m\":{\"score\":3,\"scoreUnit\":\"MiB\"}}}]",
         NULL);
    is(reading("b", "m")->value, 3072);
    assert_string_equal(reading("b", "m")->unit, "KiB");
    take("jmh",
         "[{\"benchmark\":\"a\",\"primaryMetric\":{\"score\":1,\"scoreUnit\":\"ops/"
         "s\"},\"secondaryMetrics\":{\"m\":{\"score\":2,\"scoreUnit\":\"KiB\"}}},"
         "{\"benchmark\":\"b\",\"primaryMetric\":{\"score\":1,\"scoreUnit\":\"ops/"
         "s\"},\"secondaryMetrics\":{\"m\":{\"score\":3,\"scoreUnit\":\"ms\"}}}]",
         NULL);
    assert_int_equal(tm_reader_next(reader, &content, &place), -1);
    assert_non_null(strstr(tm_reader_diag(reader)->errors[0], "'ms', and had 'KiB' before"));
}

static void names_are_spelt_out(void **state)
{
    static const struct {
        const char *json, *name;
        bool notice;
    } rows[] = {
        {"plain name", "plain name", false},
        {"caf\xc3\xa9", "caf\xc3\xa9", false},
        {"a\\u0007b", "a\\x07b", true},
        {"a\\nb", "a\\x0ab", true},
        {"a\\u0000b", "a\\x00b", true},
        {"a\\u0085b",
         "a\\xc2\\x85"
         "b",
         true},
        {"a\xff", "a\\xff", true},
        {"", "(no name)", true},
        {"*", "\\x2a", true},
        {"**", "**", false},
    };
    char text[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "[{\"name\":\"%s\",\"value\":1,\"unit\":\"s\"}]", rows[i].json);
        take("custom", text, NULL);
        assert_int_equal(content.n_profiles, 1);
        if (strcmp(content.profiles[0].plugin, rows[i].name) != 0)
            fail_msg("'%s' is spelt '%s', should be '%s'", rows[i].json, content.profiles[0].plugin, rows[i].name);
        assert_int_equal(tm_reader_diag(reader)->n_notices, rows[i].notice);
    }
}

/* 1024 bytes are the longest; what is cut does not end within a character. */
static void long_names_are_cut(void **state)
{
    static char text[4096];
    (void)state;
    for (int length = 1023; length <= 1026; length++) {
        snprintf(text, sizeof text, "[{\"name\":\"%0*d\xc3\xa9\",\"value\":1,\"unit\":\"s\"}]", length - 2, 0);
        take("custom", text, NULL);
        size_t size = strlen(content.profiles[0].plugin);
        assert_int_equal(size, length <= 1024 ? length : length - 2 > 1024 ? 1024 : length - 2);
        assert_int_equal(tm_reader_diag(reader)->n_notices, length > 1024);
    }
}

/* What is no measurement is left out, and the rest is not. */
static void unfit_numbers_are_left_out(void **state)
{
    (void)state;
    take("hyperfine", "{\"results\":[{\"command\":\"x\",\"mean\":-1,\"median\":2,\"max\":1e308},{\"command\":\"y\",\"mean\":3}]}",
         NULL);
    assert_true(isnan(profile("x")->wall_ns));
    is(profile("x")->wall_p50_ns, 2e9);
    assert_true(isnan(profile("x")->wall_max_ns));
    is(profile("y")->wall_ns, 3e9);
    assert_int_equal(tm_reader_diag(reader)->n_notices, 1);
    assert_non_null(strstr(tm_reader_diag(reader)->notices[0], "a measurement of 'x' is left out"));
}

/* Rounding may make a percentile fall: it is lifted to the one before. What a program does not tell is not made up of that. */
static void percentiles_that_fall(void **state)
{
    (void)state;
    take("hyperfine", "{\"results\":[{\"command\":\"x\",\"mean\":2,\"median\":2.5,\"max\":2.25},{\"command\":\"y\",\"mean\":2}]}",
         NULL);
    is(profile("x")->wall_p50_ns, 2.5e9);
    is(profile("x")->wall_max_ns, 2.5e9);
    assert_true(isnan(profile("x")->wall_p95_ns));
    assert_true(isnan(profile("x")->wall_p99_ns));
    take("k6", "{\"metrics\":{\"t\":{\"avg\":2,\"med\":3,\"p(99)\":2.5},\"u\":{\"avg\":2,\"p(95)\":3,\"p(99)\":2.5}}}", NULL);
    is(profile("t")->wall_p99_ns, 3e6);
    assert_true(isnan(profile("t")->wall_p95_ns));
    assert_true(isnan(profile("t")->wall_max_ns));
    is(profile("u")->wall_p99_ns, 3e6);
    assert_true(isnan(profile("u")->wall_p50_ns));
}

/* Of several rows no percentile can be had but that of their times; of no samples the mean is one. */
static void percentiles_of_several_rows(void **state)
{
    (void)state;
    take("hyperfine", "{\"results\":[{\"command\":\"x\",\"mean\":1,\"median\":0.5},{\"command\":\"x\",\"mean\":3,\"median\":2.5}]}",
         NULL);
    is(profile("x")->wall_p50_ns, 2e9);
    take("hyperfine", "{\"results\":[{\"parameters\":{\"a\":\"1\"},\"command\":\"x\",\"mean\":2,\"times\":[1,4]}]}", NULL);
    is(profile("x [a=1]")->wall_p50_ns, 2.5e9);
    assert_int_equal(profile("x [a=1]")->calls, 2);
}

/* What holds of a case stands within it, a comma behind four digits is before a fraction, and what ran no time is no result. */
static void what_is_no_measurement(void **state)
{
    (void)state;
    take("junit", "<testsuite><testcase name=\"a\" time=\"1234,567\"/><failure/><skipped/></testsuite>", NULL);
    assert_int_equal(profile("a")->errors, 0);
    assert_int_equal(profile("a")->calls, 1);
    is(profile("a")->wall_ns, 1234.567e9);
    take("go", "commit: a\x01z\nbranch: dev\nBenchmarkA-8 0 7 ns/op\nBenchmarkB-8 1 5 ns/op\nBenchmarkB-4 1 6 ns/op\n", NULL);
    assert_int_equal(content.n_profiles, 2);
    is(profile("BenchmarkB-8")->wall_ns, 5);
    is(profile("BenchmarkB-4")->wall_ns, 6);
    assert_null(content.run.commit_id);
    assert_string_equal(content.run.branch, "dev");
    assert_int_equal(tm_reader_diag(reader)->n_notices, 1);
    assert_non_null(strstr(tm_reader_diag(reader)->notices[0], "the commit 'a\\x01z' is left out"));
}

/* More calls than a number can hold are as many as it can; a mean of numbers near a double's end is no number. */
static void sums_have_an_end(void **state)
{
    enum { ROWS = 1030 }; /* of 2^53 calls each: 1,024 of them are 2^63 */
    static const char row[] = "BenchmarkA 9007199254740992 1 ns/op\n";
    static char text[ROWS * sizeof row];
    (void)state;
    *text = '\0';
    for (size_t i = 0; i < ROWS; i++)
        memcpy(text + i * (sizeof row - 1), row, sizeof row);
    take("go", text, NULL);
    assert_int_equal(profile("BenchmarkA")->calls, INT64_MAX);
    take("go", "BenchmarkA 1 1e308 foo\nBenchmarkA 1 1.7e308 foo\nBenchmarkA 1 3 bar\n", NULL);
    assert_int_equal(profile("BenchmarkA")->n_readings, 1);
    is(reading("BenchmarkA", "bar")->value, 3);
}

static int close_all(void **state)
{
    (void)state;
    tm_reader_close(reader);
    return close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_name_are_one_profile),
        cmocka_unit_test(errors_are_added),
        cmocka_unit_test(percentiles_need_samples),
        cmocka_unit_test(samples_are_kept_as_a_sketch),
        cmocka_unit_test(values_by_their_units),
        cmocka_unit_test(units_within_a_run),
        cmocka_unit_test(names_are_spelt_out),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(unfit_numbers_are_left_out),
        cmocka_unit_test(percentiles_that_fall),
        cmocka_unit_test(percentiles_of_several_rows),
        cmocka_unit_test(what_is_no_measurement),
        cmocka_unit_test(sums_have_an_end),
    };
    return cmocka_run_group_tests_name("gather", tests, NULL, close_all);
}
