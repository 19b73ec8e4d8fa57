/* A row for each plugin and metric, the worst first, in RFC 4180 with \n at the ends of lines; what is not known is empty. */
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"
#include "report/compare/compare.h"

static void put_text(FILE *out, tm_csv_writer *put, const char *text)
{
    putc(',', out);
    put(out, text, strlen(text));
}

static void put_number(FILE *out, double value)
{
    char digits[TM_NUMBER_SIZE];
    fprintf(out, ",%s", isfinite(value) ? tm_exact_number(value, digits) : "");
}

static const char *better_of(const struct tm_metric_rule *rule)
{
    return rule->either ? "both" : rule->higher_is_better ? "higher" : "lower";
}

static void put_row(FILE *out, tm_csv_writer *put, const struct tm_comparison *c, const struct tm_compared *row)
{
    const struct tm_metric_rule *rule = &c->metrics[row->metric].rule;
    const double numbers[] = {row->value[TM_COMPARE_A],
                              row->value[TM_COMPARE_B],
                              row->difference,
                              row->low,
                              row->high,
                              100 * row->change,
                              100 * row->change_low,
                              100 * row->change_high,
                              row->p,
                              row->q,
                              100 * row->sees,
                              row->sees_amount,
                              row->slower};
    put(out, row->name, strlen(row->name));
    put_text(out, put, rule->name);
    put_text(out, put, rule->unit);
    put_text(out, put, better_of(rule));
    put_text(out, put, tm_change_class_name(row->class));
    fprintf(out, ",%zu,%zu", row->n[TM_COMPARE_A], row->n[TM_COMPARE_B]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(out, numbers[i]);
    put_text(out, put, tm_basis_name(row->basis));
    fprintf(out, ",%zu,%d", row->nights, row->fails);
    put_text(out, put, row->why ? row->why : "");
    putc('\n', out);
}

int tm_comparison_csv(FILE *out, const struct tm_comparison *c)
{
    tm_csv_writer *put = tm_csv_writer_for(out);
    fputs(
        "plugin,metric,unit,better,class,n_a,n_b,value_a,value_b,difference,low,high,change_pct,change_low_pct,change_high_pct,p,q,"
        "sees_pct,sees,slower_calls,basis,history_runs,fails,why\n",
        out);
    for (size_t i = 0; i < c->n_rows; i++)
        put_row(out, put, c, &c->rows[i]);
    return 0;
}
