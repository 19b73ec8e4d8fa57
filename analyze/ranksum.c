/* The distribution of a rank sum is counted: how many choices of j of the first i values have the rank sum s, for all j and s.
 * Ranks are doubled, for values that are equal share a rank that may end in a half. */
#include "analyze/ranksum.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/stats.h"
#include "analyze/tails.h"

enum { MOST_CELLS = 65536 }; /* of the table: half a megabyte, a tenth of a second for the largest */

static const double ALPHA = 0.05;

/* All values with their side, in ascending order, and twice their mid-ranks. */
struct ranked {
    double value;
    size_t twice_rank;
    bool of_b;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Sorts, gives ranks, and returns the sum over groups of t equal values of t^3 - t. */
static double rank(struct ranked *all, size_t n)
{
    double ties = 0;
    qsort(all, n, sizeof *all, by_value);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !(all[end].value > all[i].value);)
            end++;
        double t = (double)(end - i);
        ties += t * t * t - t;
        for (size_t j = i; j < end; j++)
            all[j].twice_rank = i + end + 1; /* ranks i + 1 .. end, so their mean twice */
    }
    return ties;
}

/* Ways to choose j of n values with the (doubled) rank sum s: cells[j * width + s]. Every value in turn joins the choices that were
 * there before it, so larger j and s come first. */
static void count_ways(double *cells, size_t width, size_t choose, const struct ranked *all, size_t n)
{
    cells[0] = 1;
    for (size_t i = 0; i < n; i++) {
        size_t r = all[i].twice_rank;
        for (size_t j = i + 1 < choose ? i + 1 : choose; j > 0; j--)
            for (size_t s = width - 1; s >= r; s--)
                cells[j * width + s] += cells[(j - 1) * width + s - r];
    }
}

/* P(S <= s) and P(S >= s) of the smaller side's doubled rank sum. 1: counted, 0: the table would be too large, -1: no memory. */
static int count_tails(const struct ranked *all, size_t n, size_t choose, size_t sum, double *lower, double *upper)
{
    size_t width = 1;
    for (size_t i = n - choose; i < n; i++)
        width += all[i].twice_rank;
    if (width > MOST_CELLS / (choose + 1))
        return 0;
    double *cells = calloc((choose + 1) * width, sizeof *cells), all_ways = 0;
    if (!cells)
        return -1;
    count_ways(cells, width, choose, all, n);
    *lower = *upper = 0;
    for (size_t s = 0; s < width; s++) {
        double ways = cells[choose * width + s];
        all_ways += ways;
        *lower += s <= sum ? ways : 0;
        *upper += s >= sum ? ways : 0;
    }
    *lower /= all_ways;
    *upper /= all_ways;
    free(cells);
    return 1;
}

static double normal_p(double u, double n_a, double n_b, double ties)
{
    double n = n_a + n_b, variance = n_a * n_b / 12 * (n + 1 - ties / (n * (n - 1)));
    double off = fmax(fabs(u - n_a * n_b / 2) - 0.5, 0);
    return variance > 0 ? fmin(1, 2 * exp(tm_log_tail_normal(TM_UPPER, off / sqrt(variance)))) : 1;
}

/* U and p; the two-sided p of ties and of unequal sides is twice the smaller tail. */
static int test(struct ranked *all, size_t n_a, size_t n_b, struct tm_ranksum *out)
{
    size_t n = n_a + n_b, sum_a = 0, sum_b = 0;
    double ties = rank(all, n), lower = NAN, upper = NAN;
    for (size_t i = 0; i < n; i++)
        *(all[i].of_b ? &sum_b : &sum_a) += all[i].twice_rank;
    out->u = ((double)sum_b - (double)n_b * ((double)n_b + 1)) / 2;
    int counted = n_a < n_b ? count_tails(all, n, n_a, sum_a, &lower, &upper) : count_tails(all, n, n_b, sum_b, &lower, &upper);
    out->exact = counted == 1;
    out->p = counted == 1 ? fmin(1, 2 * fmin(lower, upper)) : normal_p(out->u, (double)n_a, (double)n_b, ties);
    return counted < 0 ? -1 : 0;
}

/* P(U < k) without ties, for k = 1, 2, ...: the largest k with 2 P <= ALPHA, 0 if there is none; *inside is then what the interval
 * from the k-th difference on promises. -1: no memory. */
static long place_of_bound(size_t n_a, size_t n_b, double *inside)
{
    size_t n = n_a + n_b, choose = n_a < n_b ? n_a : n_b, width = 1 + choose * (2 * n - choose + 1), pairs = n_a * n_b;
    if (width > MOST_CELLS / (choose + 1)) {
        double middle = (double)pairs / 2, spread = sqrt((double)pairs * ((double)n + 1) / 12);
        double k = floor(middle - 1.959964 * spread); /* the upper 2.5 % of the standard normal */
        *inside = 1 - ALPHA;
        return k > 0 ? (long)k : 0;
    }
    double *cells = calloc((choose + 1) * width, sizeof *cells), ways = 0, below = 0;
    struct ranked *all = calloc(n, sizeof *all);
    long k = cells && all ? 0 : -1;
    for (size_t i = 0; i < n && k == 0; i++)
        all[i].twice_rank = 2 * (i + 1);
    if (k == 0)
        count_ways(cells, width, choose, all, n);
    for (size_t s = 0; s < width && k == 0; s++)
        ways += cells[choose * width + s];
    *inside = k == 0 ? 1 - 2 / ways : 0; /* of the whole range */
    for (size_t u = 0; k >= 0 && u < pairs; u++) {
        below += cells[choose * width + choose * (choose + 1) + 2 * u];
        if (2 * below > ALPHA * ways)
            break;
        *inside = 1 - 2 * below / ways;
        k = (long)u + 1;
    }
    free(cells);
    free(all);
    return k;
}

static int find_interval(const double *a, size_t n_a, const double *b, size_t n_b, struct tm_ranksum *out)
{
    size_t pairs = n_a * n_b;
    double *off = malloc(pairs * sizeof *off);
    long k = place_of_bound(n_a, n_b, &out->level);
    if (off && k >= 0) {
        size_t place = k > 0 ? (size_t)k - 1 : 0;
        for (size_t i = 0; i < pairs; i++)
            off[i] = b[i / n_a] - a[i % n_a];
        out->shift = tm_median(off, pairs);
        out->low = tm_select(off, pairs, place);
        out->high = tm_select(off, pairs, pairs - 1 - place);
    }
    int result = off && k >= 0 ? 0 : -1;
    free(off);
    return result;
}

int tm_ranksum(const double *a, size_t n_a, const double *b, size_t n_b, struct tm_ranksum *out)
{
    *out = (struct tm_ranksum){NAN, NAN, NAN, NAN, NAN, NAN, false};
    if (n_a == 0 || n_b == 0)
        return 0;
    struct ranked *all = calloc(n_a + n_b, sizeof *all);
    if (!all)
        return -1;
    for (size_t i = 0; i < n_a; i++)
        all[i].value = a[i];
    for (size_t i = 0; i < n_b; i++)
        all[n_a + i] = (struct ranked){.value = b[i], .of_b = true};
    int result = test(all, n_a, n_b, out);
    free(all);
    return result == 0 ? find_interval(a, n_a, b, n_b, out) : -1;
}

double tm_ranksum_least(size_t n_a, size_t n_b)
{
    double p = 2; /* 2 / C(n_a + n_b, n_a) = 2 * product of i / (n_b + i) */
    for (size_t i = 1; i <= n_a; i++)
        p *= (double)i / (double)(n_b + i);
    return fmin(p, 1);
}
