/* What the export's writers say of a run: numbers from which the same double comes back, and OTLP by its schema. That what they
 * write makes the same store again is for tests/shell/test_export.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ingest/number.h"
#include "report/export/export.h"
#include "report/export/number.h"
#include "schema/sketch.h"
#include "tests/unit/json_schema.h"

/* ---- numbers ---- */

static double read_back(const struct tm_field *field, double value, char text[64])
{
    double back = NAN;
    FILE *out = fmemopen(text, 64, "w");
    tm_put_field_number(out, field, value);
    fclose(out);
    bool time = field->unit == TM_UNIT_TIME;
    assert_int_equal(tm_parse_real(text, strlen(text), time ? 6 : 0, &back), TM_NUMBER_OK);
    return time ? back : back * 1024;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Of any size, and whole numbers, which have a way of their own. */
static void numbers_come_back(void **state)
{
    const struct tm_field *fields[] = {tm_field_named("wall_ms"), tm_field_named("mem_delta_kb")};
    uint64_t random = 88172645463325252u;
    char text[64];
    (void)state;
    for (int i = 0; i < 200000; i++) {
        double value = (double)(next_random(&random) >> 11) / 0x1p53 * pow(10, (double)(next_random(&random) % 40) - 12);
        if (i % 3 == 0)
            value = floor(value);
        if (i % 2 == 1 && i % 5 == 0)
            value = -value;
        const struct tm_field *field = fields[i % 2];
        double back = read_back(field, value, text);
        if (back < value || back > value)
            fail_msg("%s: %.17g came back as %.17g", text, value, back);
    }
}

static void numbers_are_short(void **state)
{
    static const struct {
        const char *field, *text;
        double value;
    } rows[] = {
        {"wall_ms", "0", 0},
        {"wall_ms", "1234.5678901", 1234567890.1},
        {"wall_ms", "0.0127", 12700},
        {"wall_ms", "0.0000001", 0.1},
        {"wall_ms", "0.00001234", 12.34},
        {"wall_ms", "1.5e-13", 1.5e-7},
        {"wall_ms", "1e+16", 1e22},
        {"wall_ms", "1", 1e6},
        {"peak_mem_kb", "1", 1024},
        {"peak_mem_kb", "0.0009765625", 1},
        {"mem_delta_kb", "-1.5", -1536},
        {"mem_delta_kb", "0.00048828125", 0.5},
    };
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double back = read_back(tm_field_named(rows[i].field), rows[i].value, text);
        if (strcmp(text, rows[i].text) != 0 && !(back >= rows[i].value && back <= rows[i].value && strchr(rows[i].text, '+')))
            fail_msg("%s of %g: '%s', not '%s'", rows[i].field, rows[i].value, text, rows[i].text);
    }
}

/* ---- OTLP ---- */

static json_t *schema;

static int read_schema(void **state)
{
    char path[1024];
    json_error_t error;
    const char *top = getenv("TM_SOURCE_DIR");
    (void)state;
    snprintf(path, sizeof path, "%s/tests/data/otlp_metrics.schema.json", top ? top : ".");
    schema = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    return schema ? 0 : -1;
}

static int forget_schema(void **state)
{
    (void)state;
    json_decref(schema);
    return 0;
}

static struct tm_profile profiles[2];
static struct tm_reading metrics[] = {{"rate \"x\"", "MB/s", NAN, "higher"}, {"plain", NULL, NAN, NULL}}, readings[2];
static unsigned char *latency;

static struct tm_run_content make_run(int64_t started_at)
{
    struct tm_sketch sketch;
    tm_sketch_init(&sketch);
    tm_sketch_add(&sketch, 0);
    for (int i = 1; i < 7; i++)
        tm_sketch_add(&sketch, i < 4 ? 1000 : 5000 * i);
    memcpy(readings, metrics, sizeof readings);
    readings[0].value = 12.5, readings[1].value = -3;
    profiles[0] = profiles[1] = (struct tm_profile)TM_PROFILE_INIT;
    profiles[0].plugin = "a\n\"b", profiles[1].plugin = "c";
    profiles[0].calls = 7, profiles[0].errors = 1, profiles[0].wall_ns = 12345678901, profiles[0].mem_delta_bytes = -5;
    latency = tm_sketch_encode(&sketch, &profiles[0].latency_size);
    profiles[0].latency = latency;
    profiles[1].calls = INT64_MAX, profiles[1].readings = readings, profiles[1].n_readings = 2;
    tm_sketch_free(&sketch);
    return (struct tm_run_content){
        .run = {.project = "p", .key = "n1", .started_at = started_at, .host = "h", .branch = "main", .commit_id = "c"},
        .profiles = profiles,
        .n_profiles = 2};
}

static json_t *otlp_of(int64_t started_at)
{
    static char text[65536];
    FILE *out = fmemopen(text, sizeof text, "w");
    struct tm_export export = {.out = out, .metrics = metrics, .n_metrics = 2};
    struct tm_run_content content = make_run(started_at);
    metrics[0].metric = readings[0].metric, metrics[1].metric = readings[1].metric;
    assert_int_equal(tm_export_otlp.run(&export, &content), 0);
    fclose(out);
    free(latency);
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    return document;
}

static json_t *metrics_of(const json_t *document)
{
    const json_t *resource = json_array_get(json_object_get(document, "resourceMetrics"), 0);
    return json_object_get(json_array_get(json_object_get(resource, "scopeMetrics"), 0), "metrics");
}

/* The points of the metric of that name. */
static json_t *points_of(const json_t *document, const char *name, const char *kind)
{
    size_t i;
    const json_t *metric, *found = NULL;
    json_array_foreach(metrics_of(document), i, metric) if (strcmp(json_string_value(json_object_get(metric, "name")), name) == 0)
        found = metric;
    assert_non_null(found);
    return json_object_get(json_object_get(found, kind), "dataPoints");
}

static const char *text_at(const json_t *points, size_t at, const char *member)
{
    return json_string_value(json_object_get(json_array_get(points, at), member));
}

static void otlp_obeys_the_schema(void **state)
{
    json_t *document = otlp_of(1795140000);
    struct schema against = {.whole = schema};
    (void)state;
    if (!conforms(&against, schema, document, ""))
        fail_msg("%s", against.fault);
    const json_t *calls = points_of(document, "tidemark.plugin.calls", "sum"), *rate = points_of(document, "rate \"x\"", "gauge");
    assert_string_equal(text_at(calls, 1, "asInt"), "9223372036854775807");
    assert_string_equal(text_at(calls, 0, "timeUnixNano"), "1795140000000000000");
    assert_int_equal(json_array_size(points_of(document, "tidemark.plugin.wall", "sum")), 1);
    assert_int_equal(json_array_size(rate), 1);
    assert_float_equal(json_number_value(json_object_get(json_array_get(rate, 0), "asDouble")), 12.5, 0);
    json_decref(document);
}

/* As many counts as bounds and one more, bounds that rise, and all values in them. */
static void histograms_add_up(void **state)
{
    json_t *document = otlp_of(1795140000);
    const json_t *point = json_array_get(points_of(document, "tidemark.plugin.latency", "histogram"), 0), *item;
    const json_t *counts = json_object_get(point, "bucketCounts"), *bounds = json_object_get(point, "explicitBounds");
    size_t i;
    int64_t sum = 0;
    double before = 0;
    (void)state;
    assert_int_equal(json_array_size(counts), json_array_size(bounds) + 1);
    json_array_foreach(counts, i, item) sum += strtoll(json_string_value(item), NULL, 10);
    json_array_foreach(bounds, i, item)
    {
        assert_true(json_number_value(item) > before);
        before = json_number_value(item);
    }
    assert_int_equal(sum, 7);
    assert_string_equal(json_string_value(json_object_get(point, "count")), "7");
    assert_string_equal(json_string_value(json_array_get(counts, 0)), "1"); /* the zero */
    assert_string_equal(json_string_value(json_array_get(counts, 1)), "3");
    json_decref(document);
}

/* What 64 bits of nanoseconds cannot say is not said: 0 is "unknown". */
static void times_fit(void **state)
{
    static const struct {
        int64_t at;
        const char *text;
    } rows[] = {{0, "0"}, {1, "1000000000"}, {18446744073, "18446744073000000000"}, {18446744074, "0"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *document = otlp_of(rows[i].at);
        assert_string_equal(text_at(points_of(document, "tidemark.plugin.calls", "sum"), 0, "timeUnixNano"), rows[i].text);
        json_decref(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back), cmocka_unit_test(numbers_are_short), cmocka_unit_test(otlp_obeys_the_schema),
        cmocka_unit_test(histograms_add_up), cmocka_unit_test(times_fit),
    };
    return cmocka_run_group_tests(tests, read_schema, forget_schema);
}
