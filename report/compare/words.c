/* A comparison in words. The forms differ in what they list and how they escape, never in what they call things. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/stats.h"
#include "base/builder.h"
#include "base/plural.h"
#include "report/amount.h"
#include "report/compare/compare.h"

static struct tm_report_metric metric_of(const struct tm_comparison *c, const struct tm_compared *row)
{
    const struct tm_metric_rule *rule = &c->metrics[row->metric].rule;
    return (struct tm_report_metric){.name = rule->name, .unit = rule->unit, .kind = rule->kind};
}

void tm_compare_put_amount(FILE *out, const struct tm_comparison *c, const struct tm_compared *row, double value)
{
    const struct tm_report_metric metric = metric_of(c, row);
    tm_put_amount(out, &metric, value);
}

void tm_compare_put_value(FILE *out, const struct tm_comparison *c, const struct tm_compared *row, int side)
{
    const struct tm_report_metric metric = metric_of(c, row);
    tm_put_amount_beside(out, &metric, row->value[side], row->value[side == TM_COMPARE_A ? TM_COMPARE_B : TM_COMPARE_A]);
}

int tm_compare_digits(double share)
{
    return 100 * share < 9.95 ? 1 : 0;
}

/* Three digits that count; a share of an interval need not be longer than it is sure. */
static void put_share(FILE *out, double share)
{
    double percent = 100 * share;
    if (fabs(percent) >= 1000 || isinf(percent))
        fprintf(out, "%+.0f %%", percent);
    else
        fprintf(out, "%+.*f %%", fabs(percent) < 9.995 ? 2 : 1, percent);
}

/* Shares of failures are told as they are: three times as many of nearly none is no news. */
static bool is_by_share(const struct tm_comparison *c, const struct tm_compared *row)
{
    return c->metrics[row->metric].rule.kind != TM_METRIC_ERRORS && !isnan(row->change);
}

void tm_compare_put_change(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    if (is_by_share(c, row)) {
        put_share(out, row->change + 0.0);
        return;
    }
    fputs(row->difference < 0 ? "-" : "+", out);
    tm_compare_put_amount(out, c, row, fabs(row->difference));
}

void tm_compare_put_interval(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    if (isnan(row->low))
        return;
    if (is_by_share(c, row)) {
        put_share(out, row->change_low);
        fputs(" to ", out);
        put_share(out, row->change_high);
    } else {
        fputs(row->low > 0 ? "+" : "", out);
        tm_compare_put_amount(out, c, row, row->low);
        fputs(row->high > 0 ? " to +" : " to ", out);
        tm_compare_put_amount(out, c, row, row->high);
    }
}

static void put_p(FILE *out, double p)
{
    if (p < 0.0001)
        fprintf(out, "p %.0e", p);
    else
        fprintf(out, "p %.*f", p < 0.001 ? 4 : 3, p);
}

void tm_compare_put_evidence(FILE *out, const struct tm_compared *row)
{
    if (isnan(row->p)) {
        fputs(row->why ? row->why : "", out);
        return;
    }
    put_p(out, row->p);
    fprintf(out, ", %s", tm_basis_name(row->basis));
    if (row->basis == TM_BASIS_HISTORY)
        fprintf(out, " of %zu runs", row->nights);
    if (row->n[TM_COMPARE_A] > 1 || row->n[TM_COMPARE_B] > 1)
        fprintf(out, ", n %zu and %zu%s", row->n[TM_COMPARE_A], row->n[TM_COMPARE_B], row->singles ? " within a run" : "");
    if (row->class != TM_CHANGE_UNKNOWN)
        return;
    if (isinf(row->sees))
        fputs("; nothing can be told by so few values", out);
    else if (!isnan(row->sees))
        fprintf(out, "; changes below %.*f %% would not be seen", tm_compare_digits(row->sees), 100 * row->sees);
}

void tm_compare_put_sentence(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    tm_compare_put_value(out, c, row, TM_COMPARE_A);
    fputs(", then ", out);
    tm_compare_put_value(out, c, row, TM_COMPARE_B);
    fputs(": ", out);
    tm_compare_put_change(out, c, row);
    fputs(isnan(row->low) ? "" : " (", out);
    tm_compare_put_interval(out, c, row);
    fputs(isnan(row->low) ? ", " : "), ", out);
    tm_compare_put_evidence(out, row);
}

void tm_compare_put_tally(FILE *out, const struct tm_comparison *c)
{
    fprintf(out, "%zu comparison%s: ", c->n_rows, TM_PLURAL(c->n_rows));
    for (int class = TM_CHANGE_CLASSES; class -- > 0;)
        fprintf(out, "%zu %s%s", c->of[class], tm_change_class_name((enum tm_change_class) class), class > 0 ? ", " : "");
}

/* Which runs of a store it is. */
static void put_runs(FILE *out, const struct tm_compared_side *side)
{
    if (side->unnamed) {
        fputs(side->name, out);
        return;
    }
    if (side->runs > 1 || strcmp(side->name, side->first) != 0)
        fprintf(out, "%s: ", side->name);
    if (side->runs == 1)
        fprintf(out, "run %s", side->first);
    else
        fprintf(out, "%zu runs, %s to %s,", side->runs, side->first, side->last);
}

void tm_compare_put_side(FILE *out, const struct tm_compared_side *side)
{
    if (side->runs > 0)
        put_runs(out, side);
    else
        fputs(side->name, out);
    if (side->branch)
        fprintf(out, " on %s", side->branch);
    if (side->measurements > side->runs)
        fprintf(out, ", measured %zu times", side->measurements);
    if (side->commit)
        fprintf(out, ", commit %.12s", side->commit);
}

void tm_compare_put_outcome(FILE *out, const struct tm_comparison *c)
{
    if (isnan(c->fail_above))
        return;
    if (c->failing > 0)
        fprintf(out, "FAIL: %zu of them worse by more than %.4g %%", c->failing, 100 * c->fail_above);
    else
        fprintf(out, "PASS: nothing is worse by more than %.4g %%, as far as can be told", 100 * c->fail_above);
}

bool tm_compare_is_unsure(const struct tm_compared *row)
{
    static const double USUAL = 0.05;
    return row->class <= TM_CHANGE_NONE && row->p <= USUAL;
}

int tm_compare_only_on(const struct tm_compare_plugin *plugin)
{
    if (plugin->measured[TM_COMPARE_A] && plugin->measured[TM_COMPARE_B])
        return -1;
    return plugin->measured[TM_COMPARE_A] ? TM_COMPARE_A : TM_COMPARE_B;
}

double tm_compare_typical_reach(const struct tm_comparison *c, int *result)
{
    double *reach = malloc((c->n_rows + 1) * sizeof *reach); /* + 1: none is no failure */
    size_t n = 0;
    *result = reach ? 0 : -1;
    for (size_t i = 0; reach && i < c->n_rows; i++)
        if (c->rows[i].class == TM_CHANGE_UNKNOWN && isfinite(c->rows[i].sees))
            reach[n++] = c->rows[i].sees;
    double middle = reach ? tm_median(reach, n) : NAN;
    free(reach);
    return middle;
}
