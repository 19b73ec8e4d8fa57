/* CSV: Tidemark's own format, and what a spreadsheet or a script writes. A call's files are one table: a run may begin in one and
 * go on in the next. */
#include <stdlib.h>

#include "ingest/formats/csv_table.h"
#include "ingest/formats/formats.h"

/* Text that does not begin as JSON, XML or something compressed does. A byte order mark and blanks may stand before. */
static bool sniff(const unsigned char *head, size_t size)
{
    size_t at = size >= 3 && head[0] == 0xef && head[1] == 0xbb && head[2] == 0xbf ? 3 : 0;
    while (at < size && (head[at] == ' ' || head[at] == '\t' || head[at] == '\n' || head[at] == '\r'))
        at++;
    return at == size || !(head[at] == '{' || head[at] == '[' || head[at] == '<' || head[at] == 0x1f);
}

static void *begin(struct tm_sink *sink)
{
    struct tm_table *table = calloc(1, sizeof *table);
    if (table)
        table->sink = sink;
    return table;
}

/* A table goes on from file to file; when reading stopped early, its fault has been noted and the
 * file lacks nothing more. */
static void read_source(void *reader, struct tm_source *source)
{
    struct tm_table *table = reader;
    struct tm_csv_handler handler = {table, tm_table_field, tm_table_row};
    tm_table_start_file(table, source->name);
    if (tm_csv_read(source, &handler, table->sink->diag, &table->csv) == 0)
        tm_table_end_file(table);
}

static void end(void *reader)
{
    tm_table_free(reader);
    free(reader);
}

const struct tm_input_format tm_input_csv = {
    .name = "csv",
    .summary = "a row per plugin and run, or per call; columns by name, with their units",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
