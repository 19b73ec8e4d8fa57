/* All rows of a comparison. First the data say of each row alone how far its sides are apart. Then the number of rows decides which
 * of these differences count. Last, each row gets its class. */
#include "analyze/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/compare_row.h"
#include "analyze/discovery.h"

static const double USUAL = 0.1; /* a change that "same" rules out, where no other is set: 10 % */

static const char *const NOISY = "noise hides changes of that size"; /* why such a row cannot be told */

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
    row->sees_amount = fabs(tm_compare_value_at(rule, a, smallest) - a);
    row->sees = tm_compare_share_of(rule, row->sees_amount, a);
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
    bool told = x->class > TM_CHANGE_NONE || y->class > TM_CHANGE_NONE; /* what is not told is of one kind, here */
    if (told && x->class != y->class)
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
        if (tm_compare_row(c, &c->series[i], needed, scratch, &c->rows[c->n_rows], &shifts[c->n_rows]) != 0)
            return -1;
        c->n_rows++;
    }
    return 0;
}

/* Their q, with a plugin's metrics as a family; and the p that a comparison must have to count by itself. */
static int find_discoveries(struct tm_comparison *c)
{
    size_t n = c->n_rows, known = 0, counted;
    double *p = calloc(n + 1, sizeof *p), *q = calloc(n + 1, sizeof *q); /* + 1: none is no failure */
    size_t *family = calloc(n + 1, sizeof *family);
    int result = p && q && family ? 0 : -1;
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
    free(q);
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
        tm_compare_find_medians(c, scratch);
        for (size_t i = 0; i < c->n_series; i++)
            if (is_compared(c, &c->series[i]))
                tm_compare_find_noise(c, &c->series[i], scratch);
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
