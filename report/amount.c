#include "report/amount.h"

#include <math.h>
#include <string.h>

/* Where logarithms are taken, 1e-9 stands for a zero: what is not more than twice that is shown as the zero that was recorded. */
static const double ALMOST_NOTHING = 2e-9;

/* So far a double holds every whole number; and below, plain decimals say nothing. */
static const double WRITTEN_OUT = 1e15, WRITTEN_DOWN = 1e-6;

struct unit {
    const char *name, *alias;
    double size, from; /* of the family's own; shown from there on */
};

/* Rising. 137.7 s are read at once, and so are 23 min; 2.3 min are not. */
static const struct unit times[] = {{"ns", NULL, 1e-9, 0}, {"us", "\u00b5s", 1e-6, 1e-6}, {"ms", NULL, 1e-3, 1e-3},
                                    {"s", "sec", 1, 1},    {"min", NULL, 60, 600},        {"h", NULL, 3600, 7200},
                                    {NULL, NULL, 0, 0}};
static const struct unit sizes[] = {{"B", "bytes", 1, 0},          {"KiB", NULL, 0x1p10, 0x1p10}, {"MiB", NULL, 0x1p20, 0x1p20},
                                    {"GiB", NULL, 0x1p30, 0x1p30}, {"TiB", NULL, 0x1p40, 0x1p40}, {NULL, NULL, 0, 0}};

/* NULL: the unit is not in the family. */
static const struct unit *find_unit(const struct unit *family, const char *name)
{
    for (; family->name; family++)
        if (strcmp(family->name, name) == 0 || (family->alias && strcmp(family->alias, name) == 0))
            return family;
    return NULL;
}

size_t tm_amount_steps(const struct tm_report_metric *metric, struct tm_amount_step steps[TM_AMOUNT_STEPS])
{
    const struct unit *family = find_unit(times, metric->unit) ? times : sizes, *own = find_unit(family, metric->unit);
    size_t n = 0;
    if (metric->kind == TM_METRIC_ERRORS)
        steps[n++] = (struct tm_amount_step){0, 100, "%"};
    else if (!own)
        steps[n++] = (struct tm_amount_step){0, 1, strcmp(metric->unit, metric->name) == 0 ? "" : metric->unit};
    else
        for (; family->name; family++)
            steps[n++] = (struct tm_amount_step){family->from / own->size, own->size / family->size, family->name};
    return n;
}

/* Nothing, and what is not known, is in the metric's own unit. */
static struct tm_amount_step step_for(const struct tm_report_metric *metric, double most)
{
    struct tm_amount_step steps[TM_AMOUNT_STEPS];
    size_t n = tm_amount_steps(metric, steps), at = n - 1;
    if (n > 1 && !(most > 0))
        return (struct tm_amount_step){0, 1, metric->unit};
    while (at > 0 && most < steps[at].from)
        at--;
    return steps[at];
}

/* `digits` that count of the larger of the two; but a whole number is not rounded, and no number needs an exponent that people can
 * write out. */
static void write_number(double value, double most, int digits, char number[TM_AMOUNT_SIZE])
{
    double size = fabs(value);
    bool whole = most >= pow(10, digits - 1) || fabs(value - round(value)) <= 1e-9 * size;
    if (!(size < WRITTEN_OUT) || (most > 0 && most < WRITTEN_DOWN))
        snprintf(number, TM_AMOUNT_SIZE, "%.*g", digits, value);
    else if (whole)
        snprintf(number, TM_AMOUNT_SIZE, "%.0f", value);
    else
        snprintf(number, TM_AMOUNT_SIZE, "%.*f", digits - 1 - (int)floor(log10(most)), value);
}

/* Beside an amount a hundred times as large fewer than two digits would be left. */
static const double TOO_SMALL_BESIDE = 0.01;

static struct tm_amount_step write_amount(const struct tm_report_metric *metric, double value, double beside, int digits,
                                          char number[TM_AMOUNT_SIZE])
{
    bool nothing = metric->kind == TM_METRIC_RATIO && fabs(value) < ALMOST_NOTHING;
    double size = nothing ? 0 : fabs(value), other = isfinite(beside) && fabs(beside) >= ALMOST_NOTHING ? fabs(beside) : 0;
    double most = size > 0 && size < TOO_SMALL_BESIDE * other ? size : fmax(size, other);
    struct tm_amount_step step = step_for(metric, most);
    if (metric->kind == TM_METRIC_ERRORS)
        snprintf(number, TM_AMOUNT_SIZE, "%.2f", 100 * value);
    else
        write_number(nothing ? 0 : value * step.factor, most * step.factor, digits, number);
    return step;
}

const char *tm_amount_number(const struct tm_report_metric *metric, double value, double beside, char number[TM_AMOUNT_SIZE])
{
    return write_amount(metric, value, beside, 4, number).unit;
}

static void put(FILE *out, const struct tm_report_metric *metric, double value, double beside, int digits)
{
    char number[TM_AMOUNT_SIZE];
    const char *unit = write_amount(metric, value, beside, digits, number).unit;
    fprintf(out, "%s%s%s%s", number, *unit ? " " : "", unit, metric->kind == TM_METRIC_ERRORS ? " of calls" : "");
}

void tm_put_amount(FILE *out, const struct tm_report_metric *metric, double value)
{
    put(out, metric, value, NAN, 4);
}

void tm_put_amount_beside(FILE *out, const struct tm_report_metric *metric, double value, double beside)
{
    put(out, metric, value, beside, 4);
}

void tm_put_total_time(FILE *out, double ms)
{
    static const struct tm_report_metric time = {.name = "total", .unit = "ms", .kind = TM_METRIC_RATIO};
    put(out, &time, ms, NAN, 3);
}
