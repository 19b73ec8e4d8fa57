/* Figures for people: the unit suits the size, digits stand below digits. */
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "report/page/parts.h"

struct scale {
    const char *unit, *alias;
    double size;
};

static const struct scale times[] = {{"ns", NULL, 1e-9}, {"µs", "us", 1e-6}, {"ms", NULL, 1e-3}, {"s", NULL, 1},
                                     {"min", NULL, 60},  {"h", NULL, 3600},  {NULL, NULL, 0}};
static const struct scale sizes[] = {{"B", "bytes", 1},
                                     {"KiB", NULL, 1024},
                                     {"MiB", NULL, 1024 * 1024.0},
                                     {"GiB", NULL, 1073741824.0},
                                     {"TiB", NULL, 1099511627776.0},
                                     {NULL, NULL, 0}};

static const struct scale *find(const struct scale *scales, const char *unit)
{
    for (; scales->unit; scales++)
        if (strcmp(scales->unit, unit) == 0 || (scales->alias && strcmp(scales->alias, unit) == 0))
            return scales;
    return NULL;
}

/* The largest unit of which there is at least one. */
static const struct scale *suited(const struct scale *scales, double most)
{
    while (scales[1].unit && most >= scales[1].size)
        scales++;
    return scales;
}

void tm_page_fixed(FILE *out, double value, int digits)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", digits, fabs(value));
    bool nothing = strspn(text, "0.") == strlen(text);
    fprintf(out, "%s%s", value < 0 && !nothing ? "−" : "", text);
}

/* Groups of three digits from 10 000 on. */
static void put_whole(FILE *out, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.0f", fabs(value));
    size_t n = strlen(text);
    fputs(value < 0 && strcmp(text, "0") != 0 ? "−" : "", out);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && n > 4 && (n - i) % 3 == 0)
            fputs("\u202f", out);
        putc(text[i], out);
    }
}

/* Four digits that count, of the larger of the two; the smaller one gets no finer steps than that. */
static void put_digits(FILE *out, double value, double most)
{
    double size = fabs(value);
    if (size >= 1e15)
        fprintf(out, "%.3e", value);
    else if (most >= 1000 || fabs(value - round(value)) < 1e-9 * size || !(size > 0))
        put_whole(out, value);
    else if (most < 1e-6)
        fprintf(out, "%.3g", value);
    else
        tm_page_fixed(out, value, 3 - (int)floor(log10(most)));
}

void tm_page_amount(FILE *out, const struct tm_report_metric *metric, double value, double beside)
{
    if (!isfinite(value))
        return;
    if (metric->kind == TM_METRIC_ERRORS) {
        tm_page_fixed(out, 100 * value, 2);
        fputs(" %", out);
        return;
    }
    const struct scale *family = find(times, metric->unit) ? times : find(sizes, metric->unit) ? sizes : NULL;
    double most = fmax(fabs(value), isfinite(beside) ? fabs(beside) : 0), size = family ? find(family, metric->unit)->size : 1;
    const struct scale *scale = family ? suited(family, most * size) : NULL;
    if (family && !(most > 0))
        scale = find(family, metric->unit);
    double per = scale ? size / scale->size : 1;
    put_digits(out, value * per, most * per);
    if (scale || *metric->unit) {
        putc(' ', out);
        tm_put_xml(out, scale ? scale->unit : metric->unit);
    }
}

void tm_page_change(FILE *out, const struct tm_report_metric *metric, double now, double baseline)
{
    double ratio = now / baseline;
    if (!isfinite(now) || !isfinite(baseline))
        return;
    if (metric->kind != TM_METRIC_ERRORS && isfinite(ratio) && ratio >= 10) {
        fputs("×", out);
        put_whole(out, ratio);
        return;
    }
    fputs(now > baseline ? "+" : "", out);
    if (metric->kind == TM_METRIC_ERRORS) {
        tm_page_fixed(out, 100 * (now - baseline), fabs(now - baseline) < 0.1 ? 2 : 1);
        fputs(" points", out);
    } else if (isfinite(ratio) && fabs(ratio) < 10) {
        tm_page_fixed(out, 100 * (now - baseline) / fabs(baseline), 1);
        fputs(" %", out);
    } else {
        tm_page_amount(out, metric, now - baseline, NAN);
    }
}
