/* The lines of 'tidemark bottlenecks' and of a recorder's report: who stands out among the plugins of one run. Deciding is
 * population.h's business; here its figures become lines, and notes on what they cannot tell. */
#include "report/bottlenecks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/population.h"
#include "base/escape.h"
#include "base/plural.h"
#include "base/text.h"

/* Shares of a call's wall time, or of the calls; docs/methods.md has the table. */
static const double FAILING = 0.1;     /* of the calls: more is no odd error */
static const double SEVERAL = 1.2;     /* CPU time: beyond what one thread can use and clocks disagree on */
static const double BLOCKING = 0.5;    /* time in its thread without CPU: the larger part of the call */
static const double WAITING = 0.35;    /* CPU time: less, and the call mostly waits */
static const double STEP_LEAST_MS = 1; /* a step that an event loop would not notice is not worth a column */

/* By name where they are equally slow, so that the same data give the same lines. */
static int slowest_first(const void *a, const void *b)
{
    const struct tm_bottleneck *p = a, *q = b;
    int order = (p->wall_ms < q->wall_ms) - (p->wall_ms > q->wall_ms);
    return order != 0 ? order : strcmp(p->name, q->name);
}

/* ---- a line ---- */

/* The first that holds, as docs/methods.md lists them: errors before times, for a plugin that
 * fails early is fast for a bad reason. */
static const char *signal_of(const struct tm_bottleneck *row)
{
    double wall = row->wall_ms, blocked = fmin(row->occupied_ms, wall) - row->cpu_ms;
    if (row->errors > FAILING * row->calls)
        return "failing";
    if (isnan(row->cpu_ms))
        return "no CPU recorded";
    if (row->cpu_ms > SEVERAL * wall)
        return "several threads";
    if (!isnan(row->occupied_ms) && !isnan(row->step_ms) && blocked > BLOCKING * wall)
        return "blocking";
    return wall > 0 && row->cpu_ms >= WAITING * wall ? "compute" : "waiting";
}

static void put_field(FILE *out, const char *format, double value)
{
    if (!isnan(value))
        fprintf(out, format, value);
}

/* The text of an error comes from outside, and may be long. */
static void put_errors(FILE *out, const struct tm_bottleneck *row)
{
    char shown[TM_SHOWN_SIZE];
    fprintf(out, " | errors %.0f of %.0f", row->errors, row->calls);
    if (!row->error)
        return;
    fputs(" (", out);
    tm_put_safe(out, tm_shown(row->error, strlen(row->error), shown));
    putc(')', out);
}

/* What is not known is left out, but for z: people look for it first. */
static void put_row(FILE *out, const struct tm_bottleneck *row, const struct tm_standing *standing, double cpu_total)
{
    tm_put_safe_first(out, row->name);
    fprintf(out, " | avg %.*fms | z=", row->wall_ms < 1 ? 4 : 1, row->wall_ms);
    if (isnan(standing->z))
        putc('-', out);
    put_field(out, "%.2f", standing->z);
    put_field(out, " | mem=%.1fKB", row->peak_kb);
    put_field(out, " | robust z=%.2f", standing->robust_z);
    put_field(out, " | rank %.0f%%", standing->rank);
    if (cpu_total > 0)
        put_field(out, " | share of cpu %.0f%%", 100 * row->cpu_ms * row->calls / cpu_total);
    if (row->step_ms >= STEP_LEAST_MS)
        put_field(out, " | step=%.1fms", row->step_ms);
    if (row->errors > 0)
        put_errors(out, row);
    fprintf(out, " | %s\n", signal_of(row));
}

/* ---- all of them ---- */

struct outliers {
    size_t all, hidden; /* hidden: by the robust z only */
    bool robust;        /* there is a robust z */
};

/* What the figures cannot tell: with few plugins the classic z cannot reach its bound, and several slow plugins hide each other. */
static void put_notes(FILE *out, size_t n, double z, const struct outliers *outliers)
{
    const char *s = TM_PLURAL(n);
    if (outliers->all == 0)
        fprintf(out, "no outlier among %zu plugin%s\n", n, s);
    if (n > 0 && tm_classic_limit(n) < z)
        fprintf(out, "note: with %zu plugin%s the classic z cannot exceed %.2f, so z > %.1f can never fire%s\n", n, s,
                tm_classic_limit(n), z, outliers->robust ? ": go by the robust z" : "");
    else if (outliers->hidden > 0)
        fprintf(out,
                "note: %zu of the outliers %s below z = %.1f only because slow plugins raise each other's mean and deviation\n",
                outliers->hidden, outliers->hidden == 1 ? "lies" : "lie", z);
}

/* Two passes: a share of CPU time needs the sum of all plugins. */
static void put_all(FILE *out, const struct tm_bottleneck *rows, const struct tm_standing *standings, size_t n, double z, bool all)
{
    struct outliers outliers = {0};
    double cpu_total = 0;
    for (size_t i = 0; i < n; i++)
        cpu_total += isnan(rows[i].cpu_ms) ? 0 : rows[i].cpu_ms * rows[i].calls;
    for (size_t i = 0; i < n; i++) {
        bool by_classic = standings[i].z > z, is_outlier = by_classic || standings[i].robust_z > z + 1;
        outliers.all += is_outlier;
        outliers.hidden += is_outlier && !by_classic;
        outliers.robust |= !isnan(standings[i].robust_z);
        if (!is_outlier && !all)
            continue;
        fputs(is_outlier ? "[BOTTLENECK] " : "[PLUGIN] ", out);
        put_row(out, &rows[i], &standings[i], cpu_total);
    }
    put_notes(out, n, z, &outliers);
}

/* Keeps the rows that have a wall time, and returns how many. */
static size_t keep_timed(struct tm_bottleneck *rows, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(rows[i].wall_ms))
            rows[kept++] = rows[i];
    return kept;
}

/* The second half of `values` is what tm_population works in. */
int tm_put_bottlenecks(FILE *out, struct tm_bottleneck *rows, size_t given, double z, bool all)
{
    size_t n = keep_timed(rows, given);
    double *values = calloc(2 * n + 1, sizeof *values);
    struct tm_standing *standings = calloc(n + 1, sizeof *standings);
    int result = values && standings ? 0 : -1;
    if (result == 0) {
        if (n > 0)
            qsort(rows, n, sizeof *rows, slowest_first);
        for (size_t i = 0; i < n; i++)
            values[i] = rows[i].wall_ms;
        tm_population(values, n, values + n, standings);
        if (n > 0 || given == 0)
            put_all(out, rows, standings, n, z, all);
        if (n == 0 && given > 0)
            fputs("no plugin has a wall time to compare\n", out);
        else if (n < given)
            fprintf(out, "note: %zu plugin%s without a wall time: not compared\n", given - n, TM_PLURAL(given - n));
    }
    free(standings);
    free(values);
    return result;
}
