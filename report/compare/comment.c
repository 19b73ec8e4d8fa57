/* Markdown for a merge request or a step's summary: what changed in a table, as much of it as a comment may hold, and the geometric
 * means behind it. Names stand in <code>: there no @name is called, no #1 becomes a link. */
#include <math.h>
#include <stdlib.h>

#include "base/builder.h"
#include "base/escape.h"
#include "report/compare/compare.h"
#include "report/prose.h"
#include "report/words.h"

enum { MOST_BYTES = 50000 }; /* of rows: a comment on GitHub has 65,536 characters */

static void put_code(FILE *out, const char *text)
{
    fputs("<code>", out);
    tm_put_markdown(out, text);
    fputs("</code>", out);
}

/* What a writer says, escaped as a cell. 0, or -1: no memory. */
typedef void put_words(FILE *out, const struct tm_comparison *c, const struct tm_compared *row);
static int put_cell(FILE *out, put_words *put, const struct tm_comparison *c, const struct tm_compared *row)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    put(builder.out, c, row);
    fputs(" | ", out);
    return tm_put_owned(out, tm_put_markdown, tm_built(&builder));
}

static void put_value_a(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    tm_compare_put_value(out, c, row, TM_COMPARE_A);
}

static void put_value_b(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    tm_compare_put_value(out, c, row, TM_COMPARE_B);
}

static void put_evidence(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    (void)c;
    tm_compare_put_evidence(out, row);
}

static int put_row(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    static put_words *const cells[] = {put_value_a, put_value_b, tm_compare_put_change, tm_compare_put_interval, put_evidence};
    const char *mark = row->fails ? "**" : "";
    int result = 0;
    fprintf(out, "| %s%s%s | ", mark, tm_change_class_name(row->class), mark);
    put_code(out, row->name);
    fputs(" | ", out);
    put_code(out, c->metrics[row->metric].rule.name);
    for (size_t i = 0; i < sizeof cells / sizeof *cells && result == 0; i++)
        result = put_cell(out, cells[i], c, row);
    fputs(" |\n", out);
    return result;
}

/* The rows that changed; those after the first that has no room are counted. */
static int put_rows(FILE *out, const struct tm_comparison *c)
{
    size_t room = MOST_BYTES, left_out = 0, shown = 0;
    for (size_t i = 0; i < c->n_rows && c->rows[i].class > TM_CHANGE_NONE; i++) {
        struct tm_builder builder;
        int result = tm_build(&builder) ? put_row(builder.out, c, &c->rows[i]) : -1;
        char *text = tm_built(&builder);
        if (result != 0 || !text) {
            free(text);
            return -1;
        }
        left_out += left_out > 0 || builder.size > room;
        if (left_out == 0) {
            fputs(shown++ == 0 ? "\n| | plugin | metric | A | B | change | 95 % interval | evidence |\n"
                                 "|---|---|---|---:|---:|---:|---|---|\n"
                               : "",
                  out);
            fputs(text, out);
            room -= builder.size;
        }
        free(text);
    }
    if (left_out > 0)
        fprintf(out, "\n%zu more are left out here to keep this short; `tidemark compare` lists them all.\n", left_out);
    return 0;
}

static void put_means(FILE *out, const struct tm_comparison *c)
{
    const char *before = "\n| metric | geometric mean of B / A | plugins |\n|---|---:|---:|\n";
    for (size_t m = 0; m < c->n_metrics; m++) {
        if (!c->sums[m].both)
            continue;
        fprintf(out, "%s| ", before);
        before = "";
        put_code(out, c->metrics[m].rule.name);
        fprintf(out, " | %+.2f %% | %zu |\n", 100 * (c->sums[m].geometric_mean - 1) + 0.0, c->sums[m].both);
    }
}

static int put_side(FILE *out, const char *before, const struct tm_compared_side *side)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    tm_compare_put_side(builder.out, side);
    fputs(before, out);
    char *text = tm_built(&builder);
    int result = text ? tm_put_prose(out, text) : -1;
    free(text);
    return result;
}

static void put_only(FILE *out, const struct tm_comparison *c, int side, const char *what)
{
    enum { SHOWN = 10 }; /* names that people read */
    size_t n = 0;
    for (size_t i = 0; i < c->n_plugins; i++)
        if (tm_compare_only_on(&c->plugins[i]) == side && n++ < SHOWN) {
            fputs(n == 1 ? what : ", ", out);
            put_code(out, c->plugins[i].name);
        }
    if (n > SHOWN)
        fprintf(out, " and %zu more", n - SHOWN);
    if (n > 0)
        putc('\n', out);
}

int tm_comparison_comment(FILE *out, const struct tm_comparison *c)
{
    bool bad = isnan(c->fail_above) ? c->of[TM_CHANGE_WORSE] > 0 : c->failing > 0;
    fprintf(out, "## %s ", bad ? "\u274c" : "\u2705");
    tm_compare_put_tally(out, c);
    fputs("\n", out);
    int result = put_side(out, "\nA: ", &c->sides[TM_COMPARE_A]) | put_side(out, "  \nB: ", &c->sides[TM_COMPARE_B]);
    putc('\n', out);
    result |= put_rows(out, c);
    put_means(out, c);
    put_only(out, c, TM_COMPARE_B, "\nonly in B: ");
    put_only(out, c, TM_COMPARE_A, "\nonly in A: ");
    if (!isnan(c->fail_above)) {
        putc('\n', out);
        tm_compare_put_outcome(out, c);
        putc('\n', out);
    }
    return result;
}
