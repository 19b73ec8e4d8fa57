/* Points in time as text, without the C library's time zones: what a file says must not depend on
 * the machine that reads it. Days are counted by the proleptic Gregorian calendar in cycles of
 * 400 years, 146097 days each. */
#include "base/timestamp.h"

#include <stdbool.h>
#include <stdio.h>

enum { DAY = 86400 };                            /* seconds; leap seconds do not count, as in all epoch times */
static const int64_t END_OF_TIME = 253402300800; /* 10000-01-01T00:00:00Z */

struct text {
    const char *at, *end;
};

/* Takes that character if it is the next one. */
static bool take(struct text *text, char c)
{
    bool there = text->at < text->end && *text->at == c;
    text->at += there;
    return there;
}

/* Exactly `digits` digits with a value from least to most. */
static bool number(struct text *text, int digits, int least, int most, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++, text->at++) {
        if (text->at >= text->end || *text->at < '0' || *text->at > '9')
            return false;
        *value = 10 * *value + (*text->at - '0');
    }
    return *value >= least && *value <= most;
}

/* Days from 1970-01-01. Years begin on March 1st here, so that a leap day is the last of its
 * year; from there, months of 31, 30, 31, 30, 31 days repeat, and (153 m + 2) / 5 counts them
 * (Hinnant). 719468 are the days from 0000-03-01 to 1970-01-01. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, cycle = y / 400, of_cycle = y % 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return cycle * 146097 + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* YYYY-MM-DD, a day that exists; *seconds is its midnight in UTC. */
static bool date(struct text *text, int64_t *seconds)
{
    int year, month, day;
    if (!number(text, 4, 1970, 9999, &year) || !take(text, '-') || !number(text, 2, 1, 12, &month) || !take(text, '-') ||
        !number(text, 2, 1, days_in_month(year, month), &day))
        return false;
    *seconds = days_from_civil(year, month, day) * DAY;
    return true;
}

/* Hours and minutes, then perhaps seconds and a fraction, which is dropped. */
static bool time_of_day(struct text *text, int64_t *seconds)
{
    int hour, minute, second = 0;
    if (!number(text, 2, 0, 23, &hour) || !take(text, ':') || !number(text, 2, 0, 59, &minute))
        return false;
    if (take(text, ':') && !number(text, 2, 0, 60, &second)) /* 60: a leap second */
        return false;
    if (take(text, '.') || take(text, ',')) {
        int digit;
        if (!number(text, 1, 0, 9, &digit))
            return false;
        while (text->at < text->end && *text->at >= '0' && *text->at <= '9')
            text->at++;
    }
    *seconds += hour * 3600 + minute * 60 + second;
    return true;
}

/* None is UTC. A zone east of it is ahead, so its time is that much earlier in UTC. */
static bool zone(struct text *text, int64_t *seconds)
{
    int hours, minutes = 0;
    if (text->at == text->end || take(text, 'Z') || take(text, 'z'))
        return true;
    bool east = take(text, '+');
    if (!east && !take(text, '-'))
        return false;
    if (!number(text, 2, 0, 14, &hours)) /* +14:00 is the furthest there is */
        return false;
    if (text->at < text->end && (take(text, ':'), !number(text, 2, 0, 59, &minutes)))
        return false;
    *seconds += (east ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/* A date, and perhaps a time; nothing may follow. */
static bool iso(struct text text, int64_t *seconds)
{
    if (!date(&text, seconds))
        return false;
    if (take(&text, 'T') || take(&text, 't') || take(&text, ' ')) {
        if (!time_of_day(&text, seconds))
            return false;
        take(&text, ' ');
        if (!zone(&text, seconds))
            return false;
    }
    return text.at == text.end;
}

/* Whole seconds, with a fraction that is dropped. Bounded while it is read, so that nothing
 * overflows. */
static bool epoch(struct text text, int64_t *seconds)
{
    const char *start = text.at;
    *seconds = 0;
    for (; text.at < text.end && *text.at >= '0' && *text.at <= '9'; text.at++) {
        *seconds = 10 * *seconds + (*text.at - '0');
        if (*seconds >= END_OF_TIME)
            return false;
    }
    if (text.at == start)
        return false;
    if (take(&text, '.'))
        while (text.at < text.end && *text.at >= '0' && *text.at <= '9')
            text.at++;
    return text.at == text.end;
}

int tm_time_parse(const char *text, size_t size, int64_t *seconds)
{
    struct text whole = {text, text + size};
    if (!iso(whole, seconds) && !epoch(whole, seconds))
        return -1;
    return tm_time_known(*seconds) ? 0 : -1;
}

bool tm_time_known(int64_t seconds)
{
    return seconds >= 0 && seconds < END_OF_TIME;
}

/* days_from_civil() taken back: cycle, year of the cycle, day of a year that begins in March. */
void tm_time_format(int64_t seconds, char text[TM_TIME_SIZE])
{
    int64_t days = seconds / DAY, rest = seconds % DAY, z = days + 719468;
    int64_t of_cycle = z % 146097;
    int64_t year_of_cycle = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
    int64_t of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int64_t month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;
    int64_t year = year_of_cycle + z / 146097 * 400 + (month >= 10);
    month += month < 10 ? 3 : -9;
    snprintf(text, TM_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)day % 100, (unsigned)(rest / 3600) % 100, (unsigned)(rest / 60) % 60, (unsigned)rest % 60);
}
