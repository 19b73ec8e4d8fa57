/* Several processes' profiles of one run as one. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/combine.h"
#include "schema/fields.h"
#include "schema/sketch.h"

enum { PARTS = 3 };

/* A field of the three parts of one plugin, each with ten calls but where calls are the field, and of the whole. */
struct joined {
    const char *row, *field;
    double of[PARTS]; /* NAN: not known */
    double whole;
};

static const struct joined joined[] = {
    {"calls are added", "calls", {10, 20, 30}, 60},
    {"errors are added", "errors", {1, 0, 2}, 3},
    {"errors that one part does not know", "errors", {1, NAN, 2}, NAN},
    {"wall time is added", "wall_ms", {1, 2, 4}, 7},
    {"wall time that one part does not know", "wall_ms", {1, NAN, 4}, NAN},
    {"CPU time is added", "cpu_ms", {1, 2, 4}, 7},
    {"memory growth is added", "mem_delta_kb", {-1, 2, 4}, 5},
    {"the peak is the highest", "peak_mem_kb", {1, 4, 2}, 4},
    {"the slowest call is the highest", "wall_max_ms", {4, 1, 2}, 4},
    {"a percentile without a sketch is not known", "wall_p95_ms", {4, 4, 4}, NAN},
    {"occupied time is added", "occupied_ms", {1, 2, 4}, 7},
    {"the longest step is the highest", "longest_step_ms", {1, 2, 4}, 4},
    {"cancellations are added", "cancelled", {1, 2, 4}, 7},
    {"timeouts are added", "timeouts", {0, 0, 4}, 4},
};

static void set(struct tm_profile *profile, const struct tm_field *field, double value)
{
    void *at = (char *)profile + field->at;
    if (field->type == TM_FIELD_COUNT)
        *(int64_t *)at = isnan(value) ? TM_UNKNOWN : (int64_t)value;
    else
        *(double *)at = value * tm_field_factor(field);
}

static double get(const struct tm_profile *profile, const struct tm_field *field)
{
    if (!tm_field_known(field, profile))
        return NAN;
    return field->type == TM_FIELD_COUNT ? (double)tm_field_count(field, profile)
                                         : tm_field_real(field, profile) / tm_field_factor(field);
}

static bool same(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : fabs(a - b) < 1e-9;
}

/* Three parts w1 to w3, of a profile each. */
static void make(struct tm_run_content parts[PARTS], struct tm_profile profiles[PARTS])
{
    static const char *const names[] = {"w1", "w2", "w3"};
    for (int i = 0; i < PARTS; i++) {
        profiles[i] = (struct tm_profile)TM_PROFILE_INIT;
        profiles[i].plugin = "a", profiles[i].calls = 10;
        parts[i] = (struct tm_run_content){
            .run = {.key = "r", .part = names[i], .started_at = 1000}, .profiles = &profiles[i], .n_profiles = 1};
    }
}

static void combine(const struct tm_run_content *parts, size_t n, struct tm_combined *into, struct tm_run_content *whole)
{
    *into = (struct tm_combined){0};
    assert_int_equal(tm_combine(parts, n, into, whole), 0);
}

static void fields_are_joined(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++) {
        const struct joined *row = &joined[i];
        const struct tm_field *field = tm_field_named(row->field);
        struct tm_run_content parts[PARTS], whole;
        struct tm_profile profiles[PARTS];
        struct tm_combined combined;
        make(parts, profiles);
        for (int p = 0; p < PARTS; p++)
            set(&profiles[p], field, row->of[p]);
        combine(parts, PARTS, &combined, &whole);
        assert_int_equal(whole.n_profiles, 1);
        if (!same(get(&whole.profiles[0], field), row->whole))
            fail_msg("%s: %s is %g, expected %g", row->row, row->field, get(&whole.profiles[0], field), row->whole);
        tm_combined_free(&combined);
    }
}

/* A worker that loaded a plugin and never called it hides nothing of the others. */
static void a_part_without_calls_hides_nothing(void **state)
{
    struct tm_run_content parts[PARTS], whole;
    struct tm_profile profiles[PARTS];
    struct tm_combined combined;
    (void)state;
    make(parts, profiles);
    profiles[0].wall_ns = 5, profiles[0].clock = "thread", profiles[2].wall_ns = 7, profiles[2].clock = "thread";
    profiles[1].calls = 0; // cppcheck-suppress unreadVariable ; read through parts
    combine(parts, PARTS, &combined, &whole);
    assert_true(same(whole.profiles[0].wall_ns, 12));
    assert_string_equal(whole.profiles[0].clock, "thread");
    tm_combined_free(&combined);
}

static void texts_stay_where_all_agree(void **state)
{
    struct tm_run_content parts[PARTS], whole;
    struct tm_profile profiles[PARTS];
    struct tm_combined combined;
    (void)state;
    make(parts, profiles);
    for (int i = 0; i < PARTS; i++)
        profiles[i].clock = "thread", profiles[i].plugin_version = i == 2 ? "1.5" : "1.4";
    combine(parts, PARTS, &combined, &whole);
    assert_string_equal(whole.profiles[0].clock, "thread");
    assert_null(whole.profiles[0].plugin_version);
    tm_combined_free(&combined);
}

/* Plugins of any part are there once, in order; one that a single part has is what that part gave, percentiles and all. */
static void plugins_of_any_part_are_there(void **state)
{
    struct tm_profile of[2][2];
    struct tm_run_content parts[2] = {{.run = {.key = "r", .part = "x", .started_at = 2000, .commit_id = "c"}, .n_profiles = 2},
                                      {.run = {.key = "r", .part = "y", .started_at = 1000}, .n_profiles = 2}};
    struct tm_spike spikes[2] = {{5, NAN, 90, NULL}, {1, 2, 95, "b"}};
    struct tm_combined combined;
    struct tm_run_content whole;
    static const char *const names[2][2] = {{"a", "b"}, {"b", "c"}};
    (void)state;
    for (int p = 0; p < 2; p++) {
        for (int i = 0; i < 2; i++) {
            of[p][i] = (struct tm_profile)TM_PROFILE_INIT;
            of[p][i].plugin = names[p][i], of[p][i].calls = 1 + p, of[p][i].wall_ns = 1, of[p][i].wall_p50_ns = 1;
        }
        parts[p].profiles = of[p];
        parts[p].spikes = &spikes[p], parts[p].n_spikes = 1;
    }
    combine(parts, 2, &combined, &whole);
    assert_int_equal(whole.n_profiles, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(whole.profiles[i].plugin, ((const char *[]){"a", "b", "c"})[i]);
    assert_int_equal(whole.profiles[1].calls, 3);
    assert_true(same(whole.profiles[0].wall_p50_ns, 1));
    assert_true(isnan(whole.profiles[1].wall_p50_ns));
    assert_int_equal(whole.run.started_at, 1000);
    assert_string_equal(whole.run.commit_id, "c");
    assert_null(whole.run.part);
    /* The part x began 1000 s after the run. */
    assert_int_equal(whole.n_spikes, 2);
    assert_true(same(whole.spikes[0].at_ms, 1) && same(whole.spikes[1].at_ms, 1000005));
    tm_combined_free(&combined);
}

static const void *sketch_of(double from, double to, size_t *size)
{
    struct tm_sketch sketch;
    tm_sketch_init(&sketch);
    for (double value = from; value <= to; value++)
        assert_int_equal(tm_sketch_add(&sketch, value), 0);
    void *blob = tm_sketch_encode(&sketch, size);
    tm_sketch_free(&sketch);
    return blob;
}

static void percentiles_are_of_all_calls(void **state)
{
    struct tm_run_content parts[PARTS], whole;
    struct tm_profile profiles[PARTS];
    struct tm_combined combined;
    (void)state;
    make(parts, profiles);
    for (int i = 0; i < PARTS; i++)
        profiles[i].latency = sketch_of(1 + 1000 * i, 1000 + 1000 * i, &profiles[i].latency_size);
    combine(parts, PARTS, &combined, &whole);
    const struct tm_profile *all = whole.profiles;
    assert_true(fabs(all->wall_p50_ns - 1500) < 15 && fabs(all->wall_p95_ns - 2850) < 29 && fabs(all->wall_p99_ns - 2970) < 30);
    assert_true(same(all->wall_max_ns, 3000));
    size_t size;
    const void *expected = sketch_of(1, 3000, &size);
    assert_int_equal(all->latency_size, size);
    assert_memory_equal(all->latency, expected, size);
    tm_combined_free(&combined);
    /* One that cannot be read, or is missing, says nothing of the others. */
    free((void *)profiles[1].latency);
    profiles[1].latency = NULL;
    combine(parts, PARTS, &combined, &whole);
    assert_true(isnan(whole.profiles->wall_p50_ns) && !whole.profiles->latency);
    tm_combined_free(&combined);
    profiles[1].latency = strdup("TS-a"), profiles[1].latency_size = 4;
    combine(parts, PARTS, &combined, &whole);
    assert_true(isnan(whole.profiles->wall_p50_ns) && !whole.profiles->latency);
    tm_combined_free(&combined);
    for (int i = 0; i < PARTS; i++)
        free((void *)profiles[i].latency);
    free((void *)expected);
}

static const struct {
    const char *metric, *unit;
    enum tm_reading_kind kind;
} kinds[] = {
    {"rows", NULL, TM_READING_SUM},
    {"cache_misses", "count", TM_READING_SUM},
    {"queue_us", "us", TM_READING_SUM},
    {"bytes read", "B", TM_READING_SUM},
    {"supermax", NULL, TM_READING_SUM},
    {"permutations", NULL, TM_READING_SUM},
    {"self_wall_per_call_ms", "ms", TM_READING_MEAN},
    {"hit_rate", NULL, TM_READING_MEAN},
    {"throughput", "MB/s", TM_READING_MEAN},
    {"misses", "%", TM_READING_MEAN},
    {"queue_p95", "us", TM_READING_MEAN},
    {"p50", NULL, TM_READING_MEAN},
    {"latency-median", "ms", TM_READING_MEAN},
    {"max_depth_per_call", NULL, TM_READING_MEAN},
    {"queue_max", NULL, TM_READING_HIGHEST},
    {"peak memory", "KiB", TM_READING_HIGHEST},
    {"longest_wait_ms", "ms", TM_READING_HIGHEST},
    {"min_free", "B", TM_READING_LOWEST},
};

static void readings_have_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (tm_reading_kind(kinds[i].metric, kinds[i].unit) != kinds[i].kind)
            fail_msg("%s (%s): kind %d, expected %d", kinds[i].metric, kinds[i].unit ? kinds[i].unit : "none",
                     tm_reading_kind(kinds[i].metric, kinds[i].unit), kinds[i].kind);
}

static double reading(const struct tm_profile *profile, const char *metric)
{
    for (size_t i = 0; i < profile->n_readings; i++)
        if (strcmp(profile->readings[i].metric, metric) == 0)
            return profile->readings[i].value;
    return NAN;
}

static void readings_are_joined(void **state)
{
    const struct tm_reading readings[PARTS][4] = {
        {{"rows", NULL, 1, NULL}, {"hit_rate", NULL, 0.5, NULL}, {"d_max", NULL, 3, NULL}, {"d_min", NULL, 3, NULL}},
        {{"rows", NULL, 2, NULL}, {"hit_rate", NULL, 1, NULL}, {"d_max", NULL, 7, NULL}, {"d_min", NULL, 7, NULL}},
        {{"rows", NULL, 4, NULL}}};
    struct tm_run_content parts[PARTS], whole;
    struct tm_profile profiles[PARTS];
    struct tm_combined combined;
    (void)state;
    make(parts, profiles);
    for (int i = 0; i < PARTS; i++)
        profiles[i].readings = readings[i], profiles[i].n_readings = i == 2 ? 1 : 4;
    profiles[1].calls = 30;
    combine(parts, PARTS, &combined, &whole);
    const struct tm_profile *all = whole.profiles;
    assert_int_equal(all->n_readings, 4);
    assert_true(same(reading(all, "rows"), 7));
    assert_true(same(reading(all, "hit_rate"), 0.875)); /* 10 calls of 0.5, 30 of 1 */
    assert_true(same(reading(all, "d_max"), 7) && same(reading(all, "d_min"), 3));
    tm_combined_free(&combined);
    /* Where nothing was called. */
    for (int i = 0; i < PARTS; i++)
        profiles[i].calls = 0; // cppcheck-suppress unreadVariable ; read through parts
    combine(parts, PARTS, &combined, &whole);
    assert_true(same(reading(whole.profiles, "hit_rate"), 0.75));
    tm_combined_free(&combined);
}

static const struct {
    const char *row, *names[PARTS];
    double peaks[PARTS]; /* KiB */
    double sum;
} peaks[] = {
    {"nobody knows who lived together", {"a", "b", "c"}, {1, 2, 3}, NAN},
    {"one machine", {"m:1", "m:2", "m:3"}, {1, 2, 3}, 6},
    {"two machines", {"m:1", "m:2", "n:1"}, {1, 2, 4}, 4},
    {"two machines, the first higher", {"m:1", "m:2", "n:1"}, {3, 2, 4}, 5},
    {"a machine with a colon", {"m:a:1", "m:a:2", "m:b:1"}, {1, 2, 2.5}, 3},
    {"one is the beginning of the other", {"m:1", "m:2", "mm:1"}, {1, 2, 1}, 3},
    {"a machine within another's name", {"m:1", "m:1:x", "m:2"}, {1, 9, 2}, 9},
    {"a machine around another's name", {"m:1", "m:1:x", "m:2"}, {1, 2, 3}, 4},
    {"some without a machine", {"m:1", "m:2", "x"}, {1, 2, 9}, 3},
    {"a peak that is not known", {"m:1", "m:2", "m:3"}, {1, NAN, 3}, 4},
};

static void peaks_of_one_machine_add_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
        struct tm_run_content parts[PARTS], whole;
        struct tm_profile profiles[PARTS];
        struct tm_combined combined;
        make(parts, profiles);
        for (int p = 0; p < PARTS; p++)
            parts[p].run.part = peaks[i].names[p], profiles[p].peak_mem_bytes = peaks[i].peaks[p] * 1024;
        combine(parts, PARTS, &combined, &whole);
        if (!same(reading(whole.profiles, TM_PEAK_SUM), peaks[i].sum))
            fail_msg("%s: %g, expected %g", peaks[i].row, reading(whole.profiles, TM_PEAK_SUM), peaks[i].sum);
        tm_combined_free(&combined);
    }
}

/* A host that has counted it itself knows better. */
static void a_sum_of_peaks_that_is_given_stays(void **state)
{
    struct tm_reading given = {TM_PEAK_SUM, TM_PEAK_SUM_UNIT, 50, "lower"};
    struct tm_run_content parts[PARTS], whole;
    struct tm_profile profiles[PARTS];
    struct tm_combined combined;
    (void)state;
    make(parts, profiles);
    for (int p = 0; p < PARTS; p++)
        parts[p].run.part = "m:1", profiles[p].peak_mem_bytes = 1024;
    profiles[1].readings = &given, profiles[1].n_readings = 1;
    combine(parts, PARTS, &combined, &whole);
    assert_int_equal(whole.profiles->n_readings, 1);
    assert_true(same(reading(whole.profiles, TM_PEAK_SUM), 50));
    tm_combined_free(&combined);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_joined),
        cmocka_unit_test(a_part_without_calls_hides_nothing),
        cmocka_unit_test(texts_stay_where_all_agree),
        cmocka_unit_test(plugins_of_any_part_are_there),
        cmocka_unit_test(percentiles_are_of_all_calls),
        cmocka_unit_test(readings_have_kinds),
        cmocka_unit_test(readings_are_joined),
        cmocka_unit_test(peaks_of_one_machine_add_up),
        cmocka_unit_test(a_sum_of_peaks_that_is_given_stays),
    };
    return cmocka_run_group_tests_name("combine", tests, NULL, NULL);
}
