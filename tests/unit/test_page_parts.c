/* The parts of the page: the headline in words, amounts, sparklines, and the hash for its policy. */
#include "tests/unit/html.h"
#include "tests/unit/stage.h"

#include "base/sha256.h"
#include "report/page/sections.h"

/* What a part of the page writes; to be freed. */
static char *part_of(void (*part)(const struct tm_page *), const struct tm_report *report)
{
    static char *text;
    static size_t size;
    static const struct tm_findings nothing;
    bool failed = false;
    struct tm_page page = {.report = report, .findings = &nothing, .failed = &failed};
    page.out = open_memstream(&text, &size);
    assert_non_null(page.out);
    part(&page);
    assert_false(failed);
    assert_int_equal(fclose(page.out), 0);
    return text;
}

/* ---- the headline ---- */

static void one_regressed(struct stage *stage)
{
    static struct tm_report_run runs[2];
    add_verdict(stage, add_plugin(stage, "pdf-parser", true), WALL, TM_REGRESSED)->since_run = 0;
    runs[0] = (struct tm_report_run){6, 1795053600, "night-6", NULL, NAN, NAN};
    runs[1] = stage->run;
    stage->report.runs = runs, stage->report.run = &runs[1], stage->report.n_runs = 2;
    add_plugin(stage, "quiet", true);
}

static void since_last_year(struct stage *stage)
{
    one_regressed(stage);
    stage->report.runs[0].started_at -= 365 * 86400;
}

static void errors_too(struct stage *stage)
{
    many(stage, 1, TM_REGRESSED);
    add_verdict(stage, add_plugin(stage, "z", true), ERRORS, TM_REGRESSED);
}

static void one_missing(struct stage *stage)
{
    add_unknown(stage, add_plugin(stage, "gone", false), -1, TM_MISSING)->last_good = "night-5";
    many(stage, 1, TM_PASS);
}

static void two_missing(struct stage *stage)
{
    one_missing(stage);
    add_unknown(stage, add_plugin(stage, "lost", false), -1, TM_MISSING);
}

static void some_judged(struct stage *stage)
{
    nothing_judged(stage);
    many(stage, 3, TM_PASS);
}

static void passes(struct stage *stage)
{
    many(stage, 3, TM_PASS);
}

static void test_headlines(void **state)
{
    static const struct {
        void (*make)(struct stage *stage);
        const char *headline;
    } rows[] =
        {
            {one_regressed,
             "On 20 November 2026, 1 of 2 plugins got slower: pdf-parser takes 40 % longer per call since 19 November."},
            {since_last_year,
             "On 20 November 2026, 1 of 2 plugins got slower: pdf-parser takes 40 % longer per call since 19 November 2025."},
            {errors_too,
             "On 20 November 2026, 2 of 2 plugins got worse. The worst: plugin-0000 takes 40 % longer per call since night-6."},
            {ten_of_each, "On 20 November 2026, no plugin got worse, but 10 are still worse than before. The worst: plugin-0000 "
                          "takes 40 % longer per call since night-6."},
            {one_missing, "On 20 November 2026, no plugin got worse, but gone is missing: last seen in night-5, 0 runs ago."},
            {two_missing, "On 20 November 2026, no plugin got worse, but 2 are missing."},
            {strict_suspect, "On 20 November 2026, no plugin got worse, but 1 had a bad run: a takes 40 % longer per call in this "
                             "one run, which proves nothing yet."},
            {passes, "On 20 November 2026, none of the 3 plugins got worse."},
            {some_judged, "On 20 November 2026, none of the 3 plugins that could be judged got worse."},
            {nothing_judged, "On 20 November 2026, nothing could be judged yet."},
            {empty_run, "On 20 November 2026, the run was empty: it has no plugins."},
            {run_wide, "On 20 November 2026, the whole run is slower and stays so: most plugins changed together since night-3."},
        },
      *row;
    (void)state;
    EACH(row, rows)
    {
        char *lead = part_of(tm_page_headline, report_of(row->make)), *from = strstr(lead, "<h1>"), *to = strstr(lead, "</h1>");
        assert_true(from && to);
        char *headline = text_between(from, to);
        assert_string_equal(headline, row->headline);
        free(headline);
        free(lead);
    }
}

/* ---- numbers ---- */

static void test_amounts(void **state)
{
    static const struct {
        enum tm_metric_kind kind;
        const char *unit;
        double value, beside;
        const char *amount, *change;
    } rows[] =
        {
            {TM_METRIC_RATIO, "ms", 279.64, 186.9, "279.6 ms", "+49.6 %"},
            {TM_METRIC_RATIO, "ms", 0.0423, 0.04, "42.30 us", "+5.7 %"},
            {TM_METRIC_RATIO, "ms", 980, 1020, "0.980 s", "−3.9 %"},
            {TM_METRIC_RATIO, "ms", 90000, NAN, "90 s", ""},
            {TM_METRIC_RATIO, "ms", 0, 0, "0 ms", "0 ms"},
            {TM_METRIC_RATIO, "us", 1500, 1500, "1.500 ms", "0.0 %"},
            {TM_METRIC_RATIO, "KiB", 95852, 95800, "93.61 MiB", "+0.1 %"},
            {TM_METRIC_GROWTH, "KiB", -3, 0, "−3 KiB", "−3 KiB"},
            {TM_METRIC_GROWTH, "KiB", 45.24, 0.9554, "45.24 KiB", "×47"},
            {TM_METRIC_GROWTH, "KiB", 0.9554, 45.24, "0.96 KiB", "−97.9 %"},
            {TM_METRIC_ERRORS, "", 0.0123, 0.003, "1.23 %", "+0.93 points"},
            {TM_METRIC_ERRORS, "", 0.3, 0, "30.00 %", "+30.0 points"},
            {TM_METRIC_CALLS, "", 1234567, 1234567, "1\u202f234\u202f567", "0.0 %"},
            {TM_METRIC_RATIO, "hits", 9999, 9000, "9999 hits", "+11.1 %"},
            {TM_METRIC_RATIO, "ops", 9999, 9000, "9999", "+11.1 %"}, /* the metric's name says it */
            {TM_METRIC_RATIO, "", 12.3456, 12, "12.35", "+2.9 %"},
            {TM_METRIC_RATIO, "", 1e-9, NAN, "0", ""},
            {TM_METRIC_RATIO, "", 2e15, 2e15, "2e+15", "0.0 %"},
            {TM_METRIC_RATIO, "ms", NAN, 3, "", ""},
            {TM_METRIC_RATIO, "ms", INFINITY, 3, "", ""},
        },
      *row;
    (void)state;
    EACH(row, rows)
    {
        const struct tm_report_metric metric = {.name = "ops", .unit = row->unit, .kind = row->kind};
        char amount[64] = "", change[64] = "";
        FILE *out = fmemopen(amount, sizeof amount, "w");
        tm_page_amount(out, &metric, row->value, row->beside);
        fclose(out);
        out = fmemopen(change, sizeof change, "w");
        tm_page_change(out, &metric, row->value, row->beside);
        fclose(out);
        assert_string_equal(amount, row->amount);
        assert_string_equal(change, row->change);
    }
}

/* ---- sparklines ---- */

/* The numbers of the path that is the line, as absolute points. */
static size_t points_of(const char *svg, int points[200][2])
{
    const char *at = strstr(svg, "<path d=\"");
    int x = 0, y = 0, n = 0;
    assert_non_null(at);
    for (at += strlen("<path d=\""); *at != '"'; n++) {
        char *rest;
        bool absolute = *at == 'M';
        if (*at == 'h') { /* a dot where the line begins */
            at += strlen("h0");
            n--;
            continue;
        }
        at += *at == 'M' || *at == 'l';
        long dx = strtol(at, &rest, 10), dy = strtol(rest, &rest, 10);
        x = (absolute ? 0 : x) + (int)dx, y = (absolute ? 0 : y) + (int)dy;
        assert_true(n < 200 && rest > at);
        points[n][0] = x, points[n][1] = y;
        at = rest;
    }
    return (size_t)n;
}

static size_t spark_of(double *values, size_t n, int points[200][2])
{
    const struct tm_report report = {.n_runs = n};
    const struct tm_report_plugin plugin = {.values = values};
    char svg[4096] = "";
    FILE *out = fmemopen(svg, sizeof svg, "w");
    tm_page_spark(out, &report, &plugin, 0, 100);
    fclose(out);
    return *svg ? points_of(svg, points) : 0;
}

static void test_sparklines(void **state)
{
    static const size_t sizes[] = {1, 2, 59, 60, 61, 365, 1000};
    const size_t *n;
    double values[1000];
    int points[200][2];
    (void)state;
    EACH(n, sizes)
    {
        for (size_t i = 0; i < *n; i++)
            values[i] = 100 + (double)(i * 7919 % 13);
        values[*n / 2] = 1000, values[*n / 3] = *n > 2 ? 10 : 1000;
        size_t drawn = spark_of(values, *n, points);
        int top = 1000, bottom = -1000;
        assert_true(drawn >= 1 && drawn <= 60);
        for (size_t i = 0; i < drawn; i++) {
            assert_in_range(points[i][0], 0, 240);
            assert_true(i == 0 || points[i][0] >= points[i - 1][0]);
            top = points[i][1] < top ? points[i][1] : top, bottom = points[i][1] > bottom ? points[i][1] : bottom;
        }
        assert_int_equal(top, 5);
        assert_true(*n <= 2 || bottom == 43);
    }
    for (size_t i = 0; i < 10; i++)
        values[i] = i % 3 == 1 ? NAN : 100;
    assert_int_equal(spark_of(values, 10, points), 7);
    assert_int_equal(points[0][1], 24); /* what never changes runs through the middle */
    values[0] = NAN;
    assert_int_equal(spark_of(values, 1, points), 0);
}

/* ---- the hash ---- */

/* Digests as other programs give them, at each kind of padding. */
static void test_sha256(void **state)
{
    static const struct {
        const char *text, *base64;
    } rows[] =
        {
            {"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
            {"abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="},
            {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="},
            {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "n0OQ+NMMLdkuyfCVtl4rmumwqSWlJY4kHJ8ekQ9zQxg="},
            {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "/+BU/nrgy23GXDr5th1SCfQ5hR20PQulmXM33xVGaOs="},
        },
      *row;
    (void)state;
    EACH(row, rows)
    {
        char base64[TM_SHA256_BASE64];
        tm_sha256_base64(row->text, strlen(row->text), base64);
        assert_string_equal(base64, row->base64);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headlines),
        cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_sparklines),
        cmocka_unit_test(test_sha256),
    };
    return cmocka_run_group_tests_name("page_parts", tests, NULL, NULL);
}
