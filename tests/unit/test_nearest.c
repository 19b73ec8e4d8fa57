/* "Did you mean ...?" */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/nearest.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

static const struct search {
    const char *name, *wanted, *candidates[6], *found;
} searches[] = {
    {"the same", "ingest", {"ingest", "runs"}, "ingest"},
    {"two letters swapped", "ingets", {"runs", "ingest"}, "ingest"},
    {"a letter less", "plugns", {"plugins", "prune"}, "plugins"},
    {"a letter more", "pluggins", {"prune", "plugins"}, "plugins"},
    {"another letter", "shiw", {"show", "sql"}, "show"},
    {"a third may change", "abcdef", {"abcdxy"}, "abcdxy"},
    {"more than a third may not", "abcdef", {"abcxyz"}, ""},
    {"short names", "ab", {"ax", "b"}, ""},
    {"short names that are the same", "ab", {"ab"}, "ab"},
    {"three letters, one changed", "rms", {"rm"}, "rm"},
    {"the nearest", "pdf-praser", {"pdf-parsers", "pdf-parser", "pdf-parse"}, "pdf-parser"},
    {"the first of equals", "beta", {"beto", "beti"}, "beto"},
    {"a later one that is nearer", "thumbnailer", {"thumbnail", "thumbnailers"}, "thumbnailers"},
    {"nothing offered", "abc", {NULL}, ""},
    {"nothing like it", "frobnicate", {"ingest", "runs", "plugins"}, ""},
    {"nothing wanted", "", {"a", ""}, ""},
    {"empty candidate", "abc", {""}, ""},
    {"case counts", "ABC", {"abc"}, ""},
    {"other scripts, in bytes",
     "\xd0\xbf\xd0\xb0\xd1\x80\xd1\x81\xd0\xb5\xd1\x80",
     {"\xd0\xbf\xd0\xb0\xd1\x80\xd1\x81\xd0\xb5\xd1\x80\xd1\x8b"},
     "\xd0\xbf\xd0\xb0\xd1\x80\xd1\x81\xd0\xb5\xd1\x80\xd1\x8b"},
};

static void searches_by_name(void **state)
{
    const struct search *row;
    (void)state;
    EACH(row, searches)
    {
        struct tm_nearest nearest = tm_nearest_to(row->wanted);
        for (int i = 0; i < 6 && row->candidates[i]; i++)
            tm_nearest_offer(&nearest, row->candidates[i]);
        if (strcmp(nearest.found, row->found) != 0)
            fail_msg("%s: found '%s', expected '%s'", row->name, nearest.found, row->found);
    }
}

/* Names longer than TM_NEAREST_MAX are near to nothing; of that length they are compared. */
static void long_names(void **state)
{
    char wanted[TM_NEAREST_MAX + 2], candidate[TM_NEAREST_MAX + 2];
    (void)state;
    memset(wanted, 'x', sizeof wanted);
    memset(candidate, 'x', sizeof candidate);
    wanted[TM_NEAREST_MAX] = candidate[TM_NEAREST_MAX] = '\0';
    candidate[7] = 'y';
    struct tm_nearest nearest = tm_nearest_to(wanted);
    tm_nearest_offer(&nearest, candidate);
    assert_string_equal(nearest.found, candidate);

    wanted[TM_NEAREST_MAX] = candidate[TM_NEAREST_MAX] = 'x';
    wanted[TM_NEAREST_MAX + 1] = candidate[TM_NEAREST_MAX + 1] = '\0';
    nearest = tm_nearest_to(wanted);
    tm_nearest_offer(&nearest, candidate);
    tm_nearest_offer(&nearest, "x");
    assert_string_equal(nearest.found, "");
    nearest = tm_nearest_to("x");
    tm_nearest_offer(&nearest, candidate);
    assert_string_equal(nearest.found, "");
}

/* What is wanted and what is offered may be told in any order, and again. */
static void offers_again(void **state)
{
    struct tm_nearest nearest = tm_nearest_to("thumbnailer");
    (void)state;
    for (int i = 0; i < 3; i++) {
        tm_nearest_offer(&nearest, "thumbnailers");
        tm_nearest_offer(&nearest, "thumbnail");
        tm_nearest_offer(&nearest, "");
    }
    assert_string_equal(nearest.found, "thumbnailers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_by_name),
        cmocka_unit_test(long_names),
        cmocka_unit_test(offers_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
