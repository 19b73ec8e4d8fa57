/* Points in time, read and written. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/timestamp.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

enum { DAY = 86400, NIGHT = 1795140000 /* 2026-11-20T02:00:00Z */ };

static const struct time_text {
    const char *text;
    int64_t seconds; /* -1: no time */
} times[] = {
    {"2026-11-20T02:00:00Z", NIGHT},
    {"2026-11-20T02:00:00z", NIGHT},
    {"2026-11-20t02:00:00Z", NIGHT},
    {"2026-11-20 02:00:00Z", NIGHT},
    {"2026-11-20 02:00:00 Z", NIGHT},
    {"2026-11-20T02:00:00", NIGHT},
    {"2026-11-20T02:00", NIGHT},
    {"2026-11-20T02:00Z", NIGHT},
    {"2026-11-20", NIGHT - 7200},
    {"2026-11-20T02:00:00+00:00", NIGHT},
    {"2026-11-20T02:00:00-00:00", NIGHT},
    {"2026-11-20T03:30:00+01:30", NIGHT},
    {"2026-11-20T03:30:00+0130", NIGHT},
    {"2026-11-20T03:00:00+01", NIGHT},
    {"2026-11-20T16:00:00+14:00", NIGHT},
    {"2026-11-19T14:00:00-12:00", NIGHT},
    {"2026-11-20T02:00:00.0Z", NIGHT},
    {"2026-11-20T02:00:00.999999999Z", NIGHT},
    {"2026-11-20T02:00:00,5+00:00", NIGHT},
    {"2026-11-20T02:00:59Z", NIGHT + 59},
    {"2026-06-30T23:59:60Z", 1782864000},
    {"2028-02-29", 1835395200},
    {"2000-02-29", 951782400},
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T01:00:00+01:00", 0},
    {"9999-12-31T23:59:59Z", 253402300799},
    {"1795140000", NIGHT},
    {"1795140000.75", NIGHT},
    {"1795140000.", NIGHT},
    {"0", 0},
    {"000", 0},
    {"253402300799", 253402300799},
    {"", -1},
    {" ", -1},
    {"now", -1},
    {"yesterday", -1},
    {"2026", 2026}, /* seconds, like any number */
    {"2026-11", -1},
    {"2026-11-20T", -1},
    {"2026-11-20 ", -1},
    {"2026-11-20T02", -1},
    {"2026-11-20T02:", -1},
    {"2026-11-20T2:00", -1},
    {"2026-11-20T02:00:", -1},
    {"2026-11-20T02:00:00.", -1},
    {"2026-11-20T02:00:00.Z", -1},
    {"2026-11-20T02:00:00ZZ", -1},
    {"2026-11-20T02:00:00 UTC", -1},
    {"2026-11-20T02:00:00+", -1},
    {"2026-11-20T02:00:00+1", -1},
    {"2026-11-20T02:00:00+01:", -1},
    {"2026-11-20T02:00:00+01:6", -1},
    {"2026-11-20T02:00:00+01:60", -1},
    {"2026-11-20T02:00:00+15:00", -1},
    {"2026-11-20T24:00:00Z", -1},
    {"2026-11-20T02:60:00Z", -1},
    {"2026-11-20T02:00:61Z", -1},
    {"2026-11-20Z", -1},
    {"2026-11-20+01:00", -1},
    {"2026-00-10", -1},
    {"2026-13-01", -1},
    {"2026-11-00", -1},
    {"2026-11-31", -1},
    {"2026-02-29", -1},
    {"2100-02-29", -1},
    {"2026-1-1", -1},
    {"2026-W47-5", -1},
    {"2026-324", -1},
    {"20261120", 20261120},
    {"20261120T020000Z", -1},
    {"20/11/2026", -1},
    {"20.11.2026", -1},
    {"26-11-20", -1},
    {"1969-12-31T23:59:59Z", -1},
    {"1969-12-31T23:30:00-01:00", -1}, /* a year is what is written, whatever the zone makes of it */
    {"1970-01-01T00:00:00+01:00", -1},
    {"10000-01-01", -1},
    {"+2026-11-20", -1},
    {"-1", -1},
    {"+1", -1},
    {"1e9", -1},
    {"0x10", -1},
    {"253402300800", -1},
    {"1795140000000", -1}, /* milliseconds */
    {"99999999999999999999999999", -1},
    {"9999-12-31T23:59:59-01:00", -1},
    {" 1795140000", -1},
    {"1795140000 ", -1},
    {"1795140000.5.5", -1},
    {".5", -1},
};

static void times_by_name(void **state)
{
    const struct time_text *row;
    (void)state;
    EACH(row, times)
    {
        int64_t seconds = -77;
        int result = tm_time_parse(row->text, strlen(row->text), &seconds);
        if (result != (row->seconds < 0 ? -1 : 0) || (result == 0 && seconds != row->seconds))
            fail_msg("'%s': returned %d, %" PRId64 ", expected %" PRId64, row->text, result, seconds, row->seconds);
    }
}

/* Bytes behind the size do not count; a NUL byte is no time. */
static void sizes_are_kept(void **state)
{
    int64_t seconds;
    (void)state;
    assert_int_equal(tm_time_parse("2026-11-20T02:00:00Z", 10, &seconds), 0);
    assert_int_equal(seconds, NIGHT - 7200);
    assert_int_equal(tm_time_parse("17951400009", 10, &seconds), 0);
    assert_int_equal(seconds, NIGHT);
    assert_int_equal(tm_time_parse("2026-11-20\0", 11, &seconds), -1);
    assert_int_equal(tm_time_parse("5\0", 2, &seconds), -1);
}

static void check_moment(int64_t seconds)
{
    char text[TM_TIME_SIZE], expected[40];
    time_t moment = (time_t)seconds;
    struct tm civil;
    int64_t back;
    tm_time_format(seconds, text);
    assert_non_null(gmtime_r(&moment, &civil));
    assert_int_equal(timegm(&civil), seconds);
    strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &civil);
    if (strcmp(text, expected) != 0)
        fail_msg("%" PRId64 " is written '%s', expected '%s'", seconds, text, expected);
    if (tm_time_parse(text, strlen(text), &back) != 0 || back != seconds)
        fail_msg("'%s' is read as %" PRId64 ", expected %" PRId64, text, back, seconds);
}

static void every_day(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 84006; day++) { /* up to 2199-12-31 */
        check_moment(day * DAY);
        check_moment(day * DAY + day % DAY);
        check_moment(day * DAY + DAY - 1);
    }
}

static void far_days(void **state)
{
    (void)state;
    for (int64_t seconds = 84006LL * DAY; seconds < 253402300800; seconds += 97 * DAY + 4711)
        check_moment(seconds);
    check_moment(253402300799);
}

/* Days that there are not: one behind every month's last. */
static void no_such_days(void **state)
{
    char text[32];
    int64_t seconds;
    (void)state;
    for (int year = 1970; year < 2200; year++)
        for (int month = 1; month <= 12; month++) {
            struct tm first = {.tm_year = year - 1900, .tm_mon = month, .tm_mday = 0};
            time_t last = timegm(&first);
            struct tm civil;
            assert_non_null(gmtime_r(&last, &civil));
            snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, civil.tm_mday + 1);
            if (tm_time_parse(text, strlen(text), &seconds) != -1)
                fail_msg("'%s' is taken for a day", text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_by_name), cmocka_unit_test(sizes_are_kept), cmocka_unit_test(every_day),
        cmocka_unit_test(far_days),      cmocka_unit_test(no_such_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
