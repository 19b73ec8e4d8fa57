/* Trends in O(n log n). One idea serves both statistics: a merge sort sees every two that change places, so it counts them, and
 * lists them where they are few. */
#include "analyze/pairs.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "analyze/exact_sum.h"
#include "analyze/stats.h"

/* Frames of a window are short: listing all their slopes at once is quicker than any halving. */
enum { ALWAYS_LISTED = 32768, LISTED_PER_POINT = 4 };

/* So that a double counts the pairs. */
#define MOST_POINTS ((size_t)1 << 26)

/* No slope of magnitudes within the limits is beyond it, and its product with an x is finite. */
#define STEEPEST 1e170

struct item {
    double x, y;
    double high, low; /* what it is sorted by */
};

struct list {
    double *slopes;
    size_t n, capacity;
};

static size_t pairs_of(size_t n)
{
    return n < 2 ? 0 : n % 2 ? (n - 1) / 2 * n : n / 2 * (n - 1);
}

static size_t listed(size_t n)
{
    size_t pairs = pairs_of(n), some = LISTED_PER_POINT * n;
    size_t always = pairs < ALWAYS_LISTED ? pairs : ALWAYS_LISTED;
    return some > always ? some : always;
}

size_t tm_pairs_scratch(size_t n)
{
    size_t each = 3 * sizeof(struct item) + LISTED_PER_POINT * sizeof(double);
    if (n > MOST_POINTS || n > (SIZE_MAX - ALWAYS_LISTED * sizeof(double)) / each)
        return 0;
    return 3 * n * sizeof(struct item) + listed(n) * sizeof(double) + 1;
}

static int before(const struct item *a, const struct item *b)
{
    return a->high < b->high || (a->high == b->high && a->low < b->low);
}

static double slope_of(const struct item *a, const struct item *b)
{
    return (b->y - a->y) / (b->x - a->x);
}

/* Two sorted runs of a become one; equal items keep their order. How many pairs have changed places, which are listed if there is
 * a list. */
static uint64_t merge(struct item *a, size_t middle, size_t n, struct item *spare, struct list *list)
{
    uint64_t changed = 0;
    size_t left = 0, right = middle, to = 0, i;

    if (!before(&a[middle], &a[middle - 1]))
        return 0;
    memcpy(spare, a, middle * sizeof *a);
    while (left < middle && right < n) {
        if (!before(&a[right], &spare[left])) {
            a[to++] = spare[left++];
            continue;
        }
        for (i = left; list && i < middle && list->n < list->capacity; i++)
            list->slopes[list->n++] = slope_of(&spare[i], &a[right]);
        changed += middle - left;
        a[to++] = a[right++];
    }
    memcpy(a + to, spare + left, (middle - left) * sizeof *a);
    return changed;
}

static uint64_t sort(struct item *a, size_t n, struct item *spare, struct list *list)
{
    uint64_t changed = 0;
    size_t width, at;

    for (width = 1; width < n; width *= 2)
        for (at = 0; at + width < n; at += 2 * width)
            changed += merge(a + at, width, n - at < 2 * width ? n - at : 2 * width, spare, list);
    return changed;
}

/* In the order of x, and of y where that is equal. */
static void sort_points(struct item *a, const struct tm_point *points, size_t n, struct item *spare)
{
    size_t i;

    for (i = 0; i < n; i++)
        a[i] = (struct item){points[i].x, points[i].y, points[i].x, points[i].y};
    (void)sort(a, n, spare, NULL);
}

/* Sums over the groups of t equal keys. */
struct ties {
    double two, three, five; /* of t (t-1), t (t-1) (t-2), t (t-1) (2t+5) */
};

static struct ties ties_of(const struct item *a, size_t n, int with_low)
{
    struct ties sum = {0.0, 0.0, 0.0};
    size_t begin, end;

    for (begin = 0; begin < n; begin = end) {
        double t;

        for (end = begin + 1; end < n && a[end].high == a[begin].high && (!with_low || a[end].low == a[begin].low);)
            end++;
        t = (double)(end - begin);
        sum.two += t * (t - 1.0);
        sum.three += t * (t - 1.0) * (t - 2.0);
        sum.five += t * (t - 1.0) * (2.0 * t + 5.0);
    }
    return sum;
}

double tm_pairs_mann_kendall(const struct tm_point *points, size_t n, void *scratch)
{
    struct item *a = scratch, *spare = a + n;
    struct ties x, y, both;
    double m = (double)n, all = m * (m - 1.0), s, variance;
    size_t i;

    sort_points(a, points, n, spare);
    x = ties_of(a, n, 0);
    both = ties_of(a, n, 1);
    if (n < 2 || x.two == all)
        return NAN;
    for (i = 0; i < n; i++) {
        a[i].high = a[i].y;
        a[i].low = 0.0;
    }
    /* Those of equal x stand in the order of y, and do not change places. */
    s = -2.0 * (double)sort(a, n, spare, NULL);
    y = ties_of(a, n, 0);
    if (y.two == all)
        return 0.0;
    s += (all - x.two - y.two + both.two) / 2.0;
    variance = (all * (2.0 * m + 5.0) - x.five - y.five) / 18.0 + x.two * y.two / (2.0 * all);
    if (n > 2)
        variance += x.three * y.three / (9.0 * all * (m - 2.0));
    return (s - (s > 0.0) + (s < 0.0)) / sqrt(variance);
}

/* The slopes in [low, high), among which a rank is looked for. */
struct search {
    size_t n;
    struct item *at_low; /* in the order of y - low x: who changes places from there to another slope m, has a slope in [low, m) */
    struct item *at, *spare; /* the order at the slope that was tried last, room for merging */
    struct list list;
    double low, high;
    uint64_t below, within, all; /* slopes below low, in [low, high), and all that there are */
};

/* y - slope x in twice the precision: what points far from the origin have in common does not hide what they differ by. */
static void set_keys(struct item *a, size_t n, double slope)
{
    size_t i;

    for (i = 0; i < n; i++) {
        double product = slope * a[i].x;

        a[i].high = a[i].y;
        a[i].low = -product;
        tm_two_sum(&a[i].high, &a[i].low);
        a[i].low -= fma(slope, a[i].x, -product);
        tm_two_sum(&a[i].high, &a[i].low);
    }
}

/* How many slopes are in [low, slope). */
static uint64_t try_slope(struct search *s, double slope, struct list *list)
{
    memcpy(s->at, s->at_low, s->n * sizeof *s->at);
    set_keys(s->at, s->n, slope);
    return sort(s->at, s->n, s->spare, list);
}

/* [low, high) becomes what is above the slope that was tried last. passed: no more than up to the rank that is
 * looked for, so that s->below is never above it. */
static void go_above(struct search *s, double slope, uint64_t passed)
{
    struct item *there = s->at;

    s->at = s->at_low;
    s->at_low = there;
    s->low = slope;
    s->below += passed;
    s->within -= passed;
}

/* The doubles as whole numbers in the same order. */
static int64_t place_of(double value)
{
    int64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double value_at(int64_t place)
{
    double value;

    place = place < 0 ? INT64_MIN - place : place;
    memcpy(&value, &place, sizeof value);
    return value;
}

/* The double in the middle, by their number: low itself where they are neighbours. */
static double middle_of(double low, double high)
{
    int64_t from = place_of(low);
    return value_at(from + (int64_t)(((uint64_t)place_of(high) - (uint64_t)from) / 2));
}

/* One of those that are listed. Where rounding has put a slope out of [low, high), the nearest; low where it has put all. */
static double pick(struct search *s, uint64_t rank)
{
    uint64_t place = rank - s->below;

    if (s->list.n == 0)
        return s->low;
    return tm_select(s->list.slopes, s->list.n, place < s->list.n ? (size_t)place : s->list.n - 1);
}

/* The slope of this rank, which is not below low, among all. Afterwards [low, high) is listed, unless all that are in it are
 * equal. */
static double slope_of_rank(struct search *s, uint64_t rank)
{
    double middle;

    while (s->within > s->list.capacity && (middle = middle_of(s->low, s->high)) != s->low) {
        uint64_t passed = try_slope(s, middle, NULL);

        if (s->below + passed <= rank) {
            go_above(s, middle, passed);
        } else {
            s->high = middle;
            s->within = passed;
        }
    }
    s->list.n = 0;
    if (s->within > s->list.capacity)
        return s->low;
    (void)try_slope(s, s->high, &s->list);
    return pick(s, rank);
}

/* The slope of the next rank. */
static double slope_after(struct search *s, uint64_t rank, double slope)
{
    if (rank < s->below + s->within)
        return s->list.n > 0 ? pick(s, rank) : slope;
    /* As many as were counted before, which are up to this rank: rounding might count more from another low. */
    (void)try_slope(s, s->high, NULL);
    go_above(s, s->high, s->within);
    s->high = STEEPEST;
    s->within = s->all - s->below;
    return slope_of_rank(s, rank);
}

static double flushed(double value)
{
    return fabs(value) < TM_PAIRS_SMALLEST ? 0.0 : value;
}

double tm_pairs_slope(const struct tm_point *points, size_t n, void *scratch)
{
    struct search s = {.n = n, .list.capacity = listed(n), .at_low = scratch, .low = -STEEPEST, .high = STEEPEST};
    double slope, next;
    size_t i;

    s.at = s.at_low + n;
    s.spare = s.at + n;
    s.list.slopes = (double *)(s.spare + n);
    for (i = 0; i < n; i++) {
        double x = flushed(points[i].x), y = flushed(points[i].y);
        s.at_low[i] = (struct item){x, y, x, y};
    }
    (void)sort(s.at_low, n, s.spare, NULL);
    s.all = (uint64_t)(((double)n * ((double)n - 1.0) - ties_of(s.at_low, n, 0).two) / 2.0);
    s.within = s.all;
    if (s.all == 0)
        return NAN;
    slope = slope_of_rank(&s, (s.all - 1) / 2);
    next = s.all % 2 ? slope : slope_after(&s, s.all / 2, slope);
    return tm_interpolate(slope, next, 0.5);
}
