/* The two plainest forms: a list of {name, value, unit}, which github-action-benchmark calls
 * custom, and Bencher's {benchmark: {measure: {value}}} (BMF). */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct entry {
    struct tm_json_text name, unit;
    double value;
};

/* The direction is in no such file but in its name: customBiggerIsBetter.json. */
static const char *better_of_file(const char *file)
{
    const char *slash = strrchr(file, '/');
    return strcasestr(slash ? slash : file, "bigger") ? "higher" : strcasestr(slash ? slash : file, "smaller") ? "lower" : NULL;
}

static void read_entry(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"name", TM_JSON_A_TEXT, offsetof(struct entry, name), NULL},
        {"value", TM_JSON_A_NUMBER, offsetof(struct entry, value), NULL},
        {"unit", TM_JSON_A_TEXT, offsetof(struct entry, unit), NULL},
    };
    struct tm_document *document = into;
    struct entry entry = {.value = NAN};
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    uint64_t line = json->line;
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &entry))
        return;
    if (!entry.name.text) {
        tm_json_fault(json, "found an entry without a name");
        return;
    }
    row.name = entry.name.text;
    row.size = entry.name.size;
    tm_gather_row(&document->gather, &row, line);
    tm_gather_by_unit(&document->gather, entry.unit.text, better_of_file(document->gather.file), entry.value);
    tm_arena_reset(&json->texts);
}

static void read_custom(void *reader, struct tm_source *source)
{
    struct tm_document *document = reader;
    tm_document_open(document, source, "custom");
    tm_json_next(&document->json);
    tm_json_each(&document->json, read_entry, document);
    tm_document_close(document);
}

static bool sniff_custom(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '[') && tm_sniff_key(head, size, 2, "name") && tm_sniff_key(head, size, 2, "value") &&
           !tm_sniff_key(head, size, 2, "primaryMetric");
}

const struct tm_input_format tm_input_custom = {
    .name = "custom",
    .summary = "a JSON list of name, value and unit (github-action-benchmark's custom tools)",
    .sniff = sniff_custom,
    .begin = tm_document_begin,
    .read = read_custom,
    .end = tm_document_end,
};

/* Measures that Bencher comes with; latency is in nanoseconds. */
static const struct {
    const char *measure, *unit, *better;
} measures[] = {{"throughput", "ops/s", "higher"}, {"file-size", "bytes", "lower"}, {"build-time", "s", "lower"}};

static void read_value(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"value", TM_JSON_A_NUMBER, 0, NULL}};
    struct tm_document *document = into;
    const char *measure = tm_document_keep(document, json->key.text, json->key.size), *unit = NULL, *better = NULL;
    double value = NAN;
    if (!tm_json_read(json, members, 1, &value) || !measure)
        return;
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (strcmp(measures[i].measure, measure) == 0)
            unit = measures[i].unit, better = measures[i].better;
    if (strcmp(measure, "latency") == 0)
        tm_gather_by_unit(&document->gather, "ns", "lower", value);
    else
        tm_gather_reading(&document->gather, measure, unit, better, value);
}

static void read_benchmark(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_value}};
    struct tm_document *document = into;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    row.name = json->key.text;
    row.size = json->key.size;
    tm_gather_row(&document->gather, &row, json->line);
    tm_json_read(json, members, 1, document);
    tm_arena_reset(&json->texts);
}

static void read_bmf(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_benchmark}};
    struct tm_document *document = reader;
    tm_document_open(document, source, "bmf");
    tm_json_next(&document->json);
    tm_json_read(&document->json, members, 1, document);
    tm_document_close(document);
}

/* Objects in objects in an object, the innermost with a value, and nothing that another format has. */
static bool sniff_bmf(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && tm_sniff_key(head, size, 3, "value") && !tm_sniff_text(head, size, "[") &&
           !tm_sniff_key(head, size, 1, "metrics");
}

const struct tm_input_format tm_input_bmf = {
    .name = "bmf",
    .summary = "Bencher Metric Format",
    .sniff = sniff_bmf,
    .begin = tm_document_begin,
    .read = read_bmf,
    .end = tm_document_end,
};
