/* What 'cargo bench' prints with Rust's own harness, and the plugins that imitate it:
 * "test NAME ... bench:  1,234 ns/iter (+/- 56)". Nothing else in the text counts. */
#include <stdlib.h>
#include <string.h>

#include "ingest/formats/document.h"
#include "ingest/formats/lines.h"
#include "ingest/formats/sniff.h"
#include "ingest/number.h"

static const char TEST[] = "test ", BENCH[] = "bench:";

/* Where the figures of a benchmark's line begin, and its name; NULL: it is another line. */
static const char *figures_of(const char *line, const char **name, size_t *size)
{
    if (strncmp(line, TEST, strlen(TEST)) != 0)
        return NULL;
    const char *dots = strstr(line, " ... "), *bench = dots ? dots + strlen(" ... ") : NULL;
    if (!bench || strncmp(bench, BENCH, strlen(BENCH)) != 0)
        return NULL;
    *name = line + strlen(TEST);
    *size = (size_t)(dots - *name);
    while (*size > 0 && (*name)[*size - 1] == ' ')
        --*size;
    return bench + strlen(BENCH);
}

/* A number with commas between its thousands. */
static bool read_number(const char *word, size_t size, double *value)
{
    char plain[64];
    size_t n = 0;
    for (size_t i = 0; i < size && n < sizeof plain; i++)
        if (word[i] != ',')
            plain[n++] = word[i];
    return tm_parse_real(plain, n, 0, value) == TM_NUMBER_OK;
}

static void take_line(struct tm_document *document, const char *line, uint64_t number)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const char *at = figures_of(line, &row.name, &row.size), *word;
    char unit[64];
    size_t size;
    double value;
    if (!at || !(word = tm_word(&at, &size)) || !read_number(word, size, &value) || !(word = tm_word(&at, &size)) ||
        size >= sizeof unit)
        return;
    memcpy(unit, word, size);
    unit[size] = '\0';
    tm_gather_row(&document->gather, &row, number);
    tm_gather_by_unit(&document->gather, unit,
                      strcmp(unit, "cycles/iter") == 0 ? "lower"
                      : strcmp(unit, "MS/s") == 0      ? "higher"
                                                       : NULL,
                      value);
}

static void read_source(void *reader, struct tm_source *source)
{
    struct tm_document *document = reader;
    struct tm_lines lines = {0};
    size_t size;
    tm_document_open(document, source, "libtest");
    tm_lines_begin(&lines, source, document->sink->diag);
    for (char *line; (line = tm_lines_next(&lines, &size)) && !document->sink->failed;)
        take_line(document, line, lines.line);
    if (lines.failed)
        tm_gather_drop(&document->gather);
    else
        tm_document_finish(document, false);
    tm_lines_free(&lines);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_plain(head, size) && tm_sniff_text(head, size, " ... bench:");
}

const struct tm_input_format tm_input_libtest = {
    .name = "cargo-bench",
    .summary = "cargo bench with Rust's own harness",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
