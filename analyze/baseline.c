#include "analyze/baseline.h"

#include <math.h>
#include <string.h>

static const double MAD_TO_SIGMA = 1.4826;
static const double BANDWIDTH = 0.6;
static const double BROAD = 0.02;
enum { YOUNG = 20 }; /* until a level has that many values it borrows the scale of the one before */

static void sort(double *v, int n)
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

    memcpy(w, v, (size_t)n * sizeof *w);
    sort(w, n);
    return n % 2 ? w[n / 2] : 0.5 * (w[n / 2 - 1] + w[n / 2]);
}

/* 1.4826 * MAD, from values in ascending order: the deviations grow on either side of the median, so they merge. */
static double spread(const double *sorted, int n, double median)
{
    double deviation[TM_DETECTOR_BASELINE] = {0};
    int low = 0, high, out = n - 1;

    high = n - 1;
    while (low <= high) {
        double below = median - sorted[low], above = sorted[high] - median;

        if (below > above) {
            deviation[out--] = below;
            low++;
        } else {
            deviation[out--] = above;
            high--;
        }
    }
    return MAD_TO_SIGMA * (n % 2 ? deviation[n / 2] : 0.5 * (deviation[n / 2 - 1] + deviation[n / 2]));
}

/* The scale to judge by: never below the floor, borrowed while the level is young, widened for what n values cannot know. */
static double judging_scale(const struct tm_detector *s, double sigma, double floor)
{
    double n = s->n_base, scale = fmax(sigma, floor);

    if (s->scale_before > 0 && s->n_base < YOUNG)
        scale = fmax(scale, s->scale_before * (1 - n / YOUNG) + scale * n / YOUNG);
    return scale * sqrt(1 + 2 / n) * (1 + 1 / n);
}

/* Lag-1 autocorrelation with deviations cut at two sigma, so that no outlier makes or hides it. */
static double neighbours(const double *v, int n, double median, double sigma)
{
    double products = 0, squares = 0, last = 0;

    if (n < YOUNG || sigma <= 0)
        return 0;
    for (int i = 0; i < n; i++) {
        double u = fmax(-2, fmin(2, (v[i] - median) / sigma));

        products += u * last;
        squares += u * u;
        last = u;
    }
    return squares > 0 ? products / squares : 0;
}

static void location(const double *v, int n, double *median, double *sigma)
{
    double w[TM_DETECTOR_BASELINE];

    memcpy(w, v, (size_t)n * sizeof *w);
    sort(w, n);
    *median = n % 2 ? w[n / 2] : 0.5 * (w[n / 2 - 1] + w[n / 2]);
    *sigma = spread(w, n, *median);
}

void tm_baseline_settle(struct tm_detector *s, double floor)
{
    double own[TM_DETECTOR_BASELINE] = {0}, sigma;
    bool same = true;

    for (int i = 0; i < s->n_base; i++) {
        own[i] = s->base[i] - s->base_common[i];
        same = same && !(fabs(s->base_common[i]) > 0);
    }
    location(own, s->n_base, &s->median, &sigma);
    s->scale = judging_scale(s, sigma, floor);
    s->autocorrelation = neighbours(own, s->n_base, s->median, sigma);
    s->raw_median = s->median;
    s->raw_scale = s->scale;
    if (same)
        return;
    location(s->base, s->n_base, &s->raw_median, &sigma);
    s->raw_scale = judging_scale(s, sigma, floor);
}

void tm_baseline_add(struct tm_detector *s, double y, double common)
{
    if (s->n_base == TM_DETECTOR_BASELINE) {
        s->n_base--;
        memmove(s->base, s->base + 1, (size_t)s->n_base * sizeof *s->base);
        memmove(s->base_common, s->base_common + 1, (size_t)s->n_base * sizeof *s->base_common);
    }
    s->base[s->n_base] = y;
    s->base_common[s->n_base++] = common;
}

void tm_past_of(struct tm_past *past, const struct tm_detector *s, bool raw)
{
    past->n = s->n_base;
    past->median = raw ? s->raw_median : s->median;
    past->scale = raw ? s->raw_scale : s->scale;
    for (int i = 0; i < past->n; i++)
        past->z[i] = (s->base[i] - (raw ? 0 : s->base_common[i]) - past->median) / past->scale;
}

static double t3(double r)
{
    double q = 1 + r * r / 3;

    return 1 / (q * q);
}

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
