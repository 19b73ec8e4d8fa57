/* Columns for people, and the same cells as a Markdown table. Widths come from the first rows,
 * which are read before the first is written; later ones may stand out. Memory is bounded by
 * these pages, whatever the number of rows and the size of their values. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/plural.h"
#include "cli/format.h"

enum {
    ROWS_MEASURED = 2000, /* rows whose widths are known before the first is written: what people scroll through */
    WIDEST = 60,          /* characters: one long text must not push all others off the screen */
    PAGE_BYTES = 16 << 20 /* texts of a page: rows whose texts are longer are written before further ones are read */
};

struct cell {
    size_t at; /* where its text begins, for the eye already, in the page's texts */
    size_t width;
    bool number;
};

/* The rows at hand: some measured ones with the head before them, or later ones. Their texts lie one behind the other. */
struct page {
    struct tm_builder texts;
    struct cell *cells; /* n a row; the head's are the first row */
    size_t rows;
    size_t *widths;
    bool *numbers;
    int n;
};

/* The value as people read it; *width in characters, of which UTF-8 needs more bytes. */
static void put_value(FILE *out, struct tm_value value, size_t *width)
{
    int written = 0;
    *width = 0;
    if (value.type == TM_INTEGER)
        written = fprintf(out, "%" PRId64, value.integer);
    else if (value.type == TM_REAL)
        written = fprintf(out, "%.6g", value.real);
    else if (value.type == TM_TEXT)
        *width = tm_put_shown(out, value.text, value.size, TM_FIRST_IN_LINE); /* all before it may be blank */
    else if (value.type == TM_BLOB)
        written = fprintf(out, "(%zu byte%s)", value.size, TM_PLURAL(value.size));
    if (written > 0)
        *width = (size_t)written;
}

/* Its text goes behind those before it; a cell keeps the offset, for the buffer moves. */
static struct cell make_cell(struct page *page, struct tm_value value)
{
    struct cell cell = {.at = page->texts.size, .number = value.type == TM_INTEGER || value.type == TM_REAL};
    put_value(page->texts.out, value, &cell.width);
    putc('\0', page->texts.out);
    fflush(page->texts.out); /* the builder knows its size then */
    return cell;
}

static void pad(FILE *out, size_t width, size_t used, char with)
{
    for (; used < width; used++)
        putc(with, out);
}

/* A line of cells, without blanks behind the last one that holds anything. */
static void write_line(FILE *out, const struct page *page, const struct cell *cells)
{
    int n = page->n;
    const size_t *widths = page->widths;
    while (n > 0 && cells[n - 1].width == 0)
        n--;
    for (int i = 0; i < n; i++) {
        if (i)
            fputs("  ", out);
        if (cells[i].number)
            pad(out, widths[i], cells[i].width, ' ');
        fputs(page->texts.text + cells[i].at, out);
        if (!cells[i].number && i + 1 < n)
            pad(out, widths[i], cells[i].width, ' ');
    }
    putc('\n', out);
}

/* Markdown lays out the table itself; what is markup to it is escaped. */
static void write_markdown_line(FILE *out, const struct page *page, const struct cell *cells)
{
    for (int i = 0; i < page->n; i++) {
        fputs(i ? " | " : "| ", out);
        for (const char *c = page->texts.text + cells[i].at; *c; c++) {
            if (strchr("|\\`*_<>[]&", *c))
                putc('\\', out);
            putc(*c, out);
        }
    }
    fputs(" |\n", out);
}

typedef void line_writer(FILE *out, const struct page *page, const struct cell *cells);

/* The line below the head; in Markdown it also says which columns are right-aligned. */
static void write_rule(FILE *out, const bool *numbers, const size_t *widths, int n, bool markdown)
{
    for (int i = 0; i < n; i++) {
        fputs(markdown ? "|" : i ? "  " : "", out);
        if (markdown)
            fputs(numbers[i] ? "---:" : "---", out);
        else
            pad(out, widths[i], 0, '-');
    }
    fputs(markdown ? "|\n" : "\n", out);
}

/* Reads rows into the page from its first cell on, behind the head if it is the first page: 1, 0 (those were the last) or -1. */
static int fill(struct page *page, const struct tm_listing *rows, bool first)
{
    int step = 1;
    page->texts.size = 0;
    for (int i = 0; first && i < page->n; i++) {
        const char *name = rows->name(rows->of, i);
        page->cells[i] = make_cell(page, (struct tm_value){.type = TM_TEXT, .text = name, .size = strlen(name)});
    }
    page->rows = first;
    while (page->rows < ROWS_MEASURED && page->texts.size < PAGE_BYTES && !page->texts.failed &&
           (step = rows->next(rows->of)) == 1) {
        struct cell *line = page->cells + page->rows++ * (size_t)page->n;
        for (int i = 0; i < page->n; i++)
            line[i] = make_cell(page, rows->value(rows->of, i));
    }
    return page->texts.failed ? -1 : step;
}

/* A column with a number in it is right-aligned as a whole. */
static void measure(struct page *page)
{
    for (size_t row = 0; row < page->rows; row++)
        for (int i = 0; i < page->n; i++) {
            const struct cell *cell = &page->cells[row * (size_t)page->n + (size_t)i];
            if (cell->width > page->widths[i])
                page->widths[i] = cell->width > WIDEST ? WIDEST : cell->width;
            page->numbers[i] = page->numbers[i] || cell->number;
        }
    for (int i = 0; i < page->n; i++)
        page->cells[i].number = page->numbers[i]; /* the head stands over its numbers */
}

static int write_pages(FILE *out, const struct tm_listing *rows, line_writer *write, bool markdown)
{
    struct page page = {.n = rows->width(rows->of)};
    size_t n = (size_t)page.n;
    int step = -1;
    /* One more than none each: calloc(0) may be NULL. */
    tm_build(&page.texts);
    page.cells = calloc(ROWS_MEASURED * n + 1, sizeof *page.cells);
    page.widths = calloc(n + 1, sizeof *page.widths);
    page.numbers = calloc(n + 1, sizeof *page.numbers);
    for (bool first = true; page.texts.out && page.cells && page.widths && page.numbers; first = false) {
        step = fill(&page, rows, first);
        if (step < 0)
            break;
        if (first)
            measure(&page);
        for (size_t row = 0; row < page.rows; row++) {
            write(out, &page, page.cells + row * n);
            if (first && row == 0)
                write_rule(out, page.numbers, page.widths, page.n, markdown);
        }
        if (step != 1)
            break;
    }
    tm_build_drop(&page.texts);
    free(page.cells);
    free(page.widths);
    free(page.numbers);
    return step;
}

static int write_table(FILE *out, const struct tm_listing *rows)
{
    return write_pages(out, rows, write_line, false);
}

static int write_markdown(FILE *out, const struct tm_listing *rows)
{
    return write_pages(out, rows, write_markdown_line, true);
}

const struct tm_format tm_format_table = {"table", write_table};
const struct tm_format tm_format_markdown = {"markdown", write_markdown};
