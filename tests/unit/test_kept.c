/* A series that is kept between two nights comes back to the last bit, whatever it holds, and a young one is small. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/baseline.h"
#include "analyze/bytes.h"
#include "analyze/kept.h"

static uint64_t seed;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* To the last bit. */
static bool same(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

static void must_be_same(const struct tm_series *a, const struct tm_series *b, enum tm_metric_kind kind, int night)
{
    const struct tm_detector *x = &a->level, *y = &b->level;
    assert_memory_equal(a->recent, b->recent, sizeof a->recent);
    assert_memory_equal(&a->alarm, &b->alarm, sizeof a->alarm);
    if (tm_metric_is_counted(kind)) {
        assert_int_equal(a->counts.n_base, b->counts.n_base);
        assert_int_equal(a->counts.n_wait, b->counts.n_wait);
        assert_memory_equal(a->counts.events, b->counts.events, (size_t)a->counts.n_base * sizeof(double));
        assert_memory_equal(a->counts.trials, b->counts.trials, (size_t)a->counts.n_base * sizeof(double));
        assert_memory_equal(a->counts.wait_events, b->counts.wait_events, (size_t)a->counts.n_wait * sizeof(double));
        assert_memory_equal(a->counts.wait_trials, b->counts.wait_trials, (size_t)a->counts.n_wait * sizeof(double));
        assert_int_equal(a->counts.open, b->counts.open);
        return;
    }
    size_t n_base = (size_t)x->n_base * sizeof *x->base, n_wait = (size_t)x->n_wait * sizeof *x->wait;
    if (x->n_base != y->n_base || x->n_wait != y->n_wait || x->open != y->open || x->improved != y->improved ||
        !same(x->base, y->base, n_base) || !same(x->base_common, y->base_common, n_base) || !same(x->wait, y->wait, n_wait) ||
        !same(x->wait_common, y->wait_common, n_wait) || !same(&x->median, &y->median, 6 * sizeof(double)) ||
        !same(x->own.at, y->own.at, x->own.n) || x->own.n != y->own.n || x->raw.n != y->raw.n ||
        !same(x->raw.at, y->raw.at, x->raw.n))
        fail_msg("night %d: another level than was kept", night);
}

/* Two series judged alike, one of them kept and opened every night: with slow nights, a night without a value, steps up and down.
 */
static void nights(enum tm_metric_kind kind, size_t *at_ten, size_t *at_hundred)
{
    struct tm_detector_params params = tm_detector_params_for(0.5);
    struct tm_count_params counted = {TM_BINOMIAL, tm_count_threshold(0.5), 0.05, 0};
    struct tm_series whole = {0}, opened;
    struct tm_kept *kept = NULL;
    for (int night = 1; night <= 120; night++) {
        struct tm_detector_result a, b;
        double step = night > 60 && night < 75 ? 0.4 : night > 90 ? -0.4 : 0, common = night > 10 && night % 17 == 5 ? 0.2 : 0;
        double y = 3 + step + common + 0.02 * uniform(), calls = floor(100 + 300 * uniform());
        if (night == 30)
            continue;
        tm_kept_open(kept, kind, &opened);
        must_be_same(&whole, &opened, kind, night);
        if (tm_metric_is_counted(kind)) {
            double errors = night > 60 ? floor(30 * uniform()) : 0;
            tm_counts_step(&whole.counts, &counted, errors, calls, &a);
            tm_counts_step(&opened.counts, &counted, errors, calls, &b);
        } else {
            tm_detector_step(&whole.level, &params, y, common, &a);
            tm_detector_step(&opened.level, &params, y, common, &b);
            /* What need not be kept: it is not looked at where nothing is open. */
            whole.level.old_median = whole.level.open ? whole.level.old_median : 0;
        }
        assert_int_equal(a.class, b.class);
        assert_true(a.evidence >= b.evidence && a.evidence <= b.evidence);
        memmove(whole.recent + 1, whole.recent, sizeof whole.recent - sizeof *whole.recent);
        whole.recent[0] = night;
        memcpy(opened.recent, whole.recent, sizeof opened.recent);
        whole.alarm = (struct tm_alarm_memory){0};
        if (a.open)
            whole.alarm = (struct tm_alarm_memory){night, night - 1, {1, 2, 3}, night, TM_TOLD_BY_METRIC};
        opened.alarm = whole.alarm;
        assert_int_equal(tm_kept_close(&kept, &opened, kind, false), 0);
        assert_int_equal(kept->alarm != NULL, a.open);
        if (night == 10)
            *at_ten = offsetof(struct tm_kept, bytes) + kept->room;
    }
    *at_hundred = offsetof(struct tm_kept, bytes) + kept->room;
    tm_kept_free(kept);
}

static void what_is_kept_comes_back(void **state)
{
    size_t ten, hundred;
    (void)state;
    seed = 11;
    nights(TM_METRIC_RATIO, &ten, &hundred);
    assert_in_range(ten, 80, 170);
    assert_in_range(hundred, 300, sizeof(struct tm_series));
    nights(TM_METRIC_ERRORS, &ten, &hundred);
    assert_in_range(ten, 30, 80);
}

/* A level that begins anew reaches back to some of its baseline: these are another list than the one that was in order. */
static void a_level_begun_anew_is_in_order(void **state)
{
    struct tm_detector_params params = tm_detector_params_for(0.5);
    (void)state;
    seed = 5;
    for (int n = 1; n <= 36; n++) {
        struct tm_series series = {0};
        struct tm_detector fresh;
        struct tm_detector_result result;
        for (int night = 0; night < 34; night++)
            tm_detector_step(&series.level, &params, 3 + 0.05 * uniform(), 0, &result);
        tm_series_restart(&series, TM_METRIC_RATIO, n);
        fresh = series.level;
        fresh.own.n = 0; /* with nothing known of their order, the figures are those of the values */
        tm_baseline_settle(&fresh, TM_DETECTOR_FLOOR);
        if (series.level.median < fresh.median || series.level.median > fresh.median || series.level.scale < fresh.scale ||
            series.level.scale > fresh.scale)
            fail_msg("the newest %d: median %g, not %g", n, series.level.median, fresh.median);
    }
}

static void an_alarm_has_room_before_it_is_raised(void **state)
{
    struct tm_series series = {.recent = {7}};
    struct tm_kept *kept = NULL;
    (void)state;
    assert_int_equal(tm_kept_close(&kept, &series, TM_METRIC_RATIO, true), 0);
    assert_non_null(kept->alarm);
    series.level.open = 1;
    series.level.old_median = 2;
    assert_int_equal(tm_kept_close(&kept, &series, TM_METRIC_RATIO, false), 0);
    assert_true(tm_kept_is_open(kept));
    tm_kept_forgive(kept, TM_METRIC_RATIO);
    assert_false(tm_kept_is_open(kept));
    assert_null(kept->alarm);
    assert_int_equal(kept->newest, 7);
    tm_kept_forget(kept, TM_METRIC_RATIO);
    assert_int_equal(kept->newest, 0);
    tm_kept_free(kept);
    tm_kept_free(NULL);
}

/* Lists of doubles as bytes. */
static void lists_come_back_to_the_last_bit(void **state)
{
    static const struct {
        const char *name;
        int n;
        double values[6];
        size_t most; /* bytes */
    } rows[] = {{"none", 0, {0}, 0},
                {"one", 1, {3.7}, 9},
                {"equal", 4, {3.7, 3.7, 3.7, 3.7}, 9},
                {"alike", 6, {3.7, 3.71, 3.69, 3.7, 3.72, 3.68}, 46},
                {"counts", 6, {0, 3, 1, 0, 2, 0}, 4},
                {"large counts", 3, {1e15, 1e15 + 1, 1e15 + 3}, 10},
                {"zeros of both signs", 2, {0.0, -0.0}, 17},
                {"both sides of zero", 4, {-1.5, 2.5, -1e-300, 1e300}, 41},
                {"the smallest", 2, {5e-324, -5e-324}, 10},
                {"the largest", 2, {1.7976931348623157e308, -1.7976931348623157e308}, 25},
                {"whole and not", 3, {1, 2, 2.5}, 30}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm_bytes bytes = {0};
        double read[6];
        tm_put_reals(&bytes, rows[i].values, rows[i].n);
        struct tm_slice_of_bytes in = tm_slice_of_bytes(bytes.bytes ? (const void *)bytes.bytes : "", bytes.size);
        tm_get_reals(&in, read, rows[i].n);
        if (in.bad || in.at != in.end || memcmp(read, rows[i].values, (size_t)rows[i].n * sizeof *read) != 0 ||
            bytes.size > rows[i].most)
            fail_msg("%s: %zu bytes, %s", rows[i].name, bytes.size, in.bad ? "refused" : "read");
        for (size_t cut = 0; cut < bytes.size; cut++) {
            in = tm_slice_of_bytes(bytes.bytes, cut);
            tm_get_reals(&in, read, rows[i].n);
            if (!in.bad)
                fail_msg("%s: read from %zu of %zu bytes", rows[i].name, cut, bytes.size);
        }
        tm_bytes_free(&bytes);
    }
}

/* What docs/schema.md says of them, one bit at a time: of each width, and of as many as end anywhere in a byte. */
static void distances_stand_bit_by_bit(void **state)
{
    static const uint64_t first = UINT64_C(0x3ff0000000000001); /* just above 1, whose distances are up to 61 bits */
    (void)state;
    for (unsigned width = 0; width <= 61; width++)
        for (int n = 2; n <= TM_REALS_MOST; n += 7) {
            double values[TM_REALS_MOST], read[TM_REALS_MOST];
            unsigned char expected[9 + 8 * TM_REALS_MOST] = {(unsigned char)width, 1, 0, 0, 0, 0, 0, 0xf0, 0x3f};
            struct tm_bytes bytes = {0};
            uint64_t state_of = 88172645463325252u + width, mask = (UINT64_C(1) << width) - 1;
            for (int i = 0; i < n; i++) {
                state_of = state_of * 6364136223846793005u + 1442695040888963407u;
                uint64_t distance = i < 2 ? mask * (unsigned)i : state_of >> 2 & mask, bits = first + distance;
                memcpy(&values[i], &bits, sizeof bits);
                for (unsigned bit = 0; bit < width; bit++) {
                    size_t at = (size_t)i * width + bit;
                    expected[9 + at / 8] |= (unsigned char)((distance >> (width - 1 - bit) & 1) << (7 - at % 8));
                }
            }
            tm_put_reals(&bytes, values, n);
            assert_int_equal(bytes.size, 9 + ((size_t)n * width + 7) / 8);
            assert_memory_equal(bytes.bytes, expected, bytes.size);
            struct tm_slice_of_bytes in = tm_slice_of_bytes(bytes.bytes, bytes.size);
            tm_get_reals(&in, read, n);
            assert_true(!in.bad && in.at == in.end);
            assert_memory_equal(read, values, (size_t)n * sizeof *read);
            tm_bytes_free(&bytes);
        }
}

static void no_list_is_believed(void **state)
{
    static const struct {
        const char *name;
        unsigned char bytes[26];
        size_t size;
    } rows[] = {{"more bits than a double has", {65, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x40}, 26},
                {"beyond all doubles", {0, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, 9},
                {"from the largest into infinity", {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f, 0xff}, 10},
                {"a least whole number beyond 2^53", {128, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, 9},
                {"a whole number beyond 2^53", {129, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0xc0}, 10}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double read[2] = {7, 7};
        struct tm_slice_of_bytes in = tm_slice_of_bytes(rows[i].bytes, rows[i].size);
        tm_get_reals(&in, read, 2);
        if (!in.bad || fabs(read[0]) > 0 || fabs(read[1]) > 0)
            fail_msg("%s: believed", rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_kept_comes_back),
                                       cmocka_unit_test(a_level_begun_anew_is_in_order),
                                       cmocka_unit_test(an_alarm_has_room_before_it_is_raised),
                                       cmocka_unit_test(lists_come_back_to_the_last_bit),
                                       cmocka_unit_test(distances_stand_bit_by_bit),
                                       cmocka_unit_test(no_list_is_believed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
