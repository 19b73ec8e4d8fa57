#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schema/sketch.h"

#define VALUES 1000

static uint64_t seed = 88172645463325252u;

/* Uniform in (0, 1), the same sequence every time. */
static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return ((double)(seed >> 11) + 0.5) * 0x1p-53;
}

static double draw_lognormal(void)
{
    return exp(4.0 * (uniform() + uniform() + uniform()));
}
static double draw_integers(void)
{
    return floor(20.0 * uniform());
}
static double draw_constant(void)
{
    return 42.42;
}
static double draw_wide(void)
{
    return exp(1400.0 * uniform() - 700.0);
}

static const struct distribution {
    const char *name;
    double (*draw)(void);
} distributions[] = {
    {"lognormal", draw_lognormal},
    {"integers", draw_integers},
    {"constant", draw_constant},
    {"600 orders of magnitude", draw_wide},
};

#define EACH(row, table) for (row = table; row < table + sizeof(table) / sizeof(table[0]); row++)

static void fill(struct tm_sketch *s, double *x, size_t n, double (*draw)(void))
{
    size_t i;

    tm_sketch_init(s);
    for (i = 0; i < n; i++) {
        x[i] = draw();
        assert_int_equal(tm_sketch_add(s, x[i]), 0);
    }
}

static void expect_same(const char *name, const struct tm_sketch *a, const struct tm_sketch *b)
{
    size_t la, lb;
    unsigned char *ba = tm_sketch_encode(a, &la), *bb = tm_sketch_encode(b, &lb);

    assert_non_null(ba);
    assert_non_null(bb);
    if (la != lb || memcmp(ba, bb, la) != 0)
        fail_msg("%s: different content", name);
    free(ba);
    free(bb);
}

static void blobs_come_back_as_they_were(void **state)
{
    const struct distribution *row;
    static double x[VALUES];
    struct tm_sketch s, copy;
    unsigned char *blob;
    size_t len;

    (void)state;
    tm_sketch_init(&copy);
    EACH(row, distributions)
    {
        fill(&s, x, 1000, row->draw);
        blob = tm_sketch_encode(&s, &len);
        if (tm_sketch_decode(&copy, blob, len) != 0)
            fail_msg("%s: own blob is refused", row->name);
        expect_same(row->name, &s, &copy);
        free(blob);
        tm_sketch_reset(&s);
        expect_same("empty", &s, (tm_sketch_free(&copy), &copy));
        tm_sketch_free(&s);
    }
    tm_sketch_free(&copy);
}

#define F1      "\0\0\0\0\0\0\xf0\x3f" /* 1.0, in bucket 65472 = 64 + 65408 */
#define AT1     "\x01\xff\xfe\x03"     /* a count of 1 after 65408 unused */
#define BLOB(s) s, sizeof(s) - 1

static const struct blob_row {
    const char *name, *bytes;
    size_t len;
    int rc;
} blobs[] = {
    {"empty sketch", BLOB("TS\1\0\0"), 0},
    {"one value 1.0", BLOB("TS\1\0\1" F1 F1 AT1), 0},
    {"no bytes", BLOB(""), -1},
    {"no sketch", BLOB("hello, world"), -1},
    {"another version", BLOB("TS\2\0\0"), -1},
    {"header only", BLOB("TS\1"), -1},
    {"trailing byte after empty", BLOB("TS\1\0\0\0"), -1},
    {"trailing byte", BLOB("TS\1\0\1" F1 F1 AT1 "\0"), -1},
    {"bucket missing", BLOB("TS\1\0\1" F1 F1), -1},
    {"half a range", BLOB("TS\1\0\1" F1 "\0\0\0"), -1},
    {"more buckets than said", BLOB("TS\1\0\1" F1 F1 AT1 "\0"), -1},
    {"number not in shortest form", BLOB("TS\1\0\1" F1 F1 "\x81\0\xff\xfe\x03"), -1},
    {"number of 11 bytes", BLOB("TS\1\0\1" F1 F1 "\x81\x80\x80\x80\x80\x80\x80\x80\x80\x80\1"), -1},
    {"number above 2^64", BLOB("TS\1\x80\x80\x80\x80\x80\x80\x80\x80\x80\2\0" F1 F1), -1},
    {"too many zeros", BLOB("TS\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), -1},
    {"sum too large", BLOB("TS\1\1\1\0\0\0\0\0\0\0\0" F1 "\xff\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xfe\x03"), -1},
    {"too many buckets", BLOB("TS\1\0\xff\xff\xff\x7f" F1 F1 AT1), -1},
    {"bucket of infinity", BLOB("TS\1\0\1" F1 F1 "\1\xff\xfe\x07"), -1},
    {"gap of nearly 2^64", BLOB("TS\1\0\1" F1 F1 "\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), -1},
    {"min in another bucket", BLOB("TS\1\0\1\0\0\0\0\0\0\xe0\x3f" F1 AT1), -1},
    {"min above max", BLOB("TS\1\0\1\1\0\0\0\0\0\xf0\x3f" F1 AT1), -1},
    {"min negative", BLOB("TS\1\0\1\0\0\0\0\0\0\xf0\xbf" F1 AT1), -1},
    {"min is -0", BLOB("TS\1\1\0\0\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0"), -1},
    {"max infinite", BLOB("TS\1\0\1" F1 "\0\0\0\0\0\0\xf0\x7f" AT1), -1},
    {"max NaN", BLOB("TS\1\0\1" F1 "\0\0\0\0\0\0\xf8\x7f" AT1), -1},
    {"zeros but min above", BLOB("TS\1\1\1" F1 F1 AT1), -1},
};

/* On the heap, so that a sanitizer sees a read beyond the end. */
static int decode(struct tm_sketch *s, const void *bytes, size_t len)
{
    unsigned char *heap = malloc(len + (len == 0));
    int rc;

    assert_non_null(heap);
    memcpy(heap, bytes, len);
    rc = tm_sketch_decode(s, heap, len);
    free(heap);
    return rc;
}

static void malformed_blobs_are_refused(void **state)
{
    const struct blob_row *row;
    struct tm_sketch s;

    (void)state;
    EACH(row, blobs)
    {
        tm_sketch_init(&s);
        assert_int_equal(tm_sketch_add(&s, 7.0), 0);
        if (decode(&s, row->bytes, row->len) != row->rc)
            fail_msg("%s: decode gives not %d", row->name, row->rc);
        if (row->rc != 0 && tm_sketch_quantile(&s, 0.5) != 7.0)
            fail_msg("%s: a refused blob changed the sketch", row->name);
        tm_sketch_free(&s);
    }
    tm_sketch_init(&s);
    assert_int_equal(tm_sketch_decode(&s, NULL, 0), -1);
}

/* Whatever is accepted must be exactly what encode writes. */
static void try_bytes(struct tm_sketch *s, const unsigned char *bytes, size_t len)
{
    unsigned char *again;
    size_t again_len;

    if (decode(s, bytes, len) != 0)
        return;
    (void)tm_sketch_quantile(s, uniform());
    again = tm_sketch_encode(s, &again_len);
    assert_non_null(again);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, bytes, len);
    free(again);
}

static void damaged_blobs_do_no_harm(void **state)
{
    const struct distribution *row;
    static double x[VALUES];
    struct tm_sketch s, copy;
    int i;

    (void)state;
    tm_sketch_init(&copy);
    EACH(row, distributions)
    {
        unsigned char *blob;
        size_t len, cut;

        fill(&s, x, 40, row->draw);
        blob = tm_sketch_encode(&s, &len);
        for (cut = 0; cut < len; cut++)
            if (decode(&copy, blob, cut) == 0)
                fail_msg("%s: accepted when cut to %zu", row->name, cut);
        for (i = 0; i < 4000; i++) {
            size_t at = (size_t)(uniform() * (double)len);
            unsigned char was = blob[at];

            blob[at] = (unsigned char)(256.0 * uniform());
            try_bytes(&copy, blob, len);
            if (i % 8 != 0)
                blob[at] = was;
        }
        free(blob);
        tm_sketch_free(&s);
    }
    tm_sketch_free(&copy);
}

static void counts_cannot_overflow(void **state)
{
    /* 2^62 zeros, the largest content there is. */
    static const char full[] = "TS\1\x80\x80\x80\x80\x80\x80\x80\x80\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    struct tm_sketch a, b;

    (void)state;
    tm_sketch_init(&a);
    tm_sketch_init(&b);
    assert_int_equal(decode(&a, full, sizeof(full)), 0);
    assert_true(tm_sketch_count(&a) == TM_SKETCH_MAX_COUNT);
    assert_true(tm_sketch_quantile(&a, 0.7) == 0.0);
    assert_int_equal(tm_sketch_add(&b, 1.0), 0);
    errno = 0;
    assert_int_equal(tm_sketch_merge(&b, &a), -1);
    assert_int_equal(errno, EOVERFLOW);
    assert_true(tm_sketch_count(&b) == 1);
    assert_int_equal(tm_sketch_merge(&a, &a), -1);
    tm_sketch_free(&a);
    tm_sketch_free(&b);
}

/* Who counts by itself may say -0.0, as the recorder did of a call that took no time. */
static void test_zeros_of_either_sign(void **state)
{
    const uint64_t one = 1;
    struct tm_sketch s, back;
    size_t size;

    (void)state;
    tm_sketch_init(&s);
    tm_sketch_init(&back);
    assert_int_equal(tm_sketch_add_counts(&s, tm_sketch_index(5.0), &one, 1, 1, -0.0, 5.0), 0);
    unsigned char *blob = tm_sketch_encode(&s, &size);
    assert_int_equal(tm_sketch_decode(&back, blob, size), 0);
    assert_int_equal(tm_sketch_count(&back), 2);
    free(blob);
    tm_sketch_free(&s);
    tm_sketch_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeros_of_either_sign),   cmocka_unit_test(blobs_come_back_as_they_were),
        cmocka_unit_test(malformed_blobs_are_refused), cmocka_unit_test(damaged_blobs_do_no_harm),
        cmocka_unit_test(counts_cannot_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
