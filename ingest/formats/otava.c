/* Otava's dialect of CSV: a row is a run, known by its column `time`; each other column of numbers
 * is a metric of one plugin, which the file is about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/lines.h"
#include "ingest/formats/sniff.h"
#include "ingest/number.h"

struct table {
    struct tm_document document; /* first */
    const char **columns;
    size_t n_columns;
    char separator;
    const char *plugin;
};

static void *begin(struct tm_sink *sink)
{
    struct table *table = calloc(1, sizeof *table);
    if (table)
        table->document.sink = sink;
    return table;
}

static void end(void *reader)
{
    struct table *table = reader;
    free(table->columns);
    tm_document_end(reader);
}

/* The next field of a line, without quotes around it; *rest NULL: it was the last. */
static char *next_field(char **rest, char separator)
{
    char *field = *rest, *quote = *field == '"' ? strchr(field + 1, '"') : NULL;
    char *next = strchr(quote ? quote : field, separator);
    if (quote) {
        field++;
        *quote = '\0';
    }
    if (next)
        *next++ = '\0';
    *rest = next;
    return field;
}

static bool read_header(struct table *table, char *line)
{
    for (char *rest = line; rest;) {
        const char *name = next_field(&rest, table->separator);
        const char **column = tm_array_add(&table->columns, &table->n_columns, sizeof *column);
        const char *kept = tm_document_keep(&table->document, name, strlen(name));
        if (!column || !kept) {
            tm_sink_no_memory(table->document.sink, table->document.gather.file);
            return false;
        }
        *column = kept;
    }
    return true;
}

/* "+0100" as seconds; false: it is no zone. */
static bool read_zone(const char *text, int *seconds)
{
    int digits[4];
    if (*text != '+' && *text != '-')
        return false;
    for (int i = 0; i < 4; i++) {
        if (text[i + 1] < '0' || text[i + 1] > '9')
            return false;
        digits[i] = text[i + 1] - '0';
    }
    *seconds = (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60;
    *seconds = *text == '-' ? -*seconds : *seconds;
    return text[5] == '\0';
}

/* Also "2024.01.01 3:00:00 +0100"; without a zone it is UTC. */
static bool read_time(const char *text, int64_t *at)
{
    struct tm time = {0};
    int zone = 0;
    if (tm_time_parse(text, strlen(text), at) == 0)
        return true;
    const char *rest = strptime(text, "%Y.%m.%d %H:%M:%S", &time);
    if (!rest)
        return false;
    rest += strspn(rest, " ");
    if (*rest && !read_zone(rest, &zone))
        return false;
    *at = (int64_t)timegm(&time) - zone;
    return tm_time_known(*at);
}

/* The row's own facts, and each number as a reading. A field that is no number is no measurement. */
static void take_field(struct table *table, const char *column, const char *field)
{
    struct tm_gather_facts *facts = &table->document.facts;
    double value;
    if (strcmp(column, "commit") == 0)
        facts->commit = field;
    else if (strcmp(column, "branch") == 0)
        facts->branch = field;
    else if (strcmp(column, "time") != 0 && *field && tm_parse_real(field, strlen(field), 0, &value) == TM_NUMBER_OK)
        tm_gather_reading(&table->document.gather, column, NULL, NULL, value);
}

static bool take_row(struct table *table, char *line, uint64_t number)
{
    struct tm_document *document = &table->document;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const struct tm_place place = {document->gather.file, number, 0};
    char shown[TM_SHOWN_SIZE], *rest = line;
    size_t n = 0;
    document->facts = (struct tm_gather_facts)TM_GATHER_FACTS_INIT;
    document->facts.tool = "otava";
    document->facts.line = number;
    row.name = table->plugin;
    row.size = strlen(table->plugin);
    tm_gather_row(&document->gather, &row, number);
    for (; rest && n < table->n_columns; n++) {
        char *field = next_field(&rest, table->separator);
        if (strcmp(table->columns[n], "time") == 0 && !read_time(field, &document->facts.started_at)) {
            tm_diag_error(document->sink->diag, &place, "found '%s' in column 'time', expected a time",
                          tm_shown(field, strlen(field), shown));
            return false;
        }
        take_field(table, table->columns[n], field);
    }
    if (rest || n != table->n_columns)
        tm_diag_error(document->sink->diag, &place, "found %s fields than the %zu of the header", rest ? "more" : "fewer",
                      table->n_columns);
    else
        tm_gather_run(&document->gather, &document->facts);
    return !rest && n == table->n_columns;
}

static void read_source(void *reader, struct tm_source *source)
{
    struct table *table = reader;
    struct tm_document *document = &table->document;
    const struct tm_place place = {source->name, 0, 0};
    struct tm_lines lines = {0};
    size_t size;
    uint64_t before = document->gather.runs;
    tm_document_open(document, source, "otava");
    free(table->columns);
    table->columns = NULL;
    table->n_columns = 0;
    table->plugin = document->sink->options->plugin ? document->sink->options->plugin : tm_document_stem(document);
    tm_lines_begin(&lines, source, document->sink->diag);
    for (char *line; table->plugin && (line = tm_lines_next(&lines, &size)) && !document->sink->failed;) {
        if (lines.line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
            line += 3;
        if (*line == '\0' || *line == '#')
            continue;
        if (!table->columns) {
            table->separator = strchr(line, ';') ? ';' : ',';
            if (!read_header(table, line))
                break;
        } else {
            take_row(table, line, lines.line);
        }
    }
    tm_gather_drop(&document->gather);
    if (!lines.failed && document->gather.runs == before)
        tm_diag_error(document->sink->diag, &place, "has no row with a measurement in it; nothing was stored");
    tm_lines_free(&lines);
}

/* A column `time` and none that is called plugin: in the first line that is no comment. */
static bool sniff(const unsigned char *head, size_t size)
{
    const char *stop, *at = tm_sniff_start(head, size, &stop);
    bool time = false;
    if (!at || *at == '{' || *at == '[' || *at == '<')
        return false;
    const char *line_end = memchr(at, '\n', (size_t)(stop - at));
    line_end = line_end ? line_end : stop;
    while (at < line_end) {
        size_t length = 0;
        while (at + length < line_end && at[length] != ',' && at[length] != ';' && at[length] != '\r')
            length++;
        time = time || (length == 4 && memcmp(at, "time", 4) == 0);
        if (length == 6 && memcmp(at, "plugin", 6) == 0)
            return false;
        at += length + 1;
    }
    return time;
}

const struct tm_input_format tm_input_otava = {
    .name = "otava",
    .summary = "Otava's CSV: a row is a run, known by its column 'time'; its numbers are of --plugin NAME, or of the file's name",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
