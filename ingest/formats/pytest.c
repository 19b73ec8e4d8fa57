/* What pytest-benchmark saves (--benchmark-json, --benchmark-save, .benchmarks/): seconds, with the
 * rounds one by one where it was asked to keep them. */
#include <math.h>

#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct machine {
    const char *cpu;
    double cores;
};

struct stats {
    double mean, median, max, rounds, iterations;
    const double *data;
    size_t n_data;
};

struct bench {
    struct tm_json_text name, full_name;
    struct stats stats;
};

static void read_cpu(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"brand_raw", TM_JSON_CALL, offsetof(struct machine, cpu), tm_document_take_fact},
        {"brand", TM_JSON_CALL, offsetof(struct machine, cpu), tm_document_take_fact},
        {"count", TM_JSON_A_NUMBER, offsetof(struct machine, cores), NULL},
    };
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, sizeof members / sizeof *members, into);
}

/* The node is a container's name as often as not. */
static void read_machine(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"cpu", TM_JSON_CALL, 0, read_cpu}};
    struct machine machine = {.cores = NAN};
    struct tm_document *document = into;
    if (json->token == TM_JSON_OBJECT && tm_json_read(json, members, 1, &machine))
        document->facts.host = tm_document_machine(document, machine.cpu, machine.cores);
}

static void read_commit(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"id", TM_JSON_CALL, offsetof(struct tm_document, facts.commit), tm_document_take_fact},
        {"branch", TM_JSON_CALL, offsetof(struct tm_document, facts.branch), tm_document_take_fact},
    };
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, sizeof members / sizeof *members, into);
}

/* Without a zone it is UTC. */
static void read_time(struct tm_json *json, void *into)
{
    struct tm_document *document = into;
    struct tm_json_text text = {0};
    if (tm_json_take_text(json, &text) && text.text && tm_time_parse(text.text, text.size, &document->facts.started_at) != 0)
        tm_json_fault(json, "found '%.60s', expected a time", text.text);
}

static void read_data(struct tm_json *json, void *into)
{
    struct stats *stats = into;
    if (json->token == TM_JSON_ARRAY) /* plugins put a text there */
        tm_document_numbers(json, &stats->data, &stats->n_data);
}

static void read_stats(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"mean", TM_JSON_A_NUMBER, offsetof(struct stats, mean), NULL},
        {"median", TM_JSON_A_NUMBER, offsetof(struct stats, median), NULL},
        {"max", TM_JSON_A_NUMBER, offsetof(struct stats, max), NULL},
        {"rounds", TM_JSON_A_NUMBER, offsetof(struct stats, rounds), NULL},
        {"iterations", TM_JSON_A_NUMBER, offsetof(struct stats, iterations), NULL},
        {"data", TM_JSON_CALL, 0, read_data},
    };
    tm_json_read(json, members, sizeof members / sizeof *members, into);
}

static void add_bench(struct tm_document *document, const struct bench *bench, uint64_t line)
{
    const struct stats *stats = &bench->stats;
    const struct tm_json_text *name = bench->full_name.text ? &bench->full_name : &bench->name;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    double calls = stats->rounds * (stats->iterations >= 1 ? stats->iterations : 1);
    for (size_t i = 0; i < stats->n_data; i++)
        document->numbers[i] *= 1e9;
    row.name = name->text;
    row.size = name->size;
    row.calls = tm_gather_calls(calls);
    row.wall_ns = stats->mean * 1e9;
    row.p50_ns = stats->median * 1e9;
    row.max_ns = stats->max * 1e9;
    row.samples = stats->data;
    row.n_samples = stats->n_data;
    tm_gather_row(&document->gather, &row, line);
}

static void read_bench(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"name", TM_JSON_A_TEXT, offsetof(struct bench, name), NULL},
        {"fullname", TM_JSON_A_TEXT, offsetof(struct bench, full_name), NULL},
        {"stats", TM_JSON_CALL, offsetof(struct bench, stats), read_stats},
    };
    struct bench bench = {.stats = {.mean = NAN, .median = NAN, .max = NAN, .rounds = NAN, .iterations = NAN}};
    uint64_t line = json->line;
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &bench))
        return;
    if (!bench.name.text && !bench.full_name.text)
        tm_json_fault(json, "found a benchmark without a name");
    else if (isnan(bench.stats.mean))
        tm_json_fault(json, "found a benchmark without stats.mean");
    else
        add_bench(into, &bench, line);
    tm_arena_reset(&json->texts);
}

static void read_benches(struct tm_json *json, void *into)
{
    tm_json_each(json, read_bench, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {
        {"machine_info", TM_JSON_CALL, 0, read_machine},
        {"commit_info", TM_JSON_CALL, 0, read_commit},
        {"benchmarks", TM_JSON_CALL, 0, read_benches},
        {"datetime", TM_JSON_CALL, 0, read_time},
        {"version", TM_JSON_CALL, offsetof(struct tm_document, facts.version), tm_document_take_fact},
    };
    struct tm_document *document = reader;
    tm_document_open(document, source, "pytest-benchmark");
    tm_json_next(&document->json);
    tm_json_read(&document->json, members, sizeof members / sizeof *members, document);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') &&
           (tm_sniff_key(head, size, 1, "machine_info") || tm_sniff_key(head, size, 1, "commit_info") ||
            (tm_sniff_key(head, size, 1, "benchmarks") && tm_sniff_key(head, size, 3, "fullname")));
}

const struct tm_input_format tm_input_pytest = {
    .name = "pytest-benchmark",
    .summary = "what pytest-benchmark saves",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
