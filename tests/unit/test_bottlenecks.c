/* The lines that rank the plugins of a run: the signal, what a line says, who is listed, and the notes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/bottlenecks.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

enum { MOST = 8 };

static char *text_of(struct tm_bottleneck *rows, size_t n, double z, bool all)
{
    static char *text;
    static size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(tm_put_bottlenecks(out, rows, n, z, all), 0);
    fclose(out);
    return text;
}

/* The first line, of a plugin alone. */
static char *line_of(struct tm_bottleneck row)
{
    char *text = text_of(&row, 1, 2, true);
    *strchr(text, '\n') = '\0';
    return text;
}

/* ---- the signal ---- */

static const struct signal_case {
    const char *what;
    double errors, wall, cpu, occupied, step; /* of 10 calls */
    const char *expected;
} signals[] = {
    {"computes", 0, 100, 90, 100, 100, "compute"},
    {"computes, nothing else is known", 0, 100, 90, NAN, NAN, "compute"},
    {"35 % of CPU", 0, 100, 35, NAN, NAN, "compute"},
    {"less", 0, 100, 34.9, NAN, NAN, "waiting"},
    {"gives its thread back", 0, 100, 5, 10, 6, "waiting"},
    {"gives it back half of the time", 0, 100, 5, 50, 20, "waiting"},
    {"keeps its thread and sleeps", 0, 100, 5, 100, 100, "blocking"},
    {"keeps it for half of the time", 0, 100, 5, 55, 55, "waiting"},
    {"a little more", 0, 100, 5, 55.1, 55, "blocking"},
    {"blocks and computes", 0, 100, 45, 100, 100, "blocking"},
    {"blocks for half of the time", 0, 100, 50, 100, 100, "compute"},
    {"occupied is not known", 0, 100, 5, NAN, 100, "waiting"},
    {"the longest step is not known", 0, 100, 5, 100, NAN, "waiting"},
    {"a helper thread waits beside it", 0, 100, 90, 200, 100, "compute"},
    {"it blocks and so does its helper", 0, 100, 20, 200, 100, "blocking"},
    {"helpers compute", 0, 100, 350, 400, 100, "several threads"},
    {"one thread and a bit", 0, 100, 120, 130, 100, "compute"},
    {"CPU is not known", 0, 100, NAN, 100, 100, "no CPU recorded"},
    {"each tenth call fails", 1, 100, 90, 100, 100, "compute"},
    {"more of them fail", 2, 100, 5, 100, 100, "failing"},
    {"they fail, CPU is not known", 10, 100, NAN, NAN, NAN, "failing"},
    {"errors are not known", NAN, 100, 90, NAN, NAN, "compute"},
    {"takes no time", 0, 0, 0, 0, 0, "waiting"},
};

static void signals_of_cases(void **state)
{
    const struct signal_case *c;
    (void)state;
    EACH(c, signals)
    {
        char *line = line_of((struct tm_bottleneck){"p", 10, c->errors, c->wall, c->cpu, c->occupied, c->step, NAN, NULL});
        const char *got = strrchr(line, '|') + 2;
        if (strcmp(got, c->expected) != 0)
            fail_msg("%s: '%s', not '%s'", c->what, got, c->expected);
        free(line);
    }
}

/* ---- a line ---- */

static const struct line_case {
    const char *what;
    struct tm_bottleneck row;
    const char *expected;
} lines[] = {
    {"all is known",
     {"p", 16, 8, 979.71, 900, 979.7, 12.34, 150112, "HttpError: 503"},
     "[PLUGIN] p | avg 979.7ms | z=- | mem=150112.0KB | share of cpu 100% | step=12.3ms | errors 8 of 16 (HttpError: 503) | "
     "failing"},
    {"nothing is", {"p", 16, NAN, 979.71, NAN, NAN, NAN, NAN, NULL}, "[PLUGIN] p | avg 979.7ms | z=- | no CPU recorded"},
    {"quick",
     {"p", 1, 0, 0.00123, 0.001, 0.00123, 0.00123, NAN, NULL},
     "[PLUGIN] p | avg 0.0012ms | z=- | share of cpu 100% | compute"},
    {"a step of a millisecond",
     {"p", 1, 0, 1, 1, 1, 1, NAN, NULL},
     "[PLUGIN] p | avg 1.0ms | z=- | share of cpu 100% | step=1.0ms | compute"},
    {"a shorter one", {"p", 1, 0, 2, 2, 2, 0.999, NAN, NULL}, "[PLUGIN] p | avg 2.0ms | z=- | share of cpu 100% | compute"},
    {"an unknown error",
     {"p", 1, 1, 2, 2, 2, NAN, NAN, NULL},
     "[PLUGIN] p | avg 2.0ms | z=- | share of cpu 100% | errors 1 of 1 | failing"},
    {"an error, but none of these calls",
     {"p", 1, 0, 2, 2, 2, NAN, NAN, "E"},
     "[PLUGIN] p | avg 2.0ms | z=- | share of cpu 100% | compute"},
    {"text of unknown origin",
     {"a\x1b[31m\n##[x]\xe2\x80\x8f", 1, 1, 2, 2, 2, NAN, NAN, "E: \r\n\xff##[y]\xe2\x80\x8f"},
     "[PLUGIN] a\\x1b[31m\\x0a\\x23#[x]\\u{200F} | avg 2.0ms | z=- | share of cpu 100% | "
     "errors 1 of 1 (E: \\x0d\\x0a\\xff\\x23#[y]\\u{200F}) | failing"},
    {"a long error",
     {"p", 1, 1, 2, 2, 2, NAN, NAN, "ValueError: 123456789 123456789 123456789 123456789 123456789 123456789"},
     "[PLUGIN] p | avg 2.0ms | z=- | share of cpu 100% | "
     "errors 1 of 1 (ValueError: 123456789 123456789 123456789 123456789 12345678...) | failing"},
};

static void lines_of_cases(void **state)
{
    const struct line_case *c;
    (void)state;
    EACH(c, lines)
    {
        char *line = line_of(c->row);
        if (strcmp(line, c->expected) != 0)
            fail_msg("%s:\n%s\nexpected:\n%s", c->what, line, c->expected);
        free(line);
    }
}

/* ---- all of them ---- */

static const struct population {
    const char *what;
    double wall_ms[MOST]; /* half of it CPU */
    size_t n;
    double z;
    bool all;
    const char *expected;
} populations[] = {
    {"none", {0}, 0, 2, true, "no outlier among 0 plugins\n"},
    {"one",
     {1},
     1,
     2,
     false,
     "no outlier among 1 plugin\nnote: with 1 plugin the classic z cannot exceed 0.00, so z > 2.0 can never fire\n"},
    {"two: there is no robust z",
     {1, 9},
     2,
     2,
     false,
     "no outlier among 2 plugins\nnote: with 2 plugins the classic z cannot exceed 0.71, so z > 2.0 can never fire\n"},
    {"the classic z cannot fire",
     {10, 11, 12, 1000},
     4,
     2,
     false,
     "[BOTTLENECK] d | avg 1000.0ms | z=1.50 | robust z=33.05 | rank 100% | share of cpu 97% | compute\n"
     "note: with 4 plugins the classic z cannot exceed 1.50, so z > 2.0 can never fire: go by the robust z\n"},
    {"the robust z has no scale",
     {10, 10, 10, 10, 10, 10, 10, 90},
     8,
     2,
     false,
     "[BOTTLENECK] h | avg 90.0ms | z=2.47 | rank 100% | share of cpu 56% | compute\n"},
    {"a higher limit",
     {10, 10, 10, 10, 10, 10, 10, 90},
     8,
     3,
     false,
     "no outlier among 8 plugins\nnote: with 8 plugins the classic z cannot exceed 2.47, so z > 3.0 can never fire\n"},
    {"nobody", {8, 9, 10, 11, 12, 13}, 6, 2, false, "no outlier among 6 plugins\n"},
    {"two hide each other",
     {21, 22, 23, 24, 25, 26, 1000, 1100},
     8,
     2,
     false,
     "[BOTTLENECK] h | avg 1100.0ms | z=1.72 | robust z=30.12 | rank 100% | share of cpu 49% | compute\n"
     "[BOTTLENECK] g | avg 1000.0ms | z=1.51 | robust z=29.37 | rank 86% | share of cpu 45% | compute\n"
     "note: 2 of the outliers lie below z = 2.0 only because slow plugins raise each other's mean and deviation\n"},
    {"all, those as slow by name",
     {2, 1, 2, 100},
     4,
     2,
     true,
     "[BOTTLENECK] d | avg 100.0ms | z=1.50 | robust z=7.61 | rank 100% | share of cpu 95% | compute\n"
     "[PLUGIN] a | avg 2.0ms | z=-0.49 | robust z=0.00 | rank 50% | share of cpu 2% | compute\n"
     "[PLUGIN] c | avg 2.0ms | z=-0.49 | robust z=0.00 | rank 50% | share of cpu 2% | compute\n"
     "[PLUGIN] b | avg 1.0ms | z=-0.51 | robust z=-1.35 | rank 0% | share of cpu 1% | compute\n"
     "note: with 4 plugins the classic z cannot exceed 1.50, so z > 2.0 can never fire: go by the robust z\n"},
};

static void populations_of_cases(void **state)
{
    static const char *const names[MOST] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    const struct population *c;
    (void)state;
    EACH(c, populations)
    {
        struct tm_bottleneck rows[MOST];
        for (size_t i = 0; i < c->n; i++)
            rows[i] = (struct tm_bottleneck){names[i], 10, 0, c->wall_ms[i], c->wall_ms[i] / 2, NAN, NAN, NAN, NULL};
        char *text = text_of(rows, c->n, c->z, c->all);
        if (strcmp(text, c->expected) != 0)
            fail_msg("%s:\n%s\nexpected:\n%s", c->what, text, c->expected);
        free(text);
    }
}

/* Shares are of the CPU time of all plugins whose CPU is known, by their calls. */
static void shares_of_cpu(void **state)
{
    struct tm_bottleneck rows[] = {{"a", 10, 0, 30, 3, NAN, NAN, NAN, NULL},
                                   {"b", 90, 0, 20, 1, NAN, NAN, NAN, NULL},
                                   {"c", 5, 0, 10, NAN, NAN, NAN, NAN, NULL}};
    (void)state;
    char *text = text_of(rows, 3, 2, true);
    assert_non_null(strstr(text, "[PLUGIN] a | avg 30.0ms | z=1.00 | robust z=0.67 | rank 100% | share of cpu 25% | waiting\n"));
    assert_non_null(strstr(text, " b | avg 20.0ms | z=0.00 | robust z=0.00 | rank 50% | share of cpu 75% | waiting\n"));
    assert_non_null(strstr(text, " | rank 0% | no CPU recorded\n"));
    free(text);
}

/* Throughput has no place among times. */
static void without_wall_time(void **state)
{
    struct tm_bottleneck rows[3] = {{.name = "rate", .calls = 1, .wall_ms = NAN, .cpu_ms = NAN, .errors = NAN},
                                    {.name = "timed", .calls = 1, .wall_ms = 5, .cpu_ms = NAN, .errors = NAN},
                                    {.name = "size", .calls = 1, .wall_ms = NAN, .cpu_ms = NAN, .errors = NAN}};
    (void)state;
    char *text = text_of(rows, 3, 2, true);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "rate"));
    assert_non_null(strstr(text, "[PLUGIN] timed"));
    assert_non_null(strstr(text, "note: 2 plugins without a wall time: not compared\n"));
    free(text);
    rows[0].wall_ms = NAN; /* they have been sorted: the one that had a time */
    text = text_of(rows, 1, 2, true);
    assert_string_equal(text, "no plugin has a wall time to compare\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_of_cases), cmocka_unit_test(lines_of_cases),    cmocka_unit_test(populations_of_cases),
        cmocka_unit_test(shares_of_cpu),    cmocka_unit_test(without_wall_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
