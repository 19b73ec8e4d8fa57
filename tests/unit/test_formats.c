/* Every sniff on every fixture: exactly one format may know an input, and it must be the one that its folder in tests/data is named
 * after. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/formats/formats.h"

static const char *top;

static size_t read_head(const char *path, unsigned char head[TM_SOURCE_PEEK])
{
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t size = fread(head, 1, TM_SOURCE_PEEK, in);
    fclose(in);
    return size;
}

/* The formats that say yes, by their names. */
static size_t ask_all(const unsigned char *head, size_t size, const char *names[8])
{
    size_t n = 0;
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        if ((*format)->sniff(head, size))
            names[n++] = (*format)->name;
    return n;
}

static void check_folder(const char *format)
{
    char folder[4096], path[8192];
    unsigned char head[TM_SOURCE_PEEK];
    const char *names[8];
    size_t seen = 0;
    snprintf(folder, sizeof folder, "%s/tests/data/%s", top, format);
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        size_t name = strlen(entry->d_name);
        if (*entry->d_name == '.' || (name > 7 && strcmp(entry->d_name + name - 7, ".expect") == 0))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        size_t n = ask_all(head, read_head(path, head), names);
        if (strcmp(entry->d_name, "json.csv") == 0) { /* there for the message that a foreign file gets */
            assert_int_equal(n, 0);
            continue;
        }
        if (n != 1 || strcmp(names[0], format) != 0)
            fail_msg("%s: %zu formats know it, the first is %s", path, n, n ? names[0] : "none");
        seen++;
    }
    closedir(directory);
    assert_true(seen > 0);
}

static void one_format_knows_each_fixture(void **state)
{
    (void)state;
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        check_folder((*format)->name);
}

static void no_format_takes_what_is_another_ones(void **state)
{
    static const char *const heads[] = {"{\"a\": 1}", "  [1, 2]", "<?xml version=\"1.0\"?>", "\xef\xbb\xbf{}", "\x1f\x8b\x08"};
    const char *names[8];
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t n = ask_all((const unsigned char *)heads[i], strlen(heads[i]), names);
        for (size_t k = 0; k < n; k++)
            assert_string_not_equal(names[k], "csv");
    }
    assert_int_equal(ask_all((const unsigned char *)"", 0, names), 1); /* an empty file is an empty table, and said to be one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_format_knows_each_fixture),
        cmocka_unit_test(no_format_takes_what_is_another_ones),
    };
    top = getenv("TM_SOURCE_DIR");
    top = top ? top : ".";
    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
