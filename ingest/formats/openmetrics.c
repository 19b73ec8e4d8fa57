/* OpenMetrics and Prometheus text: samples with labels, of which one (--label NAME) names the
 * plugin. The other labels are a part of the metric's name: they tell its samples apart. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ingest/formats/document.h"
#include "ingest/formats/lines.h"
#include "ingest/formats/sniff.h"
#include "ingest/number.h"

enum { LONGEST = 4 * TM_NAME_MAX };

struct sample {
    char plugin[LONGEST], metric[LONGEST];
    bool has_plugin;
};

/* A label's value behind its opening quote, unescaped into `value`; behind the closing one, or NULL. */
static const char *take_label_value(const char *at, char value[LONGEST])
{
    size_t n = 0;
    for (; *at && *at != '"'; at++) {
        char c = *at;
        if (c == '\\' && at[1]) {
            c = *++at;
            if (c == 'n')
                c = '\n';
        }
        if (n < LONGEST - 1)
            value[n++] = c;
    }
    value[n] = '\0';
    return *at == '"' ? at + 1 : NULL;
}

/* The labels behind an opening brace; behind the closing one, or NULL: they are not well-formed. */
static const char *take_labels(const char *at, const char *wanted, struct sample *sample)
{
    char value[LONGEST];
    bool any = false;
    size_t used = strlen(sample->metric);
    for (;;) {
        at += strspn(at, " \t,");
        if (*at == '}')
            break;
        size_t size = strcspn(at, "=}, \t");
        const char *name = at;
        at += size + strspn(at + size, " \t");
        if (size == 0 || *at != '=' || at[1 + strspn(at + 1, " \t")] != '"')
            return NULL;
        at = take_label_value(at + 2 + strspn(at + 1, " \t"), value);
        if (!at)
            return NULL;
        if (strlen(wanted) == size && memcmp(name, wanted, size) == 0) {
            snprintf(sample->plugin, LONGEST, "%s", value);
            sample->has_plugin = true;
        } else if (used < LONGEST - 1) {
            used += (size_t)snprintf(sample->metric + used, LONGEST - used, "%s%.*s=%s", any ? "," : "{", (int)size, name, value);
            any = true;
        }
    }
    if (any && used < LONGEST - 1)
        strcpy(sample->metric + used, "}");
    return at + 1;
}

/* 1: a sample of a plugin; 0: a line without one; -1: no line of this format. */
static int read_sample(const char *line, const char *label, struct sample *sample, double *value)
{
    size_t size = strcspn(line, "{ \t"), number;
    const char *at = line + size;
    sample->has_plugin = false;
    if (*line == '\0' || *line == '#')
        return 0;
    if (size == 0 || size >= LONGEST / 2)
        return -1;
    snprintf(sample->metric, LONGEST, "%.*s", (int)size, line);
    if (*at == '{' && !(at = take_labels(at + 1, label, sample)))
        return -1;
    const char *word = tm_word(&at, &number);
    if (!word)
        return -1;
    if (tm_parse_real(word, number, 0, value) != TM_NUMBER_OK) {
        bool none = strncasecmp(word, "nan", number) == 0 || strncasecmp(word, "+inf", number) == 0 ||
                    strncasecmp(word, "-inf", number) == 0;
        *value = NAN;
        return none ? sample->has_plugin : -1;
    }
    return sample->has_plugin;
}

/* By OpenMetrics' own names for units. */
static const char *unit_of(const char *metric)
{
    static const char *const endings[][2] = {{"_seconds", "s"}, {"_bytes", "bytes"}, {"_milliseconds", "ms"}};
    size_t size = strcspn(metric, "{");
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i][0]);
        if (size > ending && memcmp(metric + size - ending, endings[i][0], ending) == 0)
            return endings[i][1];
    }
    return NULL;
}

static void read_source(void *reader, struct tm_source *source)
{
    struct tm_document *document = reader;
    struct tm_lines lines = {0};
    const char *label = document->sink->options->label;
    struct sample sample;
    double value;
    size_t size;
    tm_document_open(document, source, "openmetrics");
    if (!label) {
        tm_diag_error(document->sink->diag, &(struct tm_place){source->name, 0, 0},
                      "is OpenMetrics, in which any label may name what is measured: --label NAME says which one is the plugin");
        return;
    }
    tm_lines_begin(&lines, source, document->sink->diag);
    for (char *line; (line = tm_lines_next(&lines, &size)) && !document->sink->failed;) {
        struct tm_gather_row row = TM_GATHER_ROW_INIT;
        const struct tm_place place = {source->name, lines.line, 0};
        int found = read_sample(line, label, &sample, &value);
        if (found < 0)
            tm_diag_error(document->sink->diag, &place, "found no sample of OpenMetrics, expected 'name{label=\"value\"} number'");
        if (found <= 0)
            continue;
        row.name = sample.plugin;
        row.size = strlen(sample.plugin);
        tm_gather_row(&document->gather, &row, lines.line);
        tm_gather_reading(&document->gather, sample.metric, unit_of(sample.metric), NULL, value);
    }
    if (lines.failed)
        tm_gather_drop(&document->gather);
    else
        tm_document_finish(document, false);
    tm_lines_free(&lines);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_plain(head, size) && (tm_sniff_line(head, size, "# TYPE ") || tm_sniff_line(head, size, "# HELP "));
}

const struct tm_input_format tm_input_openmetrics = {
    .name = "openmetrics",
    .summary = "OpenMetrics and Prometheus text; --label NAME says which label is the plugin",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
