/* What may be stored at all: names and profiles. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/valid.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

#define EMPTY   "is empty"
#define LONG    "is longer than 1024 bytes"
#define CONTROL "holds a control character"
#define UTF8    "is not valid UTF-8"

static const struct name {
    const char *name, *text;
    const char *fault; /* NULL: none */
} names[] = {
    {"plain", "pdf-parser", NULL},
    {"one letter", "a", NULL},
    {"blanks", "  a  b  ", NULL},
    {"only a blank", " ", NULL},
    {"punctuation", "a,b;c\"d'e`f\\g/h|i<j>k&l%m$n#o", NULL},
    {"tilde, the last of ASCII", "~", NULL},
    {"umlaut", "\xc3\xbc", NULL},
    {"U+00A0, the first behind the controls", "\xc2\xa0", NULL},
    {"combining mark", "e\xcc\x81", NULL},
    {"right to left override", "\xe2\x80\xae", NULL}, /* NOLINT(misc-misleading-bidirectional): allowed in names, so it is tried */
    {"zero width joiner",
     "a\xe2\x80\x8d"
     "b",
     NULL},
    {"line separator", "\xe2\x80\xa8", NULL},
    {"byte order mark", "\xef\xbb\xbf", NULL},
    {"replacement character", "\xef\xbf\xbd", NULL},
    {"U+D7FF", "\xed\x9f\xbf", NULL},
    {"U+E000", "\xee\x80\x80", NULL},
    {"U+FFFF", "\xef\xbf\xbf", NULL},
    {"U+10000", "\xf0\x90\x80\x80", NULL},
    {"U+10FFFF", "\xf4\x8f\xbf\xbf", NULL},
    {"rocket", "\xf0\x9f\x9a\x80", NULL},
    {"empty", "", EMPTY},
    {"U+0001", "\x01", CONTROL},
    {"tab", "a\tb", CONTROL},
    {"line end", "a\n", CONTROL},
    {"carriage return", "\ra", CONTROL},
    {"escape", "\x1b[31m", CONTROL},
    {"U+001F", "\x1f", CONTROL},
    {"U+007F", "a\x7f", CONTROL},
    {"U+0080", "\xc2\x80", CONTROL},
    {"U+0085",
     "a\xc2\x85"
     "b",
     CONTROL},
    {"U+009B",
     "\xc2\x9b"
     "31m",
     CONTROL},
    {"U+009F", "\xc2\x9f", CONTROL},
    {"stray continuation", "\x80", UTF8},
    {"continuation behind a character", "a\xbf", UTF8},
    {"0xC0", "\xc0\x80", UTF8},
    {"0xC1", "\xc1\xbf", UTF8},
    {"overlong slash", "\xe0\x80\xaf", UTF8},
    {"overlong in four bytes", "\xf0\x80\x80\xaf", UTF8},
    {"overlong U+FFFF", "\xf0\x8f\xbf\xbf", UTF8},
    {"U+D800", "\xed\xa0\x80", UTF8},
    {"U+DFFF", "\xed\xbf\xbf", UTF8},
    {"pair of surrogates", "\xed\xa0\xbd\xed\xb8\x80", UTF8},
    {"U+110000", "\xf4\x90\x80\x80", UTF8},
    {"0xF5", "\xf5\x80\x80\x80", UTF8},
    {"five bytes", "\xf8\x88\x80\x80\x80", UTF8},
    {"0xFE", "\xfe", UTF8},
    {"0xFF", "\xff", UTF8},
    {"Latin-1", "caf\xe9", UTF8},
    {"cut in two", "caf\xc3", UTF8},
    {"cut in three", "\xe2\x82", UTF8},
    {"cut in four", "\xf0\x9f\x9a", UTF8},
    {"letter inside a character",
     "\xe2"
     "a\x82",
     UTF8},
};

static void names_by_name(void **state)
{
    const struct name *row;
    (void)state;
    EACH(row, names)
    {
        /* A copy without an end, so that reading on is noticed. */
        size_t size = strlen(row->text);
        char *text = malloc(size + (size == 0));
        assert_non_null(text);
        memcpy(text, row->text, size);
        const char *fault = tm_name_fault(text, size);
        if ((fault == NULL) != (row->fault == NULL) || (fault && strcmp(fault, row->fault) != 0))
            fail_msg("%s: '%s', expected '%s'", row->name, fault ? fault : "fine", row->fault ? row->fault : "fine");
        free(text);
    }
    assert_string_equal(tm_name_fault("a\0b", 3), CONTROL);
}

static void names_by_size(void **state)
{
    char text[2 * TM_NAME_MAX];
    (void)state;
    memset(text, 'x', sizeof text);
    assert_null(tm_name_fault(text, TM_NAME_MAX));
    assert_string_equal(tm_name_fault(text, TM_NAME_MAX + 1), LONG);
    assert_string_equal(tm_name_fault(text, sizeof text), LONG);
    for (int i = 0; i < TM_NAME_MAX; i += 2)
        text[i] = '\xc3', text[i + 1] = '\xa9';
    assert_null(tm_name_fault(text, TM_NAME_MAX));
    assert_string_equal(tm_name_fault(text, TM_NAME_MAX - 1), UTF8);
}

/* Every character there is: the controls are refused, surrogates are no characters, all others are fine. */
static void every_character(void **state)
{
    (void)state;
    for (unsigned code = 0; code <= 0x10ffff; code++) {
        unsigned char text[4];
        size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        for (size_t i = size; i-- > 1;)
            text[i] = (unsigned char)(0x80 | (code >> (6 * (size - 1 - i)) & 0x3f));
        text[0] = (unsigned char)(size == 1 ? code : (0xf00u >> size & 0xff) | code >> (6 * (size - 1)));
        bool control = code < 0x20 || (code >= 0x7f && code < 0xa0), surrogate = code >= 0xd800 && code < 0xe000;
        const char *fault = tm_name_fault((const char *)text, size), *expected = control ? CONTROL : surrogate ? UTF8 : NULL;
        if ((fault == NULL) != (expected == NULL) || (fault && strcmp(fault, expected) != 0))
            fail_msg("U+%04X: '%s', expected '%s'", code, fault ? fault : "fine", expected ? expected : "fine");
    }
}

static struct tm_profile sound(void)
{
    struct tm_profile profile = TM_PROFILE_INIT;
    profile.plugin = "alpha";
    profile.calls = 3;
    profile.wall_ns = 5;
    profile.errors = 0; /* so that it measures something without its times */
    return profile;
}

#define REAL(member, required, may_fall)                                                                                           \
    {                                                                                                                              \
#member, offsetof(struct tm_profile, member), required, may_fall                                                           \
    }

static const struct measurement {
    const char *name;
    size_t at;
    bool required, may_fall;
} measurements[] = {
    REAL(wall_ns, false, false),         REAL(cpu_ns, false, false),      REAL(mem_delta_bytes, false, true),
    REAL(peak_mem_bytes, false, false),  REAL(wall_p50_ns, false, false), REAL(wall_p95_ns, false, false),
    REAL(wall_p99_ns, false, false),     REAL(wall_max_ns, false, false), REAL(occupied_ns, false, false),
    REAL(longest_step_ns, false, false),
};

static void check_measurement(const struct measurement *row, double value, bool fine)
{
    struct tm_profile profile = sound();
    const char *field = NULL;
    *(double *)((char *)&profile + row->at) = value;
    const char *fault = tm_profile_fault(&profile, &field);
    if ((fault == NULL) != fine || (fault && strcmp(field, row->name) != 0))
        fail_msg("%s of %g: '%s %s', expected %s", row->name, value, fault ? field : "", fault ? fault : "fine",
                 fine ? "nothing" : "a fault");
}

static void measurements_by_name(void **state)
{
    const struct measurement *row;
    (void)state;
    EACH(row, measurements)
    {
        check_measurement(row, 0, true);
        check_measurement(row, -0.0, true);
        check_measurement(row, 4.9e-324, true);
        check_measurement(row, 1.7976931348623157e308, true);
        check_measurement(row, NAN, !row->required);
        check_measurement(row, INFINITY, false);
        check_measurement(row, -INFINITY, false);
        check_measurement(row, -1, row->may_fall);
        check_measurement(row, -4.9e-324, row->may_fall);
    }
}

static const struct counts {
    const char *name;
    int64_t calls, errors, cancelled, timeouts;
    const char *field; /* NULL: fine */
} counts[] = {
    {"nothing known", 1, TM_UNKNOWN, TM_UNKNOWN, TM_UNKNOWN, NULL},
    {"no calls", 0, 0, 0, 0, NULL},
    {"all failed", 5, 5, 0, 0, NULL},
    {"more timeouts than calls", 1, 0, 7, 9, NULL},
    {"as many as can be", INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, NULL},
    {"calls unknown", TM_UNKNOWN, 0, 0, 0, "calls"},
    {"negative calls", -5, TM_UNKNOWN, 0, 0, "calls"},
    {"smallest calls", INT64_MIN, TM_UNKNOWN, 0, 0, "calls"},
    {"negative errors", 5, -2, 0, 0, "errors"},
    {"errors above calls", 5, 6, 0, 0, "errors"},
    {"errors without calls", 0, 1, 0, 0, "errors"},
    {"negative cancelled", 5, 0, -2, 0, "cancelled"},
    {"negative timeouts", 5, 0, 0, INT64_MIN, "timeouts"},
};

static void counts_by_name(void **state)
{
    const struct counts *row;
    (void)state;
    EACH(row, counts)
    {
        struct tm_profile profile = sound();
        const char *field = NULL;
        profile.calls = row->calls, profile.errors = row->errors, profile.cancelled = row->cancelled,
        profile.timeouts = row->timeouts;
        const char *fault = tm_profile_fault(&profile, &field);
        if ((fault == NULL) != (row->field == NULL) || (fault && !strstr(field, row->field)))
            fail_msg("%s: '%s %s', expected '%s'", row->name, fault ? field : "", fault ? fault : "fine",
                     row->field ? row->field : "fine");
    }
}

/* The one name that is no plugin's, and only as a plugin's. */
static void the_whole_run_is_no_plugin(void **state)
{
    (void)state;
    assert_non_null(tm_plugin_name_fault("*", 1));
    assert_null(tm_plugin_name_fault("**", 2));
    assert_null(tm_plugin_name_fault("a", 1));
    assert_null(tm_name_fault("*", 1));
    assert_non_null(tm_name_fault("\xc1\xbf", 2)); /* U+007F, spelt too long */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_by_name),        cmocka_unit_test(names_by_size),  cmocka_unit_test(every_character),
        cmocka_unit_test(measurements_by_name), cmocka_unit_test(counts_by_name), cmocka_unit_test(the_whole_run_is_no_plugin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
