/* base/: the growing array, the hash table, text shown and exact numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"

static void array_grows_and_clears(void **state)
{
    struct item {
        int number;
        double zero;
    } *items = NULL;
    size_t n = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct item *item = tm_array_add(&items, &n, sizeof *item);
        assert_non_null(item);
        assert_true(item->number == 0 && !(item->zero > 0));
        item->number = i;
        item->zero = 5;
    }
    assert_int_equal(n, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i].number, i);
    free(items);
}

static void array_refuses_what_does_not_fit(void **state)
{
    char *bytes = NULL;
    size_t n = 0, room = 0;
    (void)state;
    assert_int_equal(tm_array_reserve(&bytes, &room, SIZE_MAX / 2, 16), -1);
    assert_null(bytes);
    assert_int_equal(room, 0);
    assert_null(tm_array_add(&bytes, &n, SIZE_MAX));
    assert_int_equal(n, 0);
    assert_int_equal(tm_array_reserve(&bytes, &room, 100, 1), 0);
    assert_in_range(room, 100, 200);
    size_t before = room;
    assert_int_equal(tm_array_reserve(&bytes, &room, 100, 1), 0);
    assert_int_equal(room, before);
    free(bytes);
}

static bool is_text(uintptr_t item, const void *key)
{
    return strcmp((const char *)item, key) == 0;
}

static void hash_finds_what_was_added(void **state)
{
    static char names[5000][16];
    struct tm_hash table = {0};
    (void)state;
    assert_int_equal(tm_hash_find(&table, 1, NULL, NULL), 0);
    for (int i = 0; i < 5000; i++) {
        snprintf(names[i], sizeof names[i], "plugin-%d", i);
        uint64_t hash = tm_hash_text(names[i], strlen(names[i]));
        assert_int_equal(tm_hash_find(&table, hash, is_text, names[i]), 0);
        assert_int_equal(tm_hash_add(&table, hash, (uintptr_t)names[i]), 0);
    }
    for (int i = 0; i < 5000; i++)
        assert_ptr_equal((void *)tm_hash_find(&table, tm_hash_text(names[i], strlen(names[i])), is_text, names[i]), names[i]);
    assert_int_equal(table.used, 5000);
    tm_hash_free(&table);
}

/* Different keys that share a hash are told apart by asking. */
static void hash_asks_where_hashes_are_alike(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    struct tm_hash table = {0};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(tm_hash_add(&table, 77, (uintptr_t)names[i]), 0);
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal((void *)tm_hash_find(&table, 77, is_text, names[i]), names[i]);
    assert_int_equal(tm_hash_find(&table, 77, is_text, "d"), 0);
    tm_hash_free(&table);
}

static void integers_hash_one_to_one(void **state)
{
    struct tm_hash table = {0};
    (void)state;
    for (int64_t i = -3000; i < 3000; i++) {
        int64_t id = i * 1000003;
        assert_int_equal(tm_hash_find(&table, tm_hash_integer(id), NULL, NULL), 0);
        assert_int_equal(tm_hash_add(&table, tm_hash_integer(id), (uintptr_t)(i + 4000)), 0);
    }
    assert_int_equal(tm_hash_find(&table, tm_hash_integer(1000003), NULL, NULL), 4001);
    tm_hash_free(&table);
}

static const struct shown {
    const char *name, *text, *shown;
} shown[] = {
    {"plain", "pdf-parser", "pdf-parser"},
    {"empty", "", ""},
    {"control", "a\x1b[2Jb", "a\\x1b[2Jb"},
    {"letters beyond ASCII", "caf\xc3\xa9", "caf\xc3\xa9"},
    {"C1 control", "a\xc2\x9bz", "a\\xc2\\x9bz"},
    {"overlong", "\xc0\xaf", "\\xc0\\xaf"},
    {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"cut", "\xe2\x82", "\\xe2\\x82"},
    {"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
};

static void text_is_shown_safely(void **state)
{
    char out[TM_SHOWN_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        print_message("%s\n", shown[i].name);
        assert_string_equal(tm_shown(shown[i].text, strlen(shown[i].text), out), shown[i].shown);
    }
    char longer[200];
    memset(longer, 'x', sizeof longer);
    tm_shown(longer, sizeof longer, out);
    assert_int_equal(strlen(out), TM_SHOWN + 3);
    assert_string_equal(out + TM_SHOWN, "...");
}

static void numbers_come_back(void **state)
{
    const double values[] = {0, 1, 0.1, 1.0 / 3, 1e-300, 123456789.123, 5e-324, 1.7976931348623157e308, -2.5};
    char text[TM_NUMBER_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_true(strtod(tm_exact_number(values[i], text), NULL) == values[i]);
    assert_string_equal(tm_exact_number(0.1, text), "0.1");
    assert_string_equal(tm_exact_number(INFINITY, text), "inf");
}

/* A size that wraps is no memory, and no small piece of it. */
static void sizes_that_wrap(void **state)
{
    char *array = NULL;
    size_t room = 0;
    (void)state;
    assert_int_equal(tm_array_reserve(&array, &room, SIZE_MAX / 16 + 2, 16), -1);
    assert_null(array);
    assert_int_equal(room, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_that_wrap),
        cmocka_unit_test(array_grows_and_clears),
        cmocka_unit_test(array_refuses_what_does_not_fit),
        cmocka_unit_test(hash_finds_what_was_added),
        cmocka_unit_test(hash_asks_where_hashes_are_alike),
        cmocka_unit_test(integers_hash_one_to_one),
        cmocka_unit_test(text_is_shown_safely),
        cmocka_unit_test(numbers_come_back),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
