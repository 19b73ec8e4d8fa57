/* Every sniff on every fixture: exactly one format may know an input, and it must be the one that its folder in tests/data/formats
 * is named after. */
#include "tests/unit/formats_fixture.h"

static struct fixture fixtures[FIXTURES];

/* The formats that say yes, by their names. csv takes what nobody else does, so it is asked as it is in use: last. */
static size_t ask_all(const void *head, size_t size, const char *names[8])
{
    size_t n = 0;
    for (const struct tm_input_format *const *format = tm_input_formats + 1; *format; format++)
        if ((*format)->sniff(head, size < TM_SOURCE_PEEK ? size : TM_SOURCE_PEEK) && n < 8)
            names[n++] = (*format)->name;
    if (n == 0 && tm_input_formats[0]->sniff(head, size < TM_SOURCE_PEEK ? size : TM_SOURCE_PEEK))
        names[n++] = tm_input_formats[0]->name;
    return n;
}

static void one_format_knows_each_fixture(void **state)
{
    size_t n = read_fixtures(fixtures);
    (void)state;
    assert_true(n > 20);
    for (size_t i = 0; i < n; i++) {
        const char *names[8];
        size_t claims = ask_all(fixtures[i].bytes, fixtures[i].size, names);
        if (claims != 1 || strcmp(names[0], fixtures[i].format) != 0)
            fail_msg("%s/%s: %zu formats know it, the first is %s", fixtures[i].format, fixtures[i].name, claims,
                     claims ? names[0] : "none");
    }
}

/* However short the head is, no two formats claim it. */
static void no_two_formats_claim_a_beginning(void **state)
{
    size_t n = read_fixtures(fixtures);
    (void)state;
    for (size_t i = 0; i < n; i++)
        for (size_t size = 0; size <= fixtures[i].size; size++) {
            const char *names[8];
            if (ask_all(fixtures[i].bytes, size, names) > 1)
                fail_msg("%s/%s: of its first %zu bytes %s and %s say that they are theirs", fixtures[i].format, fixtures[i].name,
                         size, names[0], names[1]);
        }
}

/* Every format has a fixture; trees have one of theirs. */
static void every_format_has_a_fixture(void **state)
{
    size_t n = read_fixtures(fixtures);
    (void)state;
    for (const struct tm_input_format *const *format = tm_input_formats + 1; *format; format++) {
        bool found = (*format)->is_tree && strcmp((*format)->name, "asv") == 0;
        for (size_t i = 0; i < n; i++)
            found = found || strcmp(fixtures[i].format, (*format)->name) == 0;
        if (!found)
            fail_msg("%s has no fixture", (*format)->name);
    }
}

static void no_format_takes_what_is_another_ones(void **state)
{
    static const char *const heads[] = {"{\"a\": 1}", "  [1, 2]", "<?xml version=\"1.0\"?>", "\xef\xbb\xbf{}", "\x1f\x8b\x08"};
    const char *names[8];
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t n = ask_all(heads[i], strlen(heads[i]), names);
        for (size_t k = 0; k < n; k++)
            assert_string_not_equal(names[k], "csv");
    }
    assert_int_equal(ask_all("", 0, names), 1); /* an empty file is an empty table, and said to be one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_format_knows_each_fixture),
        cmocka_unit_test(no_two_formats_claim_a_beginning),
        cmocka_unit_test(every_format_has_a_fixture),
        cmocka_unit_test(no_format_takes_what_is_another_ones),
    };
    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
