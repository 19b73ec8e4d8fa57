/* The yardstick of a series: median, scale and memory of its last 50 values, and the density that
 * they make likely. Everything is robust, because the values to be judged by it may already hold
 * what is being looked for: a spike that passed must widen nothing.
 *
 * The arrays are small (56 values at most), so plain loops on the stack beat anything cleverer,
 * and nothing here can fail. */
#include "analyze/baseline.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* 1 / (upper quartile of the standard normal): the MAD then estimates the standard deviation of
 * normal noise. */
static const double MAD_TO_SIGMA = 1.4826;

/* Width of a kernel, in scales: narrow enough to keep two modes apart, wide enough that fifty
 * values leave no holes between them. */
static const double BANDWIDTH = 0.6;

/* Weight of the broad kernel, three scales wide, for what was never seen. Without it a first
 * outlier would be infinitely unlikely, and one run could outweigh any threshold. */
static const double BROAD = 0.02;

/* Until a level has that many values it borrows the scale of the one before: that of fewer values
 * is mostly chance. */
enum { YOUNG = 20 };

/* What is taken for the autocorrelation before any value is known, and how many values that
 * weighs. Most nightly figures remember the night before, and fewer values than these cannot tell. */
static const double MEMORY = 0.2, MEMORY_WEIGHT = 10;

/* Insertion sort: nothing is faster for fifty values that are mostly in order. */
static void sort_ascending(double *v, int n)
{
    for (int i = 1; i < n; i++) {
        double x = v[i];
        int j = i;

        for (; j > 0 && v[j - 1] > x; j--)
            v[j] = v[j - 1];
        v[j] = x;
    }
}

double tm_baseline_median(const double *v, int n)
{
    double w[TM_BASELINE_MOST];

    assert(n > 0 && n <= TM_BASELINE_MOST);
    memcpy(w, v, (size_t)n * sizeof *w);
    sort_ascending(w, n);
    return n % 2 ? w[n / 2] : 0.5 * (w[n / 2 - 1] + w[n / 2]);
}

/* 1.4826 * MAD, from n >= 1 values in ascending order. The deviations below the median fall from
 * the first value on, those above it from the last one back: of two lists in order the middle one
 * is found by halving, and no second sort is needed.
 *
 * Of the `above` largest deviations, `low` lie at the front: as many as are larger than those at
 * the back that would take their place. */
static double spread(const double *sorted, int n, double median)
{
    int above = (n - 1) / 2, low = 0;

    for (int most = above; low < most;) {
        int middle = (low + most) / 2;

        if (median - sorted[middle] > sorted[n - above + middle] - median)
            low = middle + 1;
        else
            most = middle;
    }
    /* What is left runs from sorted[low] to sorted[high]: the largest deviation is at one of its
     * ends, and so is the next one. */
    int high = n - 1 - (above - low);
    double below = median - sorted[low], beyond = sorted[high] - median;
    double largest = below > beyond ? below : beyond;

    if (n % 2)
        return MAD_TO_SIGMA * largest;
    low += below > beyond;
    high -= !(below > beyond);
    below = median - sorted[low];
    beyond = sorted[high] - median;
    return MAD_TO_SIGMA * (0.5 * ((below > beyond ? below : beyond) + largest));
}

/* The scale to judge by. Never below the floor: no clock is quieter, and a MAD of 0 (more than
 * half equal) would make every value infinitely far. While the level is young, the share 1 -
 * n/20 of the scale before is kept as a lower bound. Then widened for what n values cannot know:
 * sqrt(1 + 2/n) for the median's own error and 1 + 1/n for the scale's. */
static double judging_scale(const struct tm_detector *s, double sigma, double floor)
{
    double n = s->n_base, scale = fmax(sigma, floor);

    /* A level of six equal values is no proof that the noise is gone. */
    if (s->scale_before > 0 && s->n_base < YOUNG)
        scale = fmax(scale, s->scale_before * (1 - n / YOUNG) + scale * n / YOUNG);
    return scale * sqrt(1 + 2 / n) * (1 + 1 / n);
}

/* Lag-1 autocorrelation, -1 .. 1, with deviations cut at two sigma, so that no outlier makes or
 * hides it, drawn towards MEMORY by what few values cannot tell. 0 where more than half of the
 * values are equal. v: 0 behind the n values. */
static double lag_one(const double v[TM_DETECTOR_BASELINE], int n, double median, double sigma)
{
    double products = 0, squares = 0, last = 0, off[TM_DETECTOR_BASELINE];

    if (sigma <= 0)
        return 0;
    /* A known number of divisions, which do not wait for one another: two at a time. */
    for (int i = 0; i < YOUNG; i++)
        off[i] = (v[i] - median) / sigma;
    for (int i = YOUNG; i < TM_DETECTOR_BASELINE && n > YOUNG; i++)
        off[i] = (v[i] - median) / sigma;
    for (int i = 0; i < n; i++) {
        double u = off[i] > 2 ? 2 : off[i] < -2 ? -2 : off[i];

        products += u * last;
        squares += u * u;
        last = u;
    }
    return (n * (squares > 0 ? products / squares : 0) + MEMORY_WEIGHT * MEMORY) / (n + MEMORY_WEIGHT);
}

/* Median and 1.4826 MAD of n >= 1 values in ascending order. */
static void location(const double *sorted, int n, double *median, double *sigma)
{
    *median = n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
    *sigma = spread(sorted, n, *median);
}

/* Of that place in the baseline: the value as measured, or without the run's part. */
static double value_at(const struct tm_detector *s, bool raw, int place)
{
    return raw ? s->base[place] : s->base[place] - s->base_common[place];
}

static void find_order(struct tm_order *order, const double *v, int n)
{
    order->n = (uint8_t)n;
    for (int i = 0; i < n; i++) {
        int j = i;

        for (; j > 0 && v[order->at[j - 1]] > v[i]; j--)
            order->at[j] = order->at[j - 1];
        order->at[j] = (uint8_t)i;
    }
}

static void in_order(const struct tm_order *order, const double *v, double sorted[TM_DETECTOR_BASELINE])
{
    for (int i = 0; i < order->n; i++)
        sorted[i] = v[order->at[i]];
}

/* The newest value, which has the last place. */
static void insert(struct tm_order *order, const struct tm_detector *s, bool raw)
{
    int low = 0, place = s->n_base - 1;
    double y = value_at(s, raw, place);

    for (int high = order->n; low < high;) {
        int middle = (low + high) / 2;

        if (value_at(s, raw, order->at[middle]) < y)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(order->at + low + 1, order->at + low, (size_t)(order->n - low));
    order->at[low] = (uint8_t)place;
    order->n++;
}

/* The first place goes, and all others move up. */
static void take_out_oldest(struct tm_order *order)
{
    int kept = 0;

    for (int i = 0; i < order->n; i++) {
        uint8_t place = order->at[i];

        order->at[kept] = (uint8_t)(place - 1);
        kept += place > 0;
    }
    order->n = (uint8_t)kept;
}

/* Values as measured get figures of their own only where some run had a part in common; else
 * they are the own values, and the second sort would tell the same. */
void tm_baseline_settle(struct tm_detector *s, double floor)
{
    double own[TM_DETECTOR_BASELINE] = {0}, sorted[TM_DETECTOR_BASELINE] = {0}, sigma;
    bool same = true;

    assert(s->n_base > 0);

    for (int i = 0; i < s->n_base; i++) {
        own[i] = s->base[i] - s->base_common[i];
        same = same && !(fabs(s->base_common[i]) > 0);
    }
    if (s->own.n != s->n_base)
        find_order(&s->own, own, s->n_base);
    in_order(&s->own, own, sorted);
    location(sorted, s->n_base, &s->median, &sigma);
    s->scale = judging_scale(s, sigma, floor);
    s->autocorrelation = lag_one(own, s->n_base, s->median, sigma);
    s->raw_median = s->median;
    s->raw_scale = s->scale;
    if (same) {
        s->raw.n = 0;
        return;
    }
    if (s->raw.n != s->n_base)
        find_order(&s->raw, s->base, s->n_base);
    in_order(&s->raw, s->base, sorted);
    location(sorted, s->n_base, &s->raw_median, &sigma);
    s->raw_scale = judging_scale(s, sigma, floor);
}

void tm_baseline_clear(struct tm_detector *s)
{
    s->n_base = s->own.n = s->raw.n = 0;
}

/* What is known in order is kept in order. */
void tm_baseline_add(struct tm_detector *s, double y, double common)
{
    bool own = s->own.n == s->n_base, raw = s->raw.n > 0 && s->raw.n == s->n_base;

    if (s->n_base == TM_DETECTOR_BASELINE) {
        if (own)
            take_out_oldest(&s->own);
        if (raw)
            take_out_oldest(&s->raw);
        s->n_base--;
        memmove(s->base, s->base + 1, (size_t)s->n_base * sizeof *s->base);
        memmove(s->base_common, s->base_common + 1, (size_t)s->n_base * sizeof *s->base_common);
    }
    s->base[s->n_base] = y;
    s->base_common[s->n_base++] = common;
    if (own)
        insert(&s->own, s, false);
    if (raw)
        insert(&s->raw, s, true);
}

void tm_past_of(struct tm_past *past, const struct tm_detector *s, bool raw)
{
    assert(s->n_base > 0 && s->scale > 0); /* the floor keeps every scale above 0 */
    past->n = s->n_base;
    past->median = raw ? s->raw_median : s->median;
    past->scale = raw ? s->raw_scale : s->scale;
    /* All places, also those behind the last value: a known number of divisions goes two at a time. */
    for (int i = 0; i < TM_DETECTOR_BASELINE; i++)
        past->z[i] = raw ? s->base[i] : s->base[i] - s->base_common[i];
    for (int i = 0; i < TM_DETECTOR_BASELINE; i++)
        past->z[i] = (past->z[i] - past->median) / past->scale;
}

/* Student's t density with 3 degrees of freedom, without its constant factor: it is in every
 * term of f0, and only ratios of f0 are used. */
static double t3(double r)
{
    double q = 1 + r * r / 3;

    return 1 / (q * q);
}

/* ln f0(z), f0 = 0.98 mean_j t3((z - z_j) / 0.6) + 0.02 (0.6 / 3) t3(z / 3); the factor 0.6 / 3
 * gives both kernels the same area. This is where a replay spends its time: two sums that do not
 * wait for each other let the processor overlap the divisions. Their order decides the last bit
 * of every verdict, so it stays. */
double tm_past_log_density(const struct tm_past *past, double z)
{
    double even = 0, odd = 0;
    int i = 0;

    for (; i + 1 < past->n; i += 2) {
        even += t3((z - past->z[i]) / BANDWIDTH);
        odd += t3((z - past->z[i + 1]) / BANDWIDTH);
    }
    if (i < past->n)
        even += t3((z - past->z[i]) / BANDWIDTH);
    return log((1 - BROAD) * (even + odd) / past->n + BROAD * BANDWIDTH / 3 * t3(z / 3));
}
