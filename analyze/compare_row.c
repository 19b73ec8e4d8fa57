/* What the data say of one plugin and metric: which test, and what that makes of it in the metric's unit. */
#include <math.h>
#include <string.h>

#include "analyze/callshift.h"
#include "analyze/compare_row.h"
#include "analyze/detector.h"
#include "analyze/proportions.h"
#include "analyze/stats.h"

/* No side is taken to be quieter than 0.2 % of its level: rounded and quantised values are equal to the last digit, and a
 * standard deviation of 0 would make every difference infinitely sure. */
static const double QUIET = 0.002;

/* Why a row cannot be told. */
static const char *const ONE_A_SIDE = "one run a side, and fewer than 6 runs of history to know its noise from";
static const char *const FEW = "too few runs a side, and fewer than 6 runs of history to know their noise from";
static const char *const CLOCKS = "the CPU times were taken with different clocks";

/* What a row is made from. The arrays are in units of y. */
struct sample {
    const struct tm_compare_metric *metric;
    const struct tm_compare_plugin *plugin;
    const struct tm_compare_series *series;
    double *y[TM_COMPARE_OF];
    struct tm_shift shift;
    size_t nights;
    bool singles; /* the shift is of these */
};

static double median_of_copy(const double *x, size_t n, double *scratch)
{
    if (n > 0)
        memcpy(scratch, x, n * sizeof *x);
    return tm_median(scratch, n);
}

void tm_compare_find_medians(struct tm_comparison *c, double *scratch)
{
    for (size_t i = 0; i < c->n_series; i++)
        for (int side = 0; side < TM_SIDES; side++)
            c->series[i].median[side] = median_of_copy(c->series[i].of[side], c->series[i].n[side], scratch);
}

/* ---- what the data say ---- */

/* Of runs, or (from TM_COMPARE_SINGLE_A on) of the values within one. */
static bool has_repeats(const struct tm_compare_series *series, enum tm_compare_of from)
{
    return series->n[from] >= TM_REPEATS && series->n[from + 1] >= TM_REPEATS;
}

/* Whose values know the noise of a single one: the past; else a side that is long enough to be one. */
void tm_compare_find_noise(struct tm_comparison *c, struct tm_compare_series *series, double *y)
{
    static const enum tm_compare_of tried[] = {TM_COMPARE_PAST, TM_COMPARE_A, TM_COMPARE_B};
    struct tm_compare_metric *metric = &c->metrics[series->metric];
    if (metric->rule.kind == TM_METRIC_ERRORS || has_repeats(series, TM_COMPARE_A))
        return;
    for (size_t i = 0; i < sizeof tried / sizeof *tried && !(series->noise.scale > 0); i++) {
        for (size_t j = 0; j < series->n[tried[i]]; j++)
            y[j] = tm_to_y(&metric->rule, series->of[tried[i]][j]);
        series->noise = tm_night_noise(y, series->n[tried[i]], &metric->tails);
    }
}

static int shift_of_repeats(struct sample *s, enum tm_compare_of from, double needed)
{
    const size_t *n = s->series->n;
    return tm_shift_repeats(s->y[from], n[from], s->y[from + 1], n[from + 1], QUIET, needed, &s->shift);
}

static struct tm_shift shift_of_calls(const struct sample *s)
{
    static const double NS = 1e6; /* of a millisecond */
    const struct tm_sketch *a = &s->plugin->latency[TM_COMPARE_A], *b = &s->plugin->latency[TM_COMPARE_B];
    if (s->metric->quantile > 0)
        return tm_shift_of_quantile(a, b, s->metric->quantile);
    if (strcmp(s->metric->rule.name, "wall_per_call_ms") == 0)
        return tm_shift_of_mean(a, NS * exp(s->y[TM_COMPARE_A][0]), b, NS * exp(s->y[TM_COMPARE_B][0]));
    return tm_shift_unknown();
}

/* Failures are counted. Where the past says that a night has a rate of its own, and that makes it less sure, it counts. */
static void find_error_shift(struct sample *s, double *scratch)
{
    const struct tm_compare_plugin *plugin = s->plugin;
    const struct tm_proportion a = {plugin->errors[TM_COMPARE_A], plugin->calls[TM_COMPARE_A]};
    const struct tm_proportion b = {plugin->errors[TM_COMPARE_B], plugin->calls[TM_COMPARE_B]};
    size_t n = s->series->n[TM_COMPARE_PAST];
    s->shift = tm_shift_of_counts(a, b);
    if (n < TM_DETECTOR_NEEDED || isnan(s->shift.p))
        return;
    double middle = median_of_copy(s->y[TM_COMPARE_PAST], n, scratch);
    memcpy(scratch, s->y[TM_COMPARE_PAST], n * sizeof *scratch);
    double scale = TM_MAD_TO_SIGMA * tm_mad(scratch, n, middle);
    struct tm_shift known =
        tm_shift_known(s->shift.shift, s->series->n[TM_COMPARE_A], s->series->n[TM_COMPARE_B], scale, n, tm_tails[0]);
    if (known.p > s->shift.p) {
        s->shift = known;
        s->nights = n;
    }
}

/* 0, or -1 without memory. needed: with this p the row counts even if no other one does. scratch: room for the longest list of
 * values. */
static int find_shift(struct sample *s, double needed, double *scratch)
{
    const struct tm_compare_series *series = s->series;
    size_t n_a = series->n[TM_COMPARE_A], n_b = series->n[TM_COMPARE_B];
    if (s->metric->cpu_time && s->plugin->clocks_differ)
        return 0;
    if (has_repeats(series, TM_COMPARE_A))
        return shift_of_repeats(s, TM_COMPARE_A, needed);
    if (s->metric->rule.kind == TM_METRIC_ERRORS) {
        find_error_shift(s, scratch);
        return 0;
    }
    if (series->noise.scale > 0) {
        double a = median_of_copy(s->y[TM_COMPARE_A], n_a, scratch), b = median_of_copy(s->y[TM_COMPARE_B], n_b, scratch);
        s->nights = series->noise.known;
        s->shift = tm_shift_known(b - a, n_a, n_b, series->noise.scale, s->nights, tm_tail_of(&s->metric->tails));
    } else if (n_a == 1 && n_b == 1 && has_repeats(series, TM_COMPARE_SINGLE_A)) {
        s->singles = true;
        return shift_of_repeats(s, TM_COMPARE_SINGLE_A, needed);
    } else if (n_a == 1 && n_b == 1) {
        s->shift = shift_of_calls(s);
    }
    return 0;
}

/* ---- in the metric's unit ---- */

double tm_compare_value_at(const struct tm_metric_rule *rule, double a, double shift)
{
    return tm_from_y(rule, tm_to_y(rule, a) + shift);
}

double tm_compare_share_of(const struct tm_metric_rule *rule, double amount, double of)
{
    double least = rule->kind == TM_METRIC_GROWTH ? rule->scale : 0;
    return fabs(of) > least ? amount / fabs(of) : NAN;
}

/* The interval holds the difference of the medians, from which that of the test may lie a little off. */
static void tell_shift(struct tm_compared *row, const struct tm_metric_rule *rule, const struct tm_shift *shift)
{
    double a = row->value[TM_COMPARE_A];
    row->basis = shift->basis;
    row->p = shift->p;
    row->difference = row->value[TM_COMPARE_B] - a;
    row->change = tm_compare_share_of(rule, row->difference, a);
    if (isnan(shift->low))
        return;
    double one = tm_compare_value_at(rule, a, shift->low) - a, other = tm_compare_value_at(rule, a, shift->high) - a;
    row->low = fmin(fmin(one, other), row->difference);
    row->high = fmax(fmax(one, other), row->difference);
    row->change_low = tm_compare_share_of(rule, row->low, a);
    row->change_high = tm_compare_share_of(rule, row->high, a);
}

static void set_values(struct tm_compared *row, const struct sample *s)
{
    for (int side = 0; side < TM_SIDES; side++) {
        bool counted = s->metric->rule.kind == TM_METRIC_ERRORS && s->plugin->calls[side] > 0;
        row->n[side] = s->series->n[s->singles ? TM_COMPARE_SINGLE_A + side : side];
        row->value[side] = counted ? s->plugin->errors[side] / s->plugin->calls[side] : s->series->median[side];
    }
}

static const char *why_unknown(const struct sample *s)
{
    if (s->metric->cpu_time && s->plugin->clocks_differ)
        return CLOCKS;
    return s->series->n[TM_COMPARE_A] == 1 && s->series->n[TM_COMPARE_B] == 1 ? ONE_A_SIDE : FEW;
}

int tm_compare_row(const struct tm_comparison *c, const struct tm_compare_series *series, double needed, double *scratch,
                   struct tm_compared *row, struct tm_shift *shift)
{
    struct sample s = {&c->metrics[series->metric], &c->plugins[series->plugin], series, {0}, tm_shift_unknown(), 0, false};
    double *room = scratch;
    for (int of = 0; of < TM_COMPARE_OF; of++) {
        s.y[of] = room;
        for (size_t i = 0; i < series->n[of]; i++)
            *room++ = tm_to_y(&s.metric->rule, series->of[of][i]);
    }
    *row = (struct tm_compared){.name = s.plugin->name, .plugin = series->plugin, .metric = series->metric};
    row->low = row->high = row->change_low = row->change_high = row->sees = row->sees_amount = row->q = row->slower = NAN;
    if (find_shift(&s, needed, room) != 0)
        return -1;
    set_values(row, &s);
    tell_shift(row, &s.metric->rule, &s.shift);
    if (strncmp(s.metric->rule.name, "wall_", strlen("wall_")) == 0)
        row->slower = tm_slower_calls(&s.plugin->latency[TM_COMPARE_A], &s.plugin->latency[TM_COMPARE_B]);
    row->singles = s.singles;
    row->nights = s.shift.basis == TM_BASIS_HISTORY ? s.nights : 0;
    row->why = isnan(s.shift.p) ? why_unknown(&s) : NULL;
    *shift = s.shift;
    return 0;
}
