/* One metric of one plugin as a series: its newest values, with or without what their runs had in common, their middle and spread,
 * and whether they got from one level to the next in a step or climbed. */
#include <math.h>
#include <string.h>

#include "analyze/stats.h"
#include "report/findings/symptoms.h"

/* Two passes: backwards to where the newest values begin, then forwards. */
struct tm_values tm_values_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t from,
                              size_t to, size_t most)
{
    struct tm_values s = {.n = 0};
    size_t first = to, n = 0;
    for (; first > from && n < most; first--)
        n += isnan(tm_report_value(report, plugin, metric, first - 1)) ? 0 : 1;
    for (size_t run = first; run < to; run++) {
        double value = tm_report_value(report, plugin, metric, run);
        if (isnan(value))
            continue;
        s.x[s.n] = value;
        s.run[s.n++] = run;
    }
    return s;
}

/* As the judge corrects: of what a value is away from the usual one, the run's factor explains at
 * most all, and nothing on the other side. Times only. */
struct tm_values tm_values_corrected(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t from,
                                     size_t to, size_t most, double usual)
{
    struct tm_values s = tm_values_of(report, plugin, metric, from, to, most);
    if (isnan(usual))
        usual = tm_values_median(&s);
    const struct tm_report_metric *m = metric >= 0 ? &report->metrics[metric] : NULL;
    bool time = m && m->kind == TM_METRIC_RATIO && strcmp(m->unit, "ms") == 0;
    for (size_t i = 0; i < s.n && time; i++) {
        double factor = report->runs[s.run[i]].factor, common = isnan(factor) ? 0 : log1p(factor);
        double away = s.x[i] > 0 && usual > 0 ? log(s.x[i] / usual) : 0;
        s.x[i] *= exp(common > 0 ? -fmin(fmax(away, 0), common) : -fmax(fmin(away, 0), common));
    }
    return s;
}

double tm_values_median(const struct tm_values *excerpt)
{
    struct tm_values copy = *excerpt;
    return tm_median(copy.x, copy.n);
}

double tm_values_scale(const struct tm_values *excerpt)
{
    struct tm_values copy = *excerpt;
    return TM_MAD_TO_SIGMA * tm_mad(copy.x, copy.n, tm_values_median(excerpt));
}

/* From the first to the third quartile, as a share of the median. */
double tm_values_middle_half(const struct tm_values *excerpt)
{
    struct tm_values copy = *excerpt;
    double low = tm_percentile(copy.x, copy.n, 25), high = tm_percentile(copy.x, copy.n, 75);
    return (high - low) / tm_values_median(excerpt);
}

/* Changes nothing, and says false, where a value has none. */
bool tm_values_to_logarithms(struct tm_values *excerpt)
{
    for (size_t i = 0; i < excerpt->n; i++)
        if (!(excerpt->x[i] > 0))
            return false;
    for (size_t i = 0; i < excerpt->n; i++)
        excerpt->x[i] = log(excerpt->x[i]);
    return excerpt->n > 0;
}

enum { SIDE = 3 }; /* values that a level needs: the median of three shrugs off one that is odd */

/* A climb has to leave less than that of what the best step leaves, for its line has one more end to choose: docs/methods.md says
 * how often it is then right. */
static const double CLEARLY = 0.9;

static const double TWO_CLEARLY = 0.8; /* the same of two steps, which have one more level to choose */
static const double LEAST_STEP = 0.25; /* of both steps together: less is noise beside the other */

/* What is needed of every place to try: the medians of all up to it, and of all from it on. */
struct levels {
    double up_to[TM_CLIMB_MOST], from[TM_CLIMB_MOST];
};

static double median_of(const double *y, size_t n)
{
    double copy[TM_CLIMB_MOST];
    memcpy(copy, y, n * sizeof *copy);
    return tm_median(copy, n);
}

/* O(n^2 log n) once, so that trying all places costs a sum each. */
static void find_levels(const double *y, size_t n, struct levels *levels)
{
    for (size_t i = 0; i < n; i++) {
        levels->up_to[i] = median_of(y, i + 1);
        levels->from[i] = median_of(y + i, n - i);
    }
}

/* Sum of absolute residuals with levels up to y[first] and from y[last] on, and a straight line between. */
static double misfit(const double *y, size_t n, const struct levels *levels, size_t first, size_t last)
{
    double before = levels->up_to[first], after = levels->from[last], sum = 0;
    for (size_t i = 0; i < n; i++) {
        double part = i <= first ? 0 : i >= last ? 1 : (double)(i - first) / (double)(last - first);
        sum += fabs(y[i] - tm_interpolate(before, after, part));
    }
    return sum;
}

/* Sum of absolute residuals with three levels: up to y[first], between, and from y[last] on;
 * *middle is the one between. */
static double misfit_of_two(const double *y, size_t n, const struct levels *levels, size_t first, size_t last, double *middle)
{
    double sum = 0;
    *middle = median_of(y + first + 1, last - first - 1);
    for (size_t i = 0; i < n; i++)
        sum += fabs(y[i] - (i <= first ? levels->up_to[first] : i >= last ? levels->from[last] : *middle));
    return sum;
}

/* The best two steps the same way, each at least LEAST_STEP of both; INFINITY: there are none. */
static double best_two_steps(const double *y, size_t n, const struct levels *levels, struct tm_climb *steps)
{
    double best = INFINITY, middle;
    for (size_t first = SIDE - 1; first + 2 * SIDE < n; first++)
        for (size_t last = first + SIDE + 1; last + SIDE <= n; last++) {
            double this = misfit_of_two(y, n, levels, first, last, &middle);
            double part = (middle - levels->up_to[first]) / (levels->from[last] - levels->up_to[first]);
            if (!(part >= LEAST_STEP && part <= 1 - LEAST_STEP) || this >= best)
                continue;
            best = this;
            *steps = (struct tm_climb){first, last, levels->up_to[first], levels->from[last]};
        }
    return best;
}

/* A step is a line of one run; all courses are tried at all places. Two steps are only looked
 * for where a line beats one. */
enum tm_course tm_find_course(const double *y, size_t n, struct tm_climb *climb)
{
    struct levels levels;
    struct tm_climb steps = {0};
    double step = INFINITY, line = INFINITY;
    if (n > TM_CLIMB_MOST)
        y += n - TM_CLIMB_MOST, n = TM_CLIMB_MOST;
    find_levels(y, n, &levels);
    for (size_t first = SIDE - 1; first + SIDE < n; first++) {
        step = fmin(step, misfit(y, n, &levels, first, first + 1));
        for (size_t last = first + TM_CLIMB_LEAST; last + SIDE <= n; last++) {
            double this = misfit(y, n, &levels, first, last);
            if (this < line) {
                line = this;
                *climb = (struct tm_climb){first, last, levels.up_to[first], levels.from[last]};
            }
        }
    }
    if (!(line < step))
        return TM_STEP;
    double two = best_two_steps(y, n, &levels, &steps);
    if (two < TWO_CLEARLY * step && two < line) {
        *climb = steps;
        return TM_TWO_STEPS;
    }
    return line < CLEARLY * step ? TM_CLIMB : TM_STEP;
}
