#include "report/amount.h"

#include <math.h>
#include <string.h>

/* Where logarithms are taken, 1e-9 stands for a zero: what is not more than twice that is shown as the zero that was recorded. */
static const double ALMOST_NOTHING = 2e-9;

/* A number in a unit, where it is at least `from` in the metric's own. */
struct step {
    double from, factor;
    const char *unit;
};

/* Most profiles are of milliseconds: these stay what they are as long as four digits say them. */
static const struct step times[] = {{1e4, 1e-3, "s"}, {1e-3, 1, "ms"}, {0, 1e6, "ns"}};
static const struct step sizes[] = {{1e4 * 1024, 0x1p-20, "GiB"}, {1024, 0x1p-10, "MiB"}, {0, 1, "KiB"}};

/* Four digits are what is measured, more look like precision; but a count is not rounded, and no number of a log needs an exponent
 * that people can write out. */
static void put_number(FILE *out, double value, int digits)
{
    static const double WRITTEN_OUT = 1e15; /* so far a double holds every whole number */
    if (fabs(value) >= pow(10, digits) && fabs(value) < WRITTEN_OUT)
        fprintf(out, "%.0f", value);
    else
        fprintf(out, "%.*g", digits, value);
}

/* A zero, and what is not known, is one of the unit itself. */
static const struct step *step_of(const struct step *steps, double value)
{
    bool some = fabs(value) > 0;
    while (some ? fabs(value) < steps->from : steps->factor < 1 || steps->factor > 1)
        steps++;
    return steps;
}

static void put_in_steps(FILE *out, const struct step *steps, double value, int digits)
{
    const struct step *step = step_of(steps, value);
    put_number(out, value * step->factor, digits);
    fprintf(out, " %s", step->unit);
}

void tm_put_total_time(FILE *out, double ms)
{
    enum { DIGITS = 3 };
    static const struct step totals[] = {{1, 1e-3, "s"}, {1e-3, 1, "ms"}, {0, 1e6, "ns"}};
    put_in_steps(out, totals, ms, DIGITS);
}

void tm_put_amount(FILE *out, const struct tm_report_metric *metric, double value)
{
    enum { DIGITS = 4 };
    if (metric->kind == TM_METRIC_RATIO && fabs(value) < ALMOST_NOTHING)
        value = 0;
    if (metric->kind == TM_METRIC_ERRORS) {
        fprintf(out, "%.2f %% of calls", 100 * value);
    } else if (strcmp(metric->unit, "ms") == 0) {
        put_in_steps(out, times, value, DIGITS);
    } else if (strcmp(metric->unit, "KiB") == 0) {
        put_in_steps(out, sizes, value, DIGITS);
    } else {
        put_number(out, value, DIGITS);
        if (*metric->unit && strcmp(metric->unit, metric->name) != 0)
            fprintf(out, " %s", metric->unit);
    }
}
