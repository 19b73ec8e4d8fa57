/* For people: what changed, the worst first, in columns; what did not is counted. Then the geometric means, as a benchmark's report
 * ends with. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/plural.h"
#include "report/compare/compare.h"
#include "report/words.h"

enum { COLUMNS = 8, WIDEST = 40 }; /* a long name stands out, and moves no other */

struct line {
    char *cells[COLUMNS];
    size_t widths[COLUMNS];
};

struct table {
    struct line *lines;
    size_t n, widths[COLUMNS];
};

/* Which columns are numbers: they end in line. */
static const bool right[COLUMNS] = {[3] = true, [4] = true, [5] = true};

/* What one of the column's cells says. */
static void put_cell(FILE *out, const struct tm_comparison *c, const struct tm_compared *row, int column)
{
    switch (column) {
    case 0:
        fputs(tm_change_class_name(row->class), out);
        break;
    case 1:
        fputs(row->name, out);
        break;
    case 2:
        fputs(c->metrics[row->metric].rule.name, out);
        break;
    case 3:
    case 4:
        tm_compare_put_value(out, c, row, column - 3);
        break;
    case 5:
        tm_compare_put_change(out, c, row);
        break;
    case 6:
        tm_compare_put_interval(out, c, row);
        break;
    default:
        tm_compare_put_evidence(out, row);
    }
}

/* Made safe at once, for widths are those of what is seen. NULL: no memory. */
static char *make_cell(const struct tm_comparison *c, const struct tm_compared *row, int column, size_t *width)
{
    struct tm_builder raw, safe;
    if (!tm_build(&raw))
        return NULL;
    put_cell(raw.out, c, row, column);
    char *text = tm_built(&raw);
    if (!text || !tm_build(&safe)) {
        free(text);
        return NULL;
    }
    *width = tm_put_shown(safe.out, text, strlen(text), TM_WITHIN_LINE);
    free(text);
    return tm_built(&safe);
}

static void widen(size_t *column, size_t width)
{
    *column = width > *column ? width : *column;
}

static int make_line(const struct tm_comparison *c, const struct tm_compared *row, struct table *table)
{
    struct line *line = &table->lines[table->n++];
    for (int i = 0; i < COLUMNS; i++) {
        size_t width = 0;
        line->cells[i] = make_cell(c, row, i, &width);
        if (!line->cells[i])
            return -1;
        line->widths[i] = width;
        widen(&table->widths[i], width < WIDEST ? width : WIDEST);
    }
    return 0;
}

static void pad(FILE *out, size_t used, size_t width)
{
    for (; used < width; used++)
        putc(' ', out);
}

static void put_line(FILE *out, const struct table *table, const struct line *line)
{
    int last = COLUMNS;
    while (last > 0 && line->widths[last - 1] == 0)
        last--;
    for (int i = 0; i < last; i++) {
        fputs(i ? "  " : "", out);
        if (right[i])
            pad(out, line->widths[i], table->widths[i]);
        fputs(line->cells[i], out);
        if (!right[i] && i + 1 < last)
            pad(out, line->widths[i], table->widths[i]);
    }
    putc('\n', out);
}

enum { UNSURE_SHOWN = 10 };

/* What is told, and then what would have been if nothing else had been compared: as much of it as people look at. */
static int make_lines(const struct tm_comparison *c, bool all, struct table *table, size_t *told, size_t *unsure)
{
    int result = 0;
    for (size_t i = 0; i < c->n_rows && result == 0; i++)
        if (all || c->rows[i].class > TM_CHANGE_NONE)
            result = make_line(c, &c->rows[i], table);
    *told = table->n;
    *unsure = 0;
    for (size_t i = 0; i < c->n_rows && result == 0 && !all; i++)
        if (tm_compare_is_unsure(&c->rows[i]) && (*unsure)++ < UNSURE_SHOWN)
            result = make_line(c, &c->rows[i], table);
    return result;
}

static int put_rows(FILE *out, const struct tm_comparison *c, bool all)
{
    struct table table = {.lines = calloc(c->n_rows + 1, sizeof *table.lines)}; /* + 1: none is no failure */
    size_t told = 0, unsure = 0;
    int result = table.lines ? make_lines(c, all, &table, &told, &unsure) : -1;
    for (size_t i = 0; i < table.n && result == 0; i++) {
        fputs(i == 0 || i == told ? "\n" : "", out);
        fputs(i == told ? "not certain, among so many comparisons:\n" : "", out);
        put_line(out, &table, &table.lines[i]);
    }
    if (unsure > UNSURE_SHOWN && result == 0)
        fprintf(out, "and %zu more; --all lists them\n", unsure - UNSURE_SHOWN);
    for (size_t i = 0; i < table.n; i++)
        for (int column = 0; column < COLUMNS; column++)
            free(table.lines[i].cells[column]);
    free(table.lines);
    return result;
}

/* A text with names in it, in a line behind some words. */
static int put_side(FILE *out, const char *label, const struct tm_compared_side *side)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    fprintf(out, "%s  ", label);
    tm_compare_put_side(builder.out, side);
    int result = tm_put_owned(out, tm_put_safe, tm_built(&builder));
    putc('\n', out);
    return result;
}

/* Hosts that differ make times differ. */
static void put_hosts(FILE *out, const struct tm_comparison *c)
{
    const char *a = c->sides[TM_COMPARE_A].host, *b = c->sides[TM_COMPARE_B].host;
    if (a && b && strcmp(a, b) == 0)
        return;
    fputs("note: A and B are of different hosts: ", out);
    tm_put_safe(out, a ? a : "several");
    fputs(" and ", out);
    tm_put_safe(out, b ? b : "several");
    putc('\n', out);
}

static void put_means(FILE *out, const struct tm_comparison *c)
{
    const char *before = "\ngeometric mean of B / A\n";
    for (size_t m = 0; m < c->n_metrics; m++) {
        const struct tm_compared_metric *sum = &c->sums[m];
        if (!sum->both)
            continue;
        fputs(before, out);
        before = "";
        fprintf(out, "  %+7.2f %%  ", 100 * (sum->geometric_mean - 1) + 0.0);
        tm_put_safe(out, c->metrics[m].rule.name);
        fprintf(out, ", %zu plugin%s\n", sum->both, TM_PLURAL(sum->both));
    }
}

/* Plugins of one side, in one line. */
static void put_only(FILE *out, const struct tm_comparison *c, int side, const char *what)
{
    enum { SHOWN = 10 }; /* names in a line that people read */
    size_t n = 0;
    for (size_t i = 0; i < c->n_plugins; i++)
        if (tm_compare_only_on(&c->plugins[i]) == side && n++ < SHOWN) {
            fputs(n == 1 ? what : ", ", out);
            tm_put_safe(out, c->plugins[i].name);
        }
    if (n > SHOWN)
        fprintf(out, " and %zu more", n - SHOWN);
    if (n > 0)
        putc('\n', out);
}

static int put_end(FILE *out, const struct tm_comparison *c)
{
    int result;
    double reach = tm_compare_typical_reach(c, &result);
    put_means(out, c);
    putc('\n', out);
    put_only(out, c, TM_COMPARE_B, "only in B: ");
    put_only(out, c, TM_COMPARE_A, "only in A: ");
    tm_compare_put_tally(out, c);
    putc('\n', out);
    if (!isnan(reach))
        fprintf(out,
                "too little data: half of these could not have seen a change below %.*f %%; more runs a side see smaller ones\n",
                tm_compare_digits(reach), 100 * reach);
    tm_compare_put_outcome(out, c);
    if (!isnan(c->fail_above))
        putc('\n', out);
    return result;
}

static int put_all(FILE *out, const struct tm_comparison *c, bool all)
{
    int result = put_side(out, "A", &c->sides[TM_COMPARE_A]) | put_side(out, "B", &c->sides[TM_COMPARE_B]);
    put_hosts(out, c);
    return result | put_rows(out, c, all) | put_end(out, c);
}

int tm_comparison_text(FILE *out, const struct tm_comparison *c)
{
    return put_all(out, c, false);
}

int tm_comparison_text_all(FILE *out, const struct tm_comparison *c)
{
    return put_all(out, c, true);
}
