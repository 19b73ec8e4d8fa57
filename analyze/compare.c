/* One row for each plugin and metric that both sides have, in three steps: what the data say of it alone; which of all rows count
 * as found, when so many are looked at; and what that makes of each. */
#include "analyze/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/callshift.h"
#include "analyze/detector.h"
#include "analyze/discovery.h"
#include "analyze/proportions.h"
#include "analyze/rules.h"
#include "analyze/stats.h"
#include "base/array.h"

/* No side is taken to be quieter than 0.2 % of its level: rounded and quantised values are equal to the last digit, and a
 * standard deviation of 0 would make every difference infinitely sure. */
static const double QUIET = 0.002;

static const double USUAL = 0.1; /* a change that "same" rules out, where no other is set: 10 % */

/* Why a row cannot be told. */
static const char *const ONE_A_SIDE = "one run a side, and fewer than 6 runs of history to know its noise from";
static const char *const FEW = "too few runs a side, and fewer than 6 runs of history to know their noise from";
static const char *const CLOCKS = "the CPU times were taken with different clocks";
static const char *const NOISY = "noise hides changes of that size";

const char *tm_change_class_name(enum tm_change_class class)
{
    static const char *const names[TM_CHANGE_CLASSES] = {[TM_CHANGE_UNKNOWN] = "too little data",
                                                         [TM_CHANGE_NONE] = "same",
                                                         [TM_CHANGE_BETTER] = "better",
                                                         [TM_CHANGE_EITHER] = "changed",
                                                         [TM_CHANGE_WORSE] = "worse"};
    return names[class];
}

const char *tm_basis_name(enum tm_basis basis)
{
    static const char *const names[] = {
        [TM_BASIS_NONE] = "",           [TM_BASIS_RANKS] = "rank sum", [TM_BASIS_WELCH] = "Welch's t",
        [TM_BASIS_HISTORY] = "history", [TM_BASIS_CALLS] = "calls",    [TM_BASIS_COUNTS] = "counts"};
    return names[basis];
}

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

/* ---- what the data say ---- */

/* Whose values know the noise of a single one: the past; else a side that is long enough to be one. */
static void find_noise(struct tm_comparison *c, struct tm_compare_series *series, double *y)
{
    static const enum tm_compare_of tried[] = {TM_COMPARE_PAST, TM_COMPARE_A, TM_COMPARE_B};
    struct tm_compare_metric *metric = &c->metrics[series->metric];
    if (metric->rule.kind == TM_METRIC_ERRORS)
        return;
    for (size_t i = 0; i < sizeof tried / sizeof *tried && !(series->noise.scale > 0); i++) {
        for (size_t j = 0; j < series->n[tried[i]]; j++)
            y[j] = tm_to_y(&metric->rule, series->of[tried[i]][j]);
        series->noise = tm_night_noise(y, series->n[tried[i]], &metric->tails);
    }
}

/* Of runs, or (from TM_COMPARE_SINGLE_A on) of the values within one. */
static bool has_repeats(const struct tm_compare_series *series, enum tm_compare_of from)
{
    return series->n[from] >= TM_REPEATS && series->n[from + 1] >= TM_REPEATS;
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

/* 0, or -1 without memory. needed: the p that an only row must have to count, when so many are looked at. scratch: room for the
 * longest list of values. */
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

/* b's value, were it that far from a's. */
static double value_at(const struct tm_metric_rule *rule, double a, double shift)
{
    return tm_from_y(rule, tm_to_y(rule, a) + shift);
}

/* An amount as a share of a level; NAN where the level is none to speak of. */
static double share_of(const struct tm_metric_rule *rule, double amount, double of)
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
    row->change = share_of(rule, row->difference, a);
    if (isnan(shift->low))
        return;
    double one = value_at(rule, a, shift->low) - a, other = value_at(rule, a, shift->high) - a;
    row->low = fmin(fmin(one, other), row->difference);
    row->high = fmax(fmax(one, other), row->difference);
    row->change_low = share_of(rule, row->low, a);
    row->change_high = share_of(rule, row->high, a);
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

/* ---- all of them ---- */

static bool is_compared(const struct tm_comparison *c, const struct tm_compare_series *series)
{
    return c->metrics[series->metric].wanted && series->n[TM_COMPARE_A] > 0 && series->n[TM_COMPARE_B] > 0;
}

/* Room for the values of the longest series in units of y, and once more to sort in. */
static size_t longest(const struct tm_comparison *c)
{
    size_t most = 0;
    for (size_t i = 0; i < c->n_series; i++) {
        const size_t *n = c->series[i].n;
        size_t all = 0;
        for (int of = 0; of < TM_COMPARE_OF; of++)
            all += n[of];
        most = all > most ? all : most;
    }
    return most;
}

static int make_row(const struct tm_comparison *c, const struct tm_compare_series *series, double needed, double *scratch,
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

/* Does the interval rule out a change that matters? Of shares of failures an amount is a share already; of what is 0 on the one
 * side nobody can say what matters. */
static bool rules_out(const struct tm_comparison *c, const struct tm_compared *row)
{
    const struct tm_metric_rule *rule = &c->metrics[row->metric].rule;
    double limit = c->fail_above > 0 ? c->fail_above : USUAL, furthest = fmax(fabs(row->low), fabs(row->high));
    if (rule->kind == TM_METRIC_ERRORS)
        return furthest <= limit;
    if (isnan(row->change_low))
        return furthest <= fmax(rule->scale, rule->floor);
    return fmax(fabs(row->change_low), fabs(row->change_high)) <= limit;
}

/* A shift for the worse is one up in y. */
static void classify(const struct tm_comparison *c, struct tm_compared *row, const struct tm_shift *shift)
{
    const struct tm_metric_rule *rule = &c->metrics[row->metric].rule;
    double a = row->value[TM_COMPARE_A], smallest = tm_shift_smallest(shift, c->bound);
    row->sees_amount = fabs(value_at(rule, a, smallest) - a);
    row->sees = share_of(rule, row->sees_amount, a);
    if (row->q <= c->share && !rule->either)
        row->class = shift->shift > 0 ? TM_CHANGE_WORSE : TM_CHANGE_BETTER;
    else if (row->q <= c->share)
        row->class = TM_CHANGE_EITHER;
    else
        row->class = rules_out(c, row) ? TM_CHANGE_NONE : TM_CHANGE_UNKNOWN;
    if (row->class == TM_CHANGE_UNKNOWN && !row->why)
        row->why = NOISY;
    row->fails =
        row->class == TM_CHANGE_WORSE && !isnan(c->fail_above) && (isnan(row->change) || fabs(row->change) > c->fail_above);
}

/* What matters first: of what is told the largest share, of the rest the least likely. Then by name. */
static double weight(const struct tm_compared *row)
{
    if (row->class > TM_CHANGE_NONE)
        return isnan(row->change) ? 0 : fabs(row->change);
    return isnan(row->p) ? -2 : -row->p;
}

static int by_weight(const void *a, const void *b)
{
    const struct tm_compared *x = a, *y = b;
    if (x->class != y->class)
        return x->class < y->class ? 1 : -1;
    if (weight(x) < weight(y) || weight(x) > weight(y))
        return weight(x) < weight(y) ? 1 : -1;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->metric > y->metric) - (x->metric < y->metric);
}

static void sum_up(struct tm_comparison *c)
{
    for (size_t m = 0; m < c->n_metrics; m++)
        c->sums[m].geometric_mean = 0;
    for (size_t i = 0; i < c->n_rows; i++) {
        const struct tm_compared *row = &c->rows[i];
        struct tm_compared_metric *sum = &c->sums[row->metric];
        sum->of[row->class]++;
        c->of[row->class]++;
        c->failing += row->fails;
        const struct tm_metric_rule *rule = &c->metrics[row->metric].rule;
        double least = rule->kind == TM_METRIC_GROWTH ? rule->scale : 0;
        if (row->value[TM_COMPARE_A] > least && row->value[TM_COMPARE_B] > least) {
            sum->both++;
            sum->geometric_mean += log(row->value[TM_COMPARE_B] / row->value[TM_COMPARE_A]);
        }
    }
    for (size_t m = 0; m < c->n_metrics; m++)
        c->sums[m].geometric_mean = c->sums[m].both ? exp(c->sums[m].geometric_mean / (double)c->sums[m].both) : NAN;
}

static void find_medians(struct tm_comparison *c, double *scratch)
{
    for (size_t i = 0; i < c->n_series; i++)
        for (int side = 0; side < TM_SIDES; side++)
            c->series[i].median[side] = median_of_copy(c->series[i].of[side], c->series[i].n[side], scratch);
}

static void find_noises(struct tm_comparison *c, double *scratch)
{
    for (size_t i = 0; i < c->n_series; i++)
        if (is_compared(c, &c->series[i]) && !has_repeats(&c->series[i], TM_COMPARE_A))
            find_noise(c, &c->series[i], scratch);
}

/* The rows with their shifts and p. */
static int make_rows(struct tm_comparison *c, struct tm_shift *shifts, double *scratch)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_series; i++)
        n += is_compared(c, &c->series[i]);
    double needed = n ? c->share / (double)n : c->share;
    for (size_t i = 0; i < c->n_series; i++) {
        if (!is_compared(c, &c->series[i]))
            continue;
        if (make_row(c, &c->series[i], needed, scratch, &c->rows[c->n_rows], &shifts[c->n_rows]) != 0)
            return -1;
        c->n_rows++;
    }
    return 0;
}

/* Their q, with a plugin's metrics as a family; and the p that a comparison must have to count by itself. */
static int find_discoveries(struct tm_comparison *c)
{
    size_t n = c->n_rows, known = 0, counted;
    double *p = calloc(2 * n + 1, sizeof *p), *q = p + n; /* + 1: none is no failure */
    size_t *family = calloc(n + 1, sizeof *family);
    int result = p && family ? 0 : -1;
    for (size_t i = 0; i < n && result == 0; i++) {
        p[i] = c->rows[i].p;
        family[i] = c->rows[i].plugin;
        known += isnan(p[i]) ? 0 : 1;
    }
    if (result == 0)
        result = tm_false_discovery_of_families(p, family, n, c->n_plugins, c->share, q, &counted);
    for (size_t i = 0; i < n && result == 0; i++)
        c->rows[i].q = q[i];
    if (result == 0)
        c->bound = known ? c->share * (double)(counted ? counted : 1) / (double)known : c->share;
    free(p);
    free(family);
    return result;
}

int tm_compare(struct tm_comparison *c)
{
    size_t n = c->n_series + 1; /* + 1: none is no failure */
    struct tm_shift *shifts = calloc(n, sizeof *shifts);
    double *scratch = calloc(2 * longest(c) + 1, sizeof *scratch);
    c->rows = calloc(n, sizeof *c->rows);
    c->sums = calloc(c->n_metrics + 1, sizeof *c->sums);
    int result = shifts && scratch && c->rows && c->sums ? 0 : -1;
    if (result == 0) {
        find_medians(c, scratch);
        find_noises(c, scratch);
        result = make_rows(c, shifts, scratch);
    }
    if (result == 0)
        result = find_discoveries(c);
    for (size_t i = 0; i < c->n_rows && result == 0; i++)
        classify(c, &c->rows[i], &shifts[i]);
    if (result == 0) {
        sum_up(c);
        qsort(c->rows, c->n_rows, sizeof *c->rows, by_weight);
    }
    free(shifts);
    free(scratch);
    return result;
}
