/* What gungraun (iai-callgrind) and iai print: a line that names the benchmark, and behind it
 * indented lines of counts. Counts of instructions have no noise, and no wall time. */
#include <string.h>

#include "ingest/formats/document.h"
#include "ingest/formats/lines.h"
#include "ingest/formats/sniff.h"
#include "ingest/number.h"

/* "  Instructions:   1734|1735 (...)": the name before the colon, and the first number behind it. */
static bool read_count(char *line, const char **name, double *value)
{
    char *colon = strchr(line, ':');
    *name = line + strspn(line, " \t");
    if (*name == line || !colon || colon == *name)
        return false;
    const char *at = colon + 1 + strspn(colon + 1, " \t");
    size_t size = strcspn(at, "| \t(");
    if (tm_parse_real(at, size, 0, value) != TM_NUMBER_OK)
        return false;
    *colon = '\0';
    return true;
}

static bool is_name(const char *line)
{
    return *line && *line != ' ' && *line != '\t' && strcspn(line, " ") > 0 && line[strlen(line) - 1] != ':';
}

/* Of hits in a cache more is not worse; whatever else is counted is work. */
static const char *better_of(const char *name)
{
    return strstr(name, "Hits") || strstr(name, "hits") ? NULL : "lower";
}

static void read_source(void *reader, struct tm_source *source)
{
    struct tm_document *document = reader;
    struct tm_lines lines = {0};
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const char *name = NULL, *metric;
    bool begun = false;
    size_t size;
    double value;
    tm_document_open(document, source, "callgrind");
    tm_lines_begin(&lines, source, document->sink->diag);
    for (char *line; (line = tm_lines_next(&lines, &size)) && !document->sink->failed;) {
        if (is_name(line)) {
            name = tm_document_keep(document, line, size);
            begun = false;
        } else if (name && read_count(line, &metric, &value)) {
            row.name = name;
            row.size = strlen(name);
            if (!begun)
                tm_gather_row(&document->gather, &row, lines.line);
            begun = true;
            tm_gather_reading(&document->gather, metric, "count", better_of(metric), value);
        }
    }
    if (lines.failed)
        tm_gather_drop(&document->gather);
    else
        tm_document_finish(document, false);
    tm_lines_free(&lines);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_plain(head, size) &&
           (tm_sniff_text(head, size, "\n  Instructions: ") || tm_sniff_text(head, size, "\n  Estimated Cycles: "));
}

const struct tm_input_format tm_input_callgrind = {
    .name = "gungraun",
    .summary = "what gungraun (iai-callgrind) and iai print: counts of instructions and cycles",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
