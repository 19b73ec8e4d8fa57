/* The comparison as one document for programs. A share is 0.1 for 10 %, as in the gate's document; what is not known is null. */
#include <math.h>

#include "base/escape.h"
#include "report/compare/compare.h"
#include "report/json_members.h"
#include "schema/tidemark.h"

static void put_count(FILE *out, const char *before, size_t count)
{
    tm_json_count(out, before, (int64_t)count);
}

static void put_pair(FILE *out, const char *name, const double of[TM_SIDES])
{
    fprintf(out, ", \"%s\": {", name);
    tm_json_number(out, "\"a\": ", of[TM_COMPARE_A]);
    tm_json_number(out, ", \"b\": ", of[TM_COMPARE_B]);
    putc('}', out);
}

static void put_side(FILE *out, const char *before, const struct tm_compared_side *side)
{
    tm_json_text(out, before, side->name);
    put_count(out, ", \"runs\": ", side->runs);
    put_count(out, ", \"measurements\": ", side->measurements);
    tm_json_text(out, ", \"first\": ", side->first);
    tm_json_text(out, ", \"last\": ", side->last);
    tm_json_text(out, ", \"branch\": ", side->branch);
    tm_json_text(out, ", \"host\": ", side->host);
    tm_json_text(out, ", \"commit\": ", side->commit);
    putc('}', out);
}

/* Classes as keys: "worse": 2. */
static void put_classes(FILE *out, const size_t of[TM_CHANGE_CLASSES])
{
    for (int class = TM_CHANGE_CLASSES; class -- > 0;) {
        fputs(class == TM_CHANGE_CLASSES - 1 ? "{" : ", ", out);
        tm_put_json(out, tm_change_class_name((enum tm_change_class) class));
        put_count(out, ": ", of[class]);
    }
    putc('}', out);
}

static void put_metrics(FILE *out, const struct tm_comparison *c)
{
    const char *comma = "";
    fputs("  \"metrics\": [", out);
    for (size_t m = 0; m < c->n_metrics; m++) {
        const struct tm_metric_rule *rule = &c->metrics[m].rule;
        size_t rows = 0;
        for (int class = 0; class < TM_CHANGE_CLASSES; class ++)
            rows += c->sums[m].of[class];
        if (rows == 0)
            continue;
        fputs(comma, out);
        tm_json_text(out, "\n    {\"name\": ", rule->name);
        tm_json_text(out, ", \"unit\": ", rule->unit);
        tm_json_text(out, ", \"better\": ", rule->either ? NULL : rule->higher_is_better ? "higher" : "lower");
        tm_json_number(out, ", \"geometric_mean\": ", c->sums[m].geometric_mean);
        put_count(out, ", \"plugins\": ", c->sums[m].both);
        fputs(", \"counts\": ", out);
        put_classes(out, c->sums[m].of);
        putc('}', out);
        comma = ",";
    }
    fputs("],\n", out);
}

static void put_row(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    tm_json_text(out, "\n    {\"plugin\": ", row->name);
    tm_json_text(out, ", \"metric\": ", c->metrics[row->metric].rule.name);
    tm_json_text(out, ", \"unit\": ", c->metrics[row->metric].rule.unit);
    tm_json_text(out, ", \"class\": ", tm_change_class_name(row->class));
    tm_json_flag(out, ", \"fails\": ", row->fails);
    put_pair(out, "value", row->value);
    put_pair(out, "n", (const double[TM_SIDES]){(double)row->n[TM_COMPARE_A], (double)row->n[TM_COMPARE_B]});
    tm_json_number(out, ",\n     \"difference\": ", row->difference);
    tm_json_number(out, ", \"low\": ", row->low);
    tm_json_number(out, ", \"high\": ", row->high);
    tm_json_number(out, ", \"change\": ", row->change);
    tm_json_number(out, ", \"change_low\": ", row->change_low);
    tm_json_number(out, ", \"change_high\": ", row->change_high);
    tm_json_number(out, ",\n     \"p\": ", row->p);
    tm_json_number(out, ", \"q\": ", row->q);
    tm_json_text(out, ", \"basis\": ", row->basis == TM_BASIS_NONE ? NULL : tm_basis_name(row->basis));
    put_count(out, ", \"history_runs\": ", row->nights);
    tm_json_number(out, ", \"sees\": ", row->sees);
    tm_json_number(out, ", \"sees_amount\": ", row->sees_amount);
    tm_json_number(out, ", \"slower_calls\": ", row->slower);
    tm_json_text(out, ", \"why\": ", row->why);
    putc('}', out);
}

static void put_only(FILE *out, const struct tm_comparison *c, const char *before, int side)
{
    const char *comma = "";
    fputs(before, out);
    for (size_t i = 0; i < c->n_plugins; i++)
        if (tm_compare_only_on(&c->plugins[i]) == side) {
            tm_json_text(out, comma, c->plugins[i].name);
            comma = ", ";
        }
    putc(']', out);
}

int tm_comparison_json(FILE *out, const struct tm_comparison *c)
{
    tm_json_text(out, "{\n  \"format\": ", "tidemark.compare/1");
    tm_json_text(out, ",\n  \"tidemark\": ", TM_VERSION);
    put_side(out, ",\n  \"a\": {\"name\": ", &c->sides[TM_COMPARE_A]);
    put_side(out, ",\n  \"b\": {\"name\": ", &c->sides[TM_COMPARE_B]);
    tm_json_number(out, ",\n  \"fdr\": ", c->share);
    tm_json_number(out, ", \"p_needed\": ", c->bound);
    tm_json_number(out, ", \"fail_above\": ", c->fail_above);
    put_count(out, ", \"failing\": ", c->failing);
    put_count(out, ", \"history_runs\": ", c->nights);
    fputs(",\n  \"counts\": ", out);
    put_classes(out, c->of);
    fputs(",\n", out);
    put_metrics(out, c);
    put_only(out, c, "  \"added\": [", TM_COMPARE_B);
    put_only(out, c, ",\n  \"removed\": [", TM_COMPARE_A);
    fputs(",\n  \"comparisons\": [", out);
    for (size_t i = 0; i < c->n_rows; i++) {
        fputs(i ? "," : "", out);
        put_row(out, c, &c->rows[i]);
    }
    fputs("]\n}\n", out);
    return 0;
}
