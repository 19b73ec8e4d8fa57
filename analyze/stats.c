/* Location, spread and rank of a sample. Two ideas: sums are carried in twice the precision, so that a mean of
 * equal values is exactly that value and no spread appears from nothing; and order statistics select instead of
 * sorting, in O(n) also on input made to be slow.
 *
 * The caller's arrays are reordered, never copied: nothing here can fail for want of memory. */
#include "analyze/stats.h"

#include <math.h>

/* An unevaluated sum hi + lo, |lo| <= ulp(hi) / 2: twice the precision. */
struct pair {
    double hi, lo;
};

/* s + x by Knuth's two-sum: what rounding loses goes into lo. Needs no branch on which is larger. */
static struct pair pair_add(struct pair s, double x)
{
    double hi = s.hi + x, part = hi - s.hi;
    double lo = s.lo + ((s.hi - (hi - part)) + (x - part));

    s.hi = hi + lo;
    s.lo = lo - (s.hi - hi);
    return s;
}

/* The mean of x * scale. */
static double scaled_mean(const double *x, size_t n, double scale)
{
    struct pair s = {0.0, 0.0};
    double quotient;
    size_t i;

    for (i = 0; i < n; i++)
        s = pair_add(s, x[i] * scale);
    /* One step of long division: fma gives the remainder exactly. */
    quotient = s.hi / (double)n;
    return quotient + (fma(-quotient, (double)n, s.hi) + s.lo) / (double)n;
}

double tm_mean(const double *x, size_t n)
{
    /* The sum of fewer than 2^64 values overflows no more once each is shrunk; powers of two cost no digits. */
    const double shrink = 0x1p-64, grow = 0x1p64;
    double mean;

    if (n == 0)
        return NAN;
    mean = scaled_mean(x, n, 1.0);
    return isfinite(mean) ? mean : scaled_mean(x, n, shrink) * grow;
}

double tm_stdev(const double *x, size_t n)
{
    double mean = tm_mean(x, n);
    struct pair squares = {0.0, 0.0}, rest = {0.0, 0.0};
    double sum;
    size_t i;

    if (n < 2)
        return NAN;
    for (i = 0; i < n; i++) {
        double d = x[i] - mean;

        /* The square of anything larger is no double. */
        if (!(fabs(d) <= 1e154))
            return isnan(d) ? NAN : INFINITY;
        squares = pair_add(squares, d * d);
        rest = pair_add(rest, d);
    }
    /* rest would be 0 had the mean not been rounded. */
    sum = squares.hi - rest.hi * rest.hi / (double)n;
    return sqrt(fmax(sum, 0.0) / (double)(n - 1));
}

static void swap(double *a, double *b)
{
    double t = *a;

    *a = *b;
    *b = t;
}

/* For a handful of values; a NaN among them stays where it is. */
static void insertion_sort(double *x, size_t n)
{
    size_t i, j;

    for (i = 1; i < n; i++) {
        double v = x[i];

        for (j = i; j > 0 && x[j - 1] > v; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

static double middle_of_3(double a, double b, double c)
{
    if (a < b)
        return b < c ? b : (a < c ? c : a);
    return a < c ? a : (b < c ? c : b);
}

/* The median of three values, or, from 512 on, where a bad pivot costs more than nine reads, of three such
 * medians (Tukey's ninther). Good on what occurs, sorted and constant input too; bad only on input made for it. */
static double cheap_pivot(const double *x, size_t n)
{
    size_t step = n / 8, mid = n / 2;

    if (n < 512)
        return middle_of_3(x[0], x[mid], x[n - 1]);
    return middle_of_3(middle_of_3(x[0], x[step], x[2 * step]), middle_of_3(x[mid - step], x[mid], x[mid + step]),
                       middle_of_3(x[n - 1 - 2 * step], x[n - 1 - step], x[n - 1]));
}

/* The median of the medians of five: at least 3/10 of the values lie on either side, so the rest shrinks
 * whatever the input is. Moves the medians to the front of x. */
static double good_pivot(double *x, size_t n, size_t *work)
{
    size_t i, groups = n / 5;

    for (i = 0; i < groups; i++) {
        insertion_sort(x + 5 * i, 5);
        swap(&x[i], &x[5 * i + 2]);
    }
    *work += n;
    return tm_select_counted(x, groups, groups / 2, 0, work);
}

/* Hoare's partition: afterwards x[0 .. *left - 1] <= pivot <= x[*right .. n - 1] and whatever lies between
 * equals the pivot. The pivot is one of the values, so both scans meet a sentinel and stay inside. Stopping at
 * equal values keeps constant input balanced. */
static void partition(double *x, size_t n, double pivot, size_t *left, size_t *right)
{
    size_t i = 0, j = n;

    while (i < j) {
        while (x[i] < pivot)
            i++;
        while (x[j - 1] > pivot)
            j--;
        if (i < j)
            swap(&x[i++], &x[--j]);
    }
    *left = j;
    *right = i;
}

double tm_select_counted(double *x, size_t n, size_t k, size_t cheap, size_t *work)
{
    size_t left, right, spent = 0, small = 16; /* from 16 values down sorting is cheaper than another pivot */
    double pivot;

    if (k >= n)
        return NAN;
    while (n > small) {
        /* `cheap` bounds what bad luck with sampled pivots may cost before the guarantee sets in. */
        spent += n;
        *work += n;
        pivot = spent <= cheap ? cheap_pivot(x, n) : good_pivot(x, n, work);
        partition(x, n, pivot, &left, &right);
        /* The half that holds rank k goes on; k counts from its beginning. */
        if (k < left) {
            n = left;
        } else if (k >= right) {
            x += right;
            n -= right;
            k -= right;
        } else {
            return x[k];
        }
    }
    insertion_sort(x, n);
    *work += n;
    return x[k];
}

/* Eight looks at each value: sampled pivots need about three, so only hostile input ever gets the good, slow ones. */
double tm_select(double *x, size_t n, size_t k)
{
    size_t work = 0;

    return tm_select_counted(x, n, k, n > (size_t)-1 / 8 ? n : 8 * n, &work);
}

double tm_between(double a, double b, double f)
{
    double d = b - a;

    return isinf(d) ? a * (1.0 - f) + b * f : a + f * d;
}

double tm_percentile(double *x, size_t n, double p)
{
    double h, below, a, b;
    size_t i, k;

    if (n == 0 || !(p >= 0.0 && p <= 100.0))
        return NAN;
    /* Type 7: the n values lie evenly on 0 .. 100, p falls between two of them. */
    h = (double)(n - 1) * p / 100.0;
    below = floor(h);
    k = (size_t)below;
    a = tm_select(x, n, k);
    if (h - below == 0.0 || k + 1 >= n)
        return a;
    /* After the selection the next larger value is the least of those that follow. */
    b = x[k + 1];
    for (i = k + 2; i < n; i++)
        b = x[i] < b ? x[i] : b;
    return tm_between(a, b, h - below);
}

double tm_median(double *x, size_t n)
{
    return tm_percentile(x, n, 50.0);
}

double tm_mad(double *x, size_t n, double median)
{
    size_t i;

    for (i = 0; i < n; i++)
        x[i] = fabs(x[i] - median);
    return tm_median(x, n);
}

double tm_zscore(double x, double mean, double stdev)
{
    return stdev > 0.0 ? (x - mean) / stdev : NAN;
}

double tm_robust_z(double x, double median, double mad)
{
    return tm_zscore(x, median, TM_MAD_TO_SIGMA * mad);
}

/* Mid-rank: a value that ties with all others stands in the middle, whatever their number. */
double tm_percentile_rank(const double *x, size_t n, double v)
{
    size_t i, below = 0, equal = 0;

    if (n == 0)
        return NAN;
    /* Two passes: the deviations are small numbers, and their squares lose nothing to a large mean. */
    for (i = 0; i < n; i++) {
        below += x[i] < v;
        equal += x[i] == v;
    }
    return 100.0 * ((double)below + 0.5 * (double)equal) / (double)n;
}
