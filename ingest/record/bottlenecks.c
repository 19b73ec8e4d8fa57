#include "ingest/record/bottlenecks.h"

#include <inttypes.h>
#include <stdlib.h>

static const double Z = 2, ROBUST_Z = 3, MAD_TO_SIGMA = 1.4826022185056018; /* 1 / the normal distribution's 75 % quantile */

enum { ROBUST_LEAST = 3 };

struct row {
    const struct tm_profile *profile;
    double wall_ms; /* of a call */
    double z, robust_z, rank;
};

static int slowest_first(const void *a, const void *b)
{
    double x = ((const struct row *)a)->wall_ms, y = ((const struct row *)b)->wall_ms;
    return (x < y) - (x > y);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts them. */
static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void put_classic(struct row *rows, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += rows[i].wall_ms / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (rows[i].wall_ms - mean) * (rows[i].wall_ms - mean);
    double deviation = n > 1 ? sqrt(squares / ((double)n - 1)) : 0;
    for (size_t i = 0; i < n; i++)
        rows[i].z = deviation > 0 ? (rows[i].wall_ms - mean) / deviation : NAN;
}

/* Rows are sorted: the slowest first. */
static void put_ranks(struct row *rows, size_t n)
{
    for (size_t first = 0, end = 0; first < n; first = end) {
        while (end < n && rows[end].wall_ms == rows[first].wall_ms)
            end++;
        double faster = (double)(n - end) + ((double)(end - first) - 1) / 2;
        for (size_t i = first; i < end; i++)
            rows[i].rank = n > 1 ? 100 * faster / ((double)n - 1) : NAN;
    }
}

static void put_robust(struct row *rows, size_t n, double *scratch)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].wall_ms > 0)
            scratch[count++] = log(rows[i].wall_ms);
    double middle = count >= ROBUST_LEAST ? median(scratch, count) : NAN;
    for (size_t i = 0; i < count; i++)
        scratch[i] = fabs(scratch[i] - middle);
    double sigma = count >= ROBUST_LEAST ? MAD_TO_SIGMA * median(scratch, count) : 0;
    for (size_t i = 0; i < n; i++)
        rows[i].robust_z = sigma > 0 && rows[i].wall_ms > 0 ? (log(rows[i].wall_ms) - middle) / sigma : NAN;
}

static const char *signal_of(const struct tm_profile *profile)
{
    if ((double)profile->errors > 0.1 * (double)profile->calls)
        return "failing";
    double share = profile->wall_ns > 0 ? profile->cpu_ns / profile->wall_ns : 0;
    return share < 0.35 ? "waiting" : share > 1.2 ? "several threads" : "compute";
}

static bool is_outlier(const struct row *row)
{
    return row->z > Z || row->robust_z > ROBUST_Z;
}

static void put_row(FILE *out, const struct row *row, double cpu_total)
{
    const struct tm_profile *profile = row->profile;
    fprintf(out, "[%s] %s | avg %.*fms | z=", is_outlier(row) ? "BOTTLENECK" : "PLUGIN", profile->plugin, row->wall_ms < 1 ? 4 : 1,
            row->wall_ms);
    if (isnan(row->z))
        putc('-', out);
    else
        fprintf(out, "%.2f", row->z);
    if (!isnan(profile->peak_mem_bytes))
        fprintf(out, " | mem=%.1fKB", profile->peak_mem_bytes / 1024);
    if (!isnan(row->robust_z))
        fprintf(out, " | robust z=%.2f", row->robust_z);
    if (!isnan(row->rank))
        fprintf(out, " | rank %.0f%%", row->rank);
    if (cpu_total > 0)
        fprintf(out, " | cpu %.0f%%", 100 * profile->cpu_ns / cpu_total);
    if (profile->errors > 0)
        fprintf(out, " | errors %" PRId64 " of %" PRId64, profile->errors, profile->calls);
    fprintf(out, " | %s\n", signal_of(profile));
}

static void put_rows(FILE *out, const struct row *rows, size_t n, bool all)
{
    size_t outliers = 0;
    double cpu_total = 0;
    for (size_t i = 0; i < n; i++)
        cpu_total += rows[i].profile->cpu_ns;
    for (size_t i = 0; i < n; i++) {
        outliers += is_outlier(&rows[i]);
        if (all || is_outlier(&rows[i]))
            put_row(out, &rows[i], cpu_total);
    }
    if (outliers == 0)
        fprintf(out, "no outlier among %zu plugins\n", n);
    if (n > 0 && ((double)n - 1) / sqrt((double)n) < Z)
        fprintf(out, "note: with %zu plugins the classic z cannot exceed %.2f: go by the robust z\n", n,
                ((double)n - 1) / sqrt((double)n));
}

int tm_bottlenecks_put(FILE *out, const struct tm_rec_snapshot *snapshot, bool all,
                       bool (*wanted)(void *context, const char *plugin), void *context)
{
    size_t n = 0;
    struct row *rows = calloc(snapshot->n_entries + 1, sizeof *rows);
    double *scratch = calloc(snapshot->n_entries + 1, sizeof *scratch);
    for (size_t i = 0; rows && scratch && i < snapshot->n_entries; i++) {
        const struct tm_profile *profile = &snapshot->entries[i].profile;
        if (profile->calls > 0 && wanted(context, profile->plugin))
            rows[n++] = (struct row){.profile = profile, .wall_ms = profile->wall_ns / 1e6 / (double)profile->calls};
    }
    if (rows && scratch) {
        qsort(rows, n, sizeof *rows, slowest_first);
        put_classic(rows, n);
        put_ranks(rows, n);
        put_robust(rows, n, scratch);
        put_rows(out, rows, n, all);
    }
    int result = rows && scratch ? 0 : -1;
    free(scratch);
    free(rows);
    return result;
}
