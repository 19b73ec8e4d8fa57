/* The lists have the columns that this command had when it knew no other form, and behind them the worst that is said of each
 * plugin. */
#include "cli/compare_forms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/format.h"
#include "report/compare/compare.h"

/* A plugin as a row. */
struct listed {
    const struct tm_compare_plugin *plugin;
    const struct tm_compared *worst; /* NULL: nothing is said of it */
    double wall_change, cpu_change;  /* in percent, to a tenth */
};

struct list {
    const struct tm_comparison *comparison;
    struct listed *rows;
    size_t n, next; /* the row in hand is the one before `next` */
};

/* The columns, in their order. */
enum column {
    PLUGIN,
    CALLS_A,
    CALLS_B,
    WALL_A,
    WALL_B,
    WALL_CHANGE,
    CPU_A,
    CPU_B,
    CPU_CHANGE,
    PEAK_A,
    PEAK_B,
    ERRORS_A,
    ERRORS_B,
    NOTE,
    CLASS,
    METRIC,
    UNIT,
    VALUE_A,
    VALUE_B,
    CHANGE,
    CHANGE_LOW,
    CHANGE_HIGH,
    P,
    Q,
    SEES,
    BASIS,
    COLUMNS
};

static const char *const names[COLUMNS] = {
    [PLUGIN] = "plugin",
    [CALLS_A] = "calls_a",
    [CALLS_B] = "calls_b",
    [WALL_A] = "wall_per_call_ms_a",
    [WALL_B] = "wall_per_call_ms_b",
    [WALL_CHANGE] = "wall_change_pct",
    [CPU_A] = "cpu_per_call_ms_a",
    [CPU_B] = "cpu_per_call_ms_b",
    [CPU_CHANGE] = "cpu_change_pct",
    [PEAK_A] = "peak_mem_kb_a",
    [PEAK_B] = "peak_mem_kb_b",
    [ERRORS_A] = "errors_a",
    [ERRORS_B] = "errors_b",
    [NOTE] = "note",
    [CLASS] = "class",
    [METRIC] = "metric",
    [UNIT] = "unit",
    [VALUE_A] = "value_a",
    [VALUE_B] = "value_b",
    [CHANGE] = "change_pct",
    [CHANGE_LOW] = "change_low_pct",
    [CHANGE_HIGH] = "change_high_pct",
    [P] = "p",
    [Q] = "q",
    [SEES] = "sees_pct",
    [BASIS] = "basis",
};

/* ---- values ---- */

static struct tm_value number(double value)
{
    return isfinite(value) ? (struct tm_value){.type = TM_REAL, .real = value} : (struct tm_value){.type = TM_NULL};
}

/* Whole, as counts are; the median of several may end in a half. */
static struct tm_value count(double value)
{
    static const double WHOLE = 9e15; /* so far a double holds every whole number */
    if (!isfinite(value) || fabs(value) > WHOLE || fabs(value - round(value)) > 0)
        return number(value);
    return (struct tm_value){.type = TM_INTEGER, .integer = (int64_t)value};
}

static struct tm_value text(const char *of)
{
    return of ? (struct tm_value){.type = TM_TEXT, .text = of, .size = strlen(of)} : (struct tm_value){.type = TM_NULL};
}

/* The median of a plugin's metric on a side. */
static double median_of(const struct tm_comparison *c, const struct listed *row, const char *metric, int side)
{
    size_t place;
    if (!tm_compare_find_metric(c, metric, &place))
        return NAN;
    const struct tm_compare_series *series = tm_compare_series_of(c, (size_t)(row->plugin - c->plugins), place);
    return series ? series->median[side] : NAN;
}

/* Of several measurements their mean: counts are added up. */
static double errors_of(const struct listed *row, int side)
{
    size_t n = row->plugin->told_errors[side];
    return n ? row->plugin->errors[side] / (double)n : NAN;
}

static const char *note_of(const struct listed *row)
{
    int only = tm_compare_only_on(row->plugin);
    return only < 0 ? NULL : only == TM_COMPARE_A ? "only in the first" : "only in the second";
}

/* What is said of the plugin. */
static struct tm_value said(const struct tm_comparison *c, const struct tm_compared *row, enum column column)
{
    const struct tm_metric_rule *rule = row ? &c->metrics[row->metric].rule : NULL;
    if (!row)
        return text(NULL);
    switch (column) {
    case CLASS:
        return text(tm_change_class_name(row->class));
    case METRIC:
        return text(rule->name);
    case UNIT:
        return text(rule->unit);
    case VALUE_A:
        return number(row->value[TM_COMPARE_A]);
    case VALUE_B:
        return number(row->value[TM_COMPARE_B]);
    case CHANGE:
        return number(100 * row->change);
    case CHANGE_LOW:
        return number(100 * row->change_low);
    case CHANGE_HIGH:
        return number(100 * row->change_high);
    case P:
        return number(row->p);
    case Q:
        return number(row->q);
    case SEES:
        return number(100 * row->sees);
    default:
        return text(tm_basis_name(row->basis));
    }
}

static struct tm_value value(const void *of, int column)
{
    const struct list *list = of;
    const struct tm_comparison *c = list->comparison;
    const struct listed *row = &list->rows[list->next - 1];
    switch ((enum column)column) {
    case PLUGIN:
        return text(row->plugin->name);
    case CALLS_A:
    case CALLS_B:
        return count(median_of(c, row, "calls", column - CALLS_A));
    case WALL_A:
    case WALL_B:
        return number(median_of(c, row, "wall_per_call_ms", column - WALL_A));
    case WALL_CHANGE:
        return number(row->wall_change);
    case CPU_A:
    case CPU_B:
        return number(median_of(c, row, "cpu_per_call_ms", column - CPU_A));
    case CPU_CHANGE:
        return number(row->cpu_change);
    case PEAK_A:
    case PEAK_B:
        return number(median_of(c, row, "peak_mem_kb", column - PEAK_A));
    case ERRORS_A:
    case ERRORS_B:
        return count(errors_of(row, column - ERRORS_A));
    case NOTE:
        return text(note_of(row));
    default:
        return said(c, row->worst, (enum column)column);
    }
}

/* ---- the list ---- */

static int next(void *of)
{
    struct list *list = of;
    return list->next < list->n ? (list->next++, 1) : 0;
}

static int width(const void *of)
{
    (void)of;
    return COLUMNS;
}

static const char *name(const void *of, int column)
{
    (void)of;
    return names[column];
}

/* To a tenth, as decimal digits round; -0 is 0. */
static double change_of(const struct tm_comparison *c, const struct listed *row, const char *metric)
{
    char digits[64];
    double a = median_of(c, row, metric, TM_COMPARE_A), b = median_of(c, row, metric, TM_COMPARE_B);
    double percent = 100 * (b / a - 1);
    if (!(fabs(a) > 0) || !isfinite(percent) || fabs(percent) > 1e15)
        return NAN;
    snprintf(digits, sizeof digits, "%.1f", percent);
    return strtod(digits, NULL) + 0.0;
}

/* What slowed most comes first; what has no wall time on both sides, last. */
static int by_change(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    bool none_x = isnan(x->wall_change), none_y = isnan(y->wall_change);
    if (none_x != none_y)
        return none_x ? 1 : -1;
    if (!none_x && (x->wall_change < y->wall_change || x->wall_change > y->wall_change))
        return x->wall_change < y->wall_change ? 1 : -1;
    return strcmp(x->plugin->name, y->plugin->name);
}

/* The rows come with the worst first: the first of a plugin that is told is what is said of it; else the least likely. */
static void find_worst(const struct tm_comparison *c, struct listed *rows)
{
    for (size_t i = 0; i < c->n_rows; i++) {
        const struct tm_compared *row = &c->rows[i], **worst = &rows[row->plugin].worst;
        if (!*worst || ((*worst)->class <= TM_CHANGE_NONE && row->p < (*worst)->p))
            *worst = row;
    }
}

static int write_list(FILE *out, const struct tm_comparison *c, const struct tm_format *format)
{
    struct list list = {.comparison = c, .n = c->n_plugins};
    list.rows = calloc(c->n_plugins + 1, sizeof *list.rows); /* + 1: none is no failure */
    if (!list.rows)
        return -1;
    find_worst(c, list.rows);
    for (size_t i = 0; i < c->n_plugins; i++) {
        list.rows[i].plugin = &c->plugins[i];
        list.rows[i].wall_change = change_of(c, &list.rows[i], "wall_per_call_ms");
        list.rows[i].cpu_change = change_of(c, &list.rows[i], "cpu_per_call_ms");
    }
    qsort(list.rows, list.n, sizeof *list.rows, by_change);
    const struct tm_listing listing = {&list, next, width, name, value};
    int result = format->write(out, &listing);
    free(list.rows);
    return result;
}

static int write_table(FILE *out, const struct tm_comparison *c)
{
    return write_list(out, c, &tm_format_table);
}

static int write_csv(FILE *out, const struct tm_comparison *c)
{
    return write_list(out, c, &tm_format_csv);
}

static int write_json(FILE *out, const struct tm_comparison *c)
{
    return write_list(out, c, &tm_format_json);
}

static int write_markdown(FILE *out, const struct tm_comparison *c)
{
    return write_list(out, c, &tm_format_markdown);
}

#define FORMS(text_form)                                                                                                           \
    {                                                                                                                              \
        {"text", false, NULL, NULL, text_form}, {"table", true, NULL, NULL, write_table}, {"csv", true, NULL, NULL, write_csv},    \
            {"json", true, NULL, NULL, write_json}, {"markdown", true, NULL, NULL, write_markdown},                                \
            {"junit", true, NULL, NULL, tm_comparison_junit}, {"github", false, NULL, NULL, tm_comparison_github},                 \
            {"openmetrics", true, NULL, NULL, tm_comparison_openmetrics}, {"comment", true, NULL, NULL, tm_comparison_comment},    \
            {"json-long", true, NULL, NULL, tm_comparison_json}, {"csv-long", true, NULL, NULL, tm_comparison_csv},                \
            {NULL, false, NULL, NULL, NULL},                                                                                       \
    }

const struct tm_form tm_compare_forms[] = FORMS(tm_comparison_text);
const struct tm_form tm_compare_forms_all[] = FORMS(tm_comparison_text_all);
