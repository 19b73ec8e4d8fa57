/* vitest bench --outputJson: milliseconds. The group's full name belongs to the identity; a
 * benchmark without a sample has failed. */
#include <math.h>
#include <string.h>

#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct bench {
    struct tm_json_text name;
    double count, mean, median, p99, max;
    const double *samples;
    size_t n_samples;
};

static void read_samples(struct tm_json *json, void *into)
{
    struct bench *bench = into;
    tm_document_numbers(json, &bench->samples, &bench->n_samples);
}

struct group {
    const char *name; /* stands before its benchmarks: that is the order in which vitest writes them */
};

static void add_bench(struct tm_document *document, const struct bench *bench, const char *group, uint64_t line)
{
    static const double MS = 1e6;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    row.name = tm_document_printf(document, "%s%s%s", group ? group : "", group ? " > " : "", bench->name.text);
    if (!row.name)
        return;
    row.size = strlen(row.name);
    for (size_t i = 0; i < bench->n_samples; i++)
        document->numbers[i] *= MS;
    if (bench->count >= 1 && !isnan(bench->mean)) {
        row.calls = tm_gather_calls(bench->count);
        row.wall_ns = bench->mean * MS;
        row.p50_ns = bench->median * MS;
        row.p99_ns = bench->p99 * MS;
        row.max_ns = bench->max * MS;
        row.samples = bench->samples;
        row.n_samples = bench->n_samples;
    } else {
        row.errors = 1;
    }
    tm_gather_row(&document->gather, &row, line);
}

static void read_bench(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"name", TM_JSON_A_TEXT, offsetof(struct bench, name), NULL},
        {"sampleCount", TM_JSON_A_NUMBER, offsetof(struct bench, count), NULL},
        {"mean", TM_JSON_A_NUMBER, offsetof(struct bench, mean), NULL},
        {"median", TM_JSON_A_NUMBER, offsetof(struct bench, median), NULL},
        {"p99", TM_JSON_A_NUMBER, offsetof(struct bench, p99), NULL},
        {"max", TM_JSON_A_NUMBER, offsetof(struct bench, max), NULL},
        {"samples", TM_JSON_CALL, 0, read_samples},
    };
    struct group *group = into;
    struct bench bench = {.count = NAN, .mean = NAN, .median = NAN, .p99 = NAN, .max = NAN};
    uint64_t line = json->line;
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &bench))
        return;
    if (!bench.name.text)
        tm_json_fault(json, "found a benchmark without a name");
    else
        add_bench(tm_document_of(json), &bench, group->name, line);
}

static void read_benches(struct tm_json *json, void *into)
{
    tm_json_each(json, read_bench, into);
}

static void read_group(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"fullName", TM_JSON_CALL, offsetof(struct group, name), tm_document_take_fact},
        {"benchmarks", TM_JSON_CALL, 0, read_benches},
    };
    struct group group = {0};
    (void)into;
    tm_json_read(json, members, sizeof members / sizeof *members, &group);
    tm_arena_reset(&json->texts);
}

static void read_groups(struct tm_json *json, void *into)
{
    tm_json_each(json, read_group, into);
}

static void read_file(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"groups", TM_JSON_CALL, 0, read_groups}};
    tm_json_read(json, members, 1, into);
}

static void read_files(struct tm_json *json, void *into)
{
    tm_json_each(json, read_file, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {{"files", TM_JSON_CALL, 0, read_files}};
    struct tm_document *document = reader;
    tm_document_open(document, source, "vitest");
    tm_json_next(&document->json);
    tm_json_read(&document->json, members, 1, document);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && tm_sniff_key(head, size, 1, "files") &&
           (tm_sniff_key(head, size, 3, "filepath") || tm_sniff_key(head, size, 3, "groups"));
}

const struct tm_input_format tm_input_vitest = {
    .name = "vitest",
    .summary = "vitest bench --outputJson",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
