/* OpenMetrics 1.0, as report/forms/openmetrics.c writes it: gauges. What is compared is told as shares, which need no unit. */
#include <math.h>

#include "base/escape.h"
#include "report/compare/compare.h"

static void put_head(FILE *out, const char *name, const char *unit, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    if (unit)
        fprintf(out, "# UNIT %s %s\n", name, unit);
}

static void put_label(FILE *out, const char *before, const char *name, const char *value)
{
    fprintf(out, "%s%s=\"", before, name);
    tm_label_writer_for(out)(out, value);
    putc('"', out);
}

/* All samples say which sides they are of: the files of several jobs are read together. */
static void open_sample(FILE *out, const struct tm_comparison *c, const char *name)
{
    fputs(name, out);
    put_label(out, "{", "a", c->sides[TM_COMPARE_A].name);
    put_label(out, ",", "b", c->sides[TM_COMPARE_B].name);
}

static void close_sample(FILE *out, double value)
{
    fputs("} ", out);
    tm_put_number(out, value);
    putc('\n', out);
}

/* All classes, also those that nobody has: a counter that is gone cannot be told from one that is 0. */
static void put_classes(FILE *out, const struct tm_comparison *c)
{
    put_head(out, "tidemark_compare_comparisons", NULL, "Plugins and metrics that were compared, by what came of it.");
    for (int class = 0; class < TM_CHANGE_CLASSES; class ++) {
        open_sample(out, c, "tidemark_compare_comparisons");
        put_label(out, ",", "class", tm_change_class_name((enum tm_change_class) class));
        close_sample(out, (double)c->of[class]);
    }
    put_head(out, "tidemark_compare_failing", NULL, "Those that are worse by more than was allowed.");
    open_sample(out, c, "tidemark_compare_failing");
    close_sample(out, (double)c->failing);
}

static void put_means(FILE *out, const struct tm_comparison *c)
{
    const char *name = "tidemark_compare_geometric_mean_ratio";
    bool begun = false;
    for (size_t m = 0; m < c->n_metrics; m++) {
        if (!c->sums[m].both || !isfinite(c->sums[m].geometric_mean))
            continue;
        if (!begun)
            put_head(out, name, "ratio", "Geometric mean of B / A over the plugins.");
        begun = true;
        open_sample(out, c, name);
        put_label(out, ",", "metric", c->metrics[m].rule.name);
        close_sample(out, c->sums[m].geometric_mean);
    }
}

enum field { CHANGE, LOW, HIGH };

static double field_of(const struct tm_compared *row, enum field field)
{
    return field == CHANGE ? row->change : field == LOW ? row->change_low : row->change_high;
}

/* One number of every comparison; a family without samples is left out. */
static void put_changes(FILE *out, const struct tm_comparison *c, const char *name, enum field field, const char *help)
{
    bool begun = false;
    for (size_t i = 0; i < c->n_rows; i++) {
        const struct tm_compared *row = &c->rows[i];
        if (!isfinite(field_of(row, field)))
            continue;
        if (!begun)
            put_head(out, name, "ratio", help);
        begun = true;
        open_sample(out, c, name);
        put_label(out, ",", "plugin", row->name);
        put_label(out, ",", "metric", c->metrics[row->metric].rule.name);
        put_label(out, ",", "class", tm_change_class_name(row->class));
        close_sample(out, field_of(row, field));
    }
}

int tm_comparison_openmetrics(FILE *out, const struct tm_comparison *c)
{
    put_classes(out, c);
    put_means(out, c);
    put_changes(out, c, "tidemark_compare_change_ratio", CHANGE, "By which share B differs from A.");
    put_changes(out, c, "tidemark_compare_change_low_ratio", LOW, "The lower end of its 95 % interval.");
    put_changes(out, c, "tidemark_compare_change_high_ratio", HIGH, "The upper end of its 95 % interval.");
    fputs("# EOF\n", out);
    return 0;
}
