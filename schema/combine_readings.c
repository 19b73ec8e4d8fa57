/* Readings of several parts as one: by what their names and units say they are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/combine.h"
#include "schema/combine_shares.h"
#include "schema/fields.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Words are what stands between anything but letters. */
static bool has_word(const char *name, const char *const *words)
{
    for (; *words; words++)
        for (const char *at = name; (at = strstr(at, *words)); at++) {
            bool begins = at == name || !is_letter(at[-1]), ends = !is_letter(at[strlen(*words)]);
            if (begins && ends)
                return true;
        }
    return false;
}

static bool is_percentile(const char *name)
{
    for (const char *at = name; (at = strchr(at, 'p')); at++)
        if ((at == name || at[-1] == '_') && at[1] >= '0' && at[1] <= '9')
            return true;
    return false;
}

enum tm_reading_kind tm_reading_kind(const char *metric, const char *unit)
{
    static const char *const highest[] = {"max", "maximum", "peak", "highest", "longest", "worst", "slowest", NULL},
                             *const lowest[] = {"min", "minimum", "lowest", "shortest", "fastest", NULL},
                             *const mean[] = {"per",   "mean",  "avg",     "average", "median", "rate",
                                              "ratio", "share", "percent", "score",   "load",   NULL};
    if (has_word(metric, mean) || is_percentile(metric) ||
        (unit && (strchr(unit, '/') || strchr(unit, '%') || has_word(unit, mean))))
        return TM_READING_MEAN;
    return has_word(metric, highest) ? TM_READING_HIGHEST : has_word(metric, lowest) ? TM_READING_LOWEST : TM_READING_SUM;
}

/* A reading in the part it is of. */
struct given {
    const struct tm_reading *reading;
    size_t part;
    int64_t calls;
};

static int by_metric(const void *a, const void *b)
{
    const struct given *x = a, *y = b;
    int order = strcmp(x->reading->metric, y->reading->metric);
    return order != 0 ? order : (x->part > y->part) - (x->part < y->part);
}

/* One metric's. Where nothing was called, every value weighs the same. */
static double join_readings(const struct given *given, size_t n)
{
    enum tm_reading_kind kind = tm_reading_kind(given->reading->metric, given->reading->unit);
    double joined = given->reading->value, weighted = 0, calls = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        double value = given[i].reading->value;
        weighted += value * (double)given[i].calls;
        calls += (double)given[i].calls;
        sum += value;
        joined = kind == TM_READING_HIGHEST ? fmax(joined, value) : fmin(joined, value);
    }
    if (kind == TM_READING_MEAN)
        return n == 1 ? sum : calls > 0 ? weighted / calls : sum / (double)n;
    return kind == TM_READING_SUM ? sum : joined;
}

/* The part's machine is what stands before the last colon of its name; 0: it says none. */
static size_t machine_of(const char *part)
{
    const char *colon = strrchr(part, ':');
    return colon ? (size_t)(colon - part) : 0;
}

void tm_shares_machines(const struct tm_run_content *parts, size_t n, ptrdiff_t *machine)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = parts[i].run.part;
        size_t size = machine_of(name), first = 0;
        while (first < i && (machine_of(parts[first].run.part) != size || memcmp(parts[first].run.part, name, size) != 0))
            first++;
        machine[i] = size > 0 ? (ptrdiff_t)first : TM_NO_MACHINE;
    }
}

/* The highest sum of peaks on one machine, in KiB; NAN: nobody knows. */
static double peak_sum(const struct tm_shares *shares)
{
    double highest = NAN;
    for (size_t i = 0; i < shares->n; i++)
        shares->peaks[i] = 0;
    for (size_t i = 0; i < shares->n; i++) {
        if (shares->machine[i] == TM_NO_MACHINE || !shares->of[i] || isnan(shares->of[i]->peak_mem_bytes))
            continue;
        double *sum = &shares->peaks[shares->machine[i]];
        *sum += shares->of[i]->peak_mem_bytes;
        highest = isnan(highest) ? *sum : fmax(highest, *sum);
    }
    return highest / 1024;
}

static bool reads_peak_sum(const struct tm_shares *shares)
{
    for (size_t i = 0; i < shares->n; i++)
        if (shares->of[i] && !isnan(tm_reading_of(shares->of[i], TM_PEAK_SUM)))
            return true;
    return false;
}

static size_t count_readings(const struct tm_shares *shares)
{
    size_t n = 0;
    for (size_t i = 0; i < shares->n; i++)
        n += shares->of[i] ? shares->of[i]->n_readings : 0;
    return n;
}

static void collect_readings(const struct tm_shares *shares, struct given *all)
{
    for (size_t i = 0; i < shares->n; i++)
        for (size_t r = 0; shares->of[i] && r < shares->of[i]->n_readings; r++)
            *all++ = (struct given){&shares->of[i]->readings[r], i, shares->of[i]->calls};
}

/* In the order of names, the sum of peaks behind them. */
int tm_shares_readings(struct tm_combined *into, const struct tm_shares *shares, struct tm_profile *whole)
{
    size_t n = count_readings(shares);
    double peaks = reads_peak_sum(shares) ? NAN : peak_sum(shares);
    struct given *all = tm_arena_take(&into->arena, (n + 1) * sizeof *all);
    struct tm_reading *readings = tm_arena_take(&into->arena, (n + 1) * sizeof *readings);
    if (!all || !readings)
        return -1;
    collect_readings(shares, all);
    qsort(all, n, sizeof *all, by_metric);
    whole->readings = readings;
    for (size_t first = 0, own; first < n; first += own) {
        own = 1;
        while (first + own < n && strcmp(all[first + own].reading->metric, all[first].reading->metric) == 0)
            own++;
        readings[whole->n_readings] = *all[first].reading;
        readings[whole->n_readings++].value = join_readings(&all[first], own);
    }
    if (!isnan(peaks))
        readings[whole->n_readings++] = (struct tm_reading){TM_PEAK_SUM, TM_PEAK_SUM_UNIT, peaks, "lower"};
    return 0;
}
