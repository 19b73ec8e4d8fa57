/* Tics: the few round numbers and dates that people read a scale by, and the unit that keeps these numbers short. */
#include "report/chart/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HOUR = 3600, DAY = 24 * HOUR };

/* What tics sit on is computed in floating point: a multiple counts as within the ends if it misses them by no more than this part
 * of a step. */
static const double EDGE = 1e-9;

enum {
    DECIMALS_MOST = 4,    /* more, and a number is written with an exponent */
    WHOLE_MOST = 1000000, /* so are numbers from here on: seven digits do not fit beside a chart */
};

struct unit_step {
    double from; /* shown so where the largest value reaches that */
    struct tm_chart_unit unit;
};

/* Each unit begins where its number is at least 1; minutes a little later, so that 90 s stay seconds. */
static const struct unit_step times[] = {{3.6e6, {1 / 3.6e6, "h"}}, {120e3, {1 / 60e3, "min"}},
                                         {1e3, {1e-3, "s"}},        {1, {1, "ms"}},
                                         {1e-3, {1e3, "us"}},       {0, {1e6, "ns"}}};
static const struct unit_step sizes[] = {{1024.0 * 1024 * 1024, {0x1p-30, "TiB"}},
                                         {1024.0 * 1024, {0x1p-20, "GiB"}},
                                         {1024, {0x1p-10, "MiB"}},
                                         {1, {1, "KiB"}},
                                         {0, {1024, "B"}}};
static const struct unit_step counts[] = {
    {1e12, {1e-12, "trillions"}}, {1e9, {1e-9, "billions"}}, {1e6, {1e-6, "millions"}}, {1e4, {1e-3, "thousands"}}, {0, {1, ""}}};

/* Only the known metrics' units are converted; a unit of the project's own is text from outside. */
struct tm_chart_unit tm_chart_unit_for(const struct tm_report_metric *metric, double largest)
{
    const struct tm_metric *known = tm_metric_named(metric->name);
    const struct unit_step *step = !known || !*known->rule.unit ? counts : strcmp(known->rule.unit, "KiB") == 0 ? sizes : times;
    if (known && known->rule.kind == TM_METRIC_ERRORS)
        return (struct tm_chart_unit){100, "%"};
    if (largest == 0)
        return (struct tm_chart_unit){1, known ? known->rule.unit : ""};
    while (step->from > fabs(largest))
        step++;
    return step->unit;
}

/* Edges count, although they are not exactly representable. */
static double first_multiple(double low, double step)
{
    return ceil(low / step - EDGE);
}

static double last_multiple(double high, double step)
{
    return floor(high / step + EDGE);
}

/* The smallest of 1, 2 and 5 times a power of ten whose multiples are not too many. */
static double round_step(double low, double high, int most)
{
    static const double steps[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10((high - low) / most)));
    size_t i = 0;
    while (i < 3 && last_multiple(high, steps[i] * power) - first_multiple(low, steps[i] * power) + 1 > most)
        i++;
    return steps[i] * power;
}

/* At most `most` round numbers from low to high, both ends included; none where there is no range. */
size_t tm_value_tics(double low, double high, int most, struct tm_tic tics[TM_TICS_MOST])
{
    size_t n = 0;
    if (!(high > low) || !isfinite(high - low))
        return 0;
    most = most < 2 ? 2 : most < TM_TICS_MOST ? most : TM_TICS_MOST;
    double step = round_step(low, high, most);
    int decimals = step < 1 ? (int)ceil(-log10(step) - EDGE) : 0;
    bool plain = decimals <= DECIMALS_MOST && fabs(high) < WHOLE_MOST && fabs(low) < WHOLE_MOST;
    for (double i = first_multiple(low, step); i <= last_multiple(high, step) && n < TM_TICS_MOST; i++, n++) {
        tics[n].at = i * step;
        if (plain)
            snprintf(tics[n].text, sizeof tics[n].text, "%.*f", decimals, i == 0 ? 0.0 : i * step);
        else
            snprintf(tics[n].text, sizeof tics[n].text, "%.4g", i == 0 ? 0.0 : i * step);
    }
    return n;
}

void tm_chart_number(double value, int digits, char text[TM_TIC_SIZE])
{
    double size = fabs(value);
    bool plain = size == 0 || (size >= 1e-3 && size < WHOLE_MOST); /* less than a thousandth needs an exponent */
    if (plain && size >= pow(10, digits))
        snprintf(text, TM_TIC_SIZE, "%.0f", value);
    else
        snprintf(text, TM_TIC_SIZE, "%.*g", plain ? digits : 3, value);
}

/* In UTC: charts must not depend on the machine that draws them. */
static struct tm broken_down(int64_t seconds)
{
    struct tm parts = {0};
    time_t time = (time_t)seconds;
    gmtime_r(&time, &parts);
    return parts;
}

static const char *month_name(const struct tm *parts)
{
    static const char names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return names[parts->tm_mon];
}

void tm_chart_date(int64_t seconds, bool with_year, char text[TM_TIC_SIZE])
{
    struct tm parts = broken_down(seconds);
    if (with_year)
        strftime(text, TM_TIC_SIZE, "%Y-%m-%d", &parts);
    else
        snprintf(text, TM_TIC_SIZE, "%s %d", month_name(&parts), parts.tm_mday);
}

/* The first point in time that is a multiple of `months`, not before `from`; each further one a multiple more. */
static size_t month_tics(int64_t from, int64_t to, int months, struct tm_tic tics[TM_TICS_MOST])
{
    struct tm start = broken_down(from);
    int month = 12 * (1900 + start.tm_year) + start.tm_mon;
    size_t n = 0;
    for (int i = (month + months - 1) / months * months;; i += months) {
        struct tm point = {.tm_year = i / 12 - 1900, .tm_mon = i % 12, .tm_mday = 1};
        int64_t at = (int64_t)timegm(&point);
        if (at > to || n == TM_TICS_MOST)
            return n;
        if (at < from)
            continue;
        tics[n].at = (double)at;
        strftime(tics[n++].text, TM_TIC_SIZE, months % 12 ? "%Y-%m" : "%Y", &point);
    }
}

/* Weeks begin on Mondays; the first day of 1970 was a Thursday. The first date, and each in a new year, says the year. */
static size_t second_tics(int64_t from, int64_t to, int64_t step, struct tm_tic tics[TM_TICS_MOST])
{
    const int64_t monday = 4 * DAY;
    int64_t origin = step % (7 * DAY) == 0 ? monday : 0;
    size_t n = 0;
    int year = 0;
    for (int64_t at = (from - origin + step - 1) / step * step + origin; at <= to && n < TM_TICS_MOST; at += step, n++) {
        struct tm parts = broken_down(at);
        tics[n].at = (double)at;
        if (at % DAY)
            snprintf(tics[n].text, TM_TIC_SIZE, "%02d:%02d", parts.tm_hour, parts.tm_min);
        else if (parts.tm_year != year)
            snprintf(tics[n].text, TM_TIC_SIZE, "%s %d, %d", month_name(&parts), parts.tm_mday, 1900 + parts.tm_year);
        else
            snprintf(tics[n].text, TM_TIC_SIZE, "%s %d", month_name(&parts), parts.tm_mday);
        if (at % DAY == 0)
            year = parts.tm_year;
    }
    return n;
}

/* A month counts as 30 days where the number of tics is estimated: no month is much shorter, so there are hardly more. */
size_t tm_time_tics(int64_t first, int64_t last, int most, struct tm_tic tics[TM_TICS_MOST])
{
    static const int hours[] = {1, 3, 6, 12, 24, 48, 7 * 24, 14 * 24};
    static const int months[] = {1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 24000};
    if (most > TM_TICS_MOST)
        most = TM_TICS_MOST;
    if (first == last) {
        tics[0].at = (double)first;
        tm_chart_date(first, true, tics[0].text);
        return 1;
    }
    /* The finest step of which there are not too many. */
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++)
        if ((last - first) / ((int64_t)hours[i] * HOUR) < most)
            return second_tics(first, last, (int64_t)hours[i] * HOUR, tics);
    for (size_t i = 0; i < sizeof months / sizeof *months; i++)
        if ((last - first) / ((int64_t)months[i] * 30 * DAY) < most)
            return month_tics(first, last, months[i], tics);
    return 0;
}
