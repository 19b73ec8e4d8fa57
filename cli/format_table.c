/* Columns for people, and the same cells as a Markdown table. Widths come from the first rows; later ones may stand out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/format.h"

enum { ROWS_MEASURED = 2000, WIDEST = 60 };

struct cell {
    char *text; /* for the eye already */
    size_t width;
    bool number;
};

static struct cell make_cell(struct tm_value value)
{
    struct cell cell = {NULL, 0, value.type == TM_INTEGER || value.type == TM_REAL};
    size_t size = 0;
    FILE *out = open_memstream(&cell.text, &size);
    if (!out)
        return cell;
    switch (value.type) {
    case TM_NULL:
        break;
    case TM_INTEGER:
        fprintf(out, "%" PRId64, value.integer);
        break;
    case TM_REAL:
        fprintf(out, "%.6g", value.real);
        break;
    case TM_TEXT:
        cell.width = tm_write_shown(out, value.text, value.size);
        break;
    case TM_BLOB:
        fprintf(out, "(%zu bytes)", value.size);
        break;
    }
    fclose(out);
    if (value.type != TM_TEXT)
        cell.width = size;
    return cell;
}

static size_t wider(size_t width, size_t cell)
{
    return cell <= width ? width : cell > WIDEST ? WIDEST : cell;
}

static void pad(FILE *out, size_t width, size_t used, char with)
{
    for (; used < width; used++)
        putc(with, out);
}

/* A line of cells, without blanks behind the last one that holds anything. */
static void write_line(FILE *out, const struct cell *cells, const size_t *widths, int n)
{
    while (n > 0 && cells[n - 1].width == 0)
        n--;
    for (int i = 0; i < n; i++) {
        if (i)
            fputs("  ", out);
        if (cells[i].number)
            pad(out, widths[i], cells[i].width, ' ');
        fputs(cells[i].text ? cells[i].text : "", out);
        if (!cells[i].number && i + 1 < n)
            pad(out, widths[i], cells[i].width, ' ');
    }
    putc('\n', out);
}

static void write_markdown_line(FILE *out, const struct cell *cells, const size_t *widths, int n)
{
    (void)widths;
    for (int i = 0; i < n; i++) {
        fputs(i ? " | " : "| ", out);
        for (const char *c = cells[i].text ? cells[i].text : ""; *c; c++) {
            if (strchr("|\\`*_<>[]&", *c))
                putc('\\', out);
            putc(*c, out);
        }
    }
    fputs(" |\n", out);
}

typedef void line_writer(FILE *out, const struct cell *cells, const size_t *widths, int n);

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

static void free_cells(struct cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(cells[i].text);
}

/* The rows at hand: some measured ones with the head before them, or later ones. */
struct page {
    struct cell *cells;
    size_t rows;
    size_t *widths;
    bool *numbers;
    int n;
};

static int fill(struct page *page, tm_rows *rows)
{
    int step = 1;
    page->rows = 0;
    while (page->rows < ROWS_MEASURED && (step = tm_rows_next(rows)) == 1) {
        struct cell *line = page->cells + page->rows++ * (size_t)page->n;
        for (int i = 0; i < page->n; i++)
            line[i] = make_cell(tm_rows_value(rows, i));
    }
    return step;
}

static void write_head(FILE *out, struct page *page, tm_rows *rows, line_writer *write, bool markdown)
{
    struct cell *head = calloc((size_t)page->n, sizeof *head);
    for (int i = 0; head && i < page->n; i++) {
        head[i] =
            make_cell((struct tm_value){.type = TM_TEXT, .text = tm_rows_name(rows, i), .size = strlen(tm_rows_name(rows, i))});
        page->widths[i] = wider(0, head[i].width);
        for (size_t row = 0; row < page->rows; row++) {
            const struct cell *cell = &page->cells[row * (size_t)page->n + (size_t)i];
            page->widths[i] = wider(page->widths[i], cell->width);
            page->numbers[i] = page->numbers[i] || cell->number;
        }
        head[i].number = page->numbers[i];
    }
    if (head) {
        write(out, head, page->widths, page->n);
        write_rule(out, page->numbers, page->widths, page->n, markdown);
        free_cells(head, (size_t)page->n);
    }
    free(head);
}

static int write_pages(FILE *out, tm_rows *rows, line_writer *write, bool markdown)
{
    struct page page = {.n = tm_rows_width(rows)};
    size_t n = (size_t)page.n;
    bool first = true;
    int step = -1;
    page.cells = calloc(ROWS_MEASURED * n + 1, sizeof *page.cells);
    page.widths = calloc(n + 1, sizeof *page.widths);
    page.numbers = calloc(n + 1, sizeof *page.numbers);
    while (page.cells && page.widths && page.numbers) {
        step = fill(&page, rows);
        if (first)
            write_head(out, &page, rows, write, markdown);
        first = false;
        for (size_t row = 0; row < page.rows; row++)
            write(out, page.cells + row * n, page.widths, page.n);
        free_cells(page.cells, page.rows * n);
        if (step != 1)
            break;
    }
    free(page.cells);
    free(page.widths);
    free(page.numbers);
    return step;
}

static int write_table(FILE *out, tm_rows *rows)
{
    return write_pages(out, rows, write_line, false);
}

static int write_markdown(FILE *out, tm_rows *rows)
{
    return write_pages(out, rows, write_markdown_line, true);
}

const struct tm_format tm_format_table = {"table", write_table};
const struct tm_format tm_format_markdown = {"markdown", write_markdown};
