/* CSV: Tidemark's own format, and what a spreadsheet or a script writes. A call's files are one
 * table: a run may begin in one and go on in the next. */
#include <stdlib.h>
#include <string.h>

#include "ingest/formats/csv_table.h"
#include "ingest/formats/formats.h"
#include "ingest/formats/sniff.h"

/* A first line with a separator in it, or the word plugin; and an empty file, of which it says best what is missing. It may have
 * the wrong columns: what is wrong with a table is better told than that it is none. */
static bool sniff(const unsigned char *head, size_t size)
{
    const char *stop, *at = tm_sniff_start(head, size, &stop);
    if (!at)
        return true;
    if (*at == '{' || *at == '[' || *at == '<' || *at == 0x1f)
        return false;
    const char *line = memchr(at, '\n', (size_t)(stop - at));
    size_t length = (size_t)((line ? line : stop) - at);
    return memchr(at, ',', length) || memchr(at, ';', length) || memchr(at, '\t', length) ||
           memmem(at, length, "plugin", strlen("plugin"));
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
