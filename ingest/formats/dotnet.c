/* BenchmarkDotNet's JSON (full and brief): nanoseconds always. A benchmark without statistics has
 * failed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct host {
    const char *cpu;
    double cores;
};

struct statistics {
    double n, mean, median, max, p95;
    bool there;
};

struct bench {
    struct tm_json_text full_name, namespace, type, method, parameters;
    struct statistics statistics;
    double allocated, operations;
};

/* Before 0.11 it was an object, with what it is as its Value. */
static void read_processor(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"Value", TM_JSON_CALL, 0, tm_document_take_fact}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
    else
        tm_document_take_fact(json, into);
}

static void read_host(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"ProcessorName", TM_JSON_CALL, offsetof(struct host, cpu), read_processor},
        {"LogicalCoreCount", TM_JSON_A_NUMBER, offsetof(struct host, cores), NULL},
    };
    struct tm_document *document = into;
    struct host host = {.cores = NAN};
    if (json->token == TM_JSON_OBJECT && tm_json_read(json, members, sizeof members / sizeof *members, &host))
        document->facts.host = tm_document_machine(document, host.cpu, host.cores);
}

/* "...-yyyyMMdd-HHmmss", in the writer's time without a zone: taken for UTC. */
static void read_title(struct tm_json *json, void *into)
{
    enum { STAMP = sizeof "20250308-230345" - 1 };
    struct tm_document *document = into;
    struct tm_json_text title = {0};
    char time[32];
    if (!tm_json_take_text(json, &title) || title.size < STAMP)
        return;
    const char *at = title.text + title.size - STAMP;
    if (at[8] != '-')
        return;
    snprintf(time, sizeof time, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", at, at + 4, at + 6, at + 9, at + 11, at + 13);
    tm_time_parse(time, strlen(time), &document->facts.started_at);
}

static void read_percentiles(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"P95", TM_JSON_A_NUMBER, offsetof(struct statistics, p95), NULL}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
}

static void read_statistics(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"N", TM_JSON_A_NUMBER, offsetof(struct statistics, n), NULL},
        {"Mean", TM_JSON_A_NUMBER, offsetof(struct statistics, mean), NULL},
        {"Median", TM_JSON_A_NUMBER, offsetof(struct statistics, median), NULL},
        {"Max", TM_JSON_A_NUMBER, offsetof(struct statistics, max), NULL},
        {"Percentiles", TM_JSON_CALL, 0, read_percentiles},
    };
    struct statistics *statistics = into;
    if (json->token == TM_JSON_NULL)
        return;
    statistics->there = true;
    tm_json_read(json, members, sizeof members / sizeof *members, into);
}

static void read_memory(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"BytesAllocatedPerOperation", TM_JSON_A_NUMBER, offsetof(struct bench, allocated), NULL}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
}

struct measurement {
    struct tm_json_text mode, stage;
    double operations;
};

/* Warm-up, overhead and pilot rows are no measurements of the result. */
static void read_measurement(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"IterationMode", TM_JSON_A_TEXT, offsetof(struct measurement, mode), NULL},
        {"IterationStage", TM_JSON_A_TEXT, offsetof(struct measurement, stage), NULL},
        {"Operations", TM_JSON_A_NUMBER, offsetof(struct measurement, operations), NULL},
    };
    struct bench *bench = into;
    struct measurement row = {.operations = NAN};
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &row))
        return;
    bool result =
        (row.stage.text && strcmp(row.stage.text, "Result") == 0) || (row.mode.text && strcmp(row.mode.text, "Result") == 0);
    if (result && row.operations > 0)
        bench->operations += row.operations;
}

static void read_measurements(struct tm_json *json, void *into)
{
    tm_json_each(json, read_measurement, into);
}

/* An old file has no full name. */
static const char *name_of(struct tm_document *document, const struct bench *bench)
{
    if (bench->full_name.size > 0)
        return bench->full_name.text;
    bool parameters = bench->parameters.size > 0;
    return tm_document_printf(document, "%s%s%s%s%s%s%s%s", bench->namespace.size ? bench->namespace.text : "",
                              bench->namespace.size ? "." : "", bench->type.text ? bench->type.text : "",
                              bench->type.text ? "." : "", bench->method.text ? bench->method.text : "", parameters ? "(" : "",
                              parameters ? bench->parameters.text : "", parameters ? ")" : "");
}

static void add_bench(struct tm_document *document, const struct bench *bench, uint64_t line)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const struct statistics *statistics = &bench->statistics;
    double calls = bench->operations > 0 ? bench->operations : statistics->n;
    row.name = name_of(document, bench);
    if (!row.name)
        return;
    row.size = strlen(row.name);
    if (statistics->there) {
        row.calls = tm_gather_calls(calls);
        row.wall_ns = statistics->mean;
        row.p50_ns = statistics->median;
        row.p95_ns = statistics->p95;
        row.max_ns = statistics->max;
    } else {
        row.errors = 1;
    }
    tm_gather_row(&document->gather, &row, line);
    tm_gather_reading(&document->gather, "allocated", "B/op", "lower", bench->allocated);
}

static void read_bench(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"FullName", TM_JSON_A_TEXT, offsetof(struct bench, full_name), NULL},
        {"Namespace", TM_JSON_A_TEXT, offsetof(struct bench, namespace), NULL},
        {"Type", TM_JSON_A_TEXT, offsetof(struct bench, type), NULL},
        {"Method", TM_JSON_A_TEXT, offsetof(struct bench, method), NULL},
        {"Parameters", TM_JSON_A_TEXT, offsetof(struct bench, parameters), NULL},
        {"Statistics", TM_JSON_CALL, offsetof(struct bench, statistics), read_statistics},
        {"Memory", TM_JSON_CALL, 0, read_memory},
        {"Measurements", TM_JSON_CALL, 0, read_measurements},
    };
    struct bench bench = {.allocated = NAN, .statistics = {NAN, NAN, NAN, NAN, NAN, false}};
    uint64_t line = json->line;
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &bench))
        return;
    if (bench.full_name.size || bench.method.text)
        add_bench(into, &bench, line);
    else
        tm_json_fault(json, "found a benchmark without a name");
    tm_arena_reset(&json->texts);
}

static void read_benches(struct tm_json *json, void *into)
{
    tm_json_each(json, read_bench, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {
        {"Title", TM_JSON_CALL, 0, read_title},
        {"HostEnvironmentInfo", TM_JSON_CALL, 0, read_host},
        {"Benchmarks", TM_JSON_CALL, 0, read_benches},
    };
    struct tm_document *document = reader;
    tm_document_open(document, source, "benchmarkdotnet");
    tm_json_next(&document->json);
    tm_json_read(&document->json, members, sizeof members / sizeof *members, document);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && (tm_sniff_key(head, size, 1, "HostEnvironmentInfo") ||
                                              (tm_sniff_key(head, size, 1, "Title") && tm_sniff_key(head, size, 1, "Benchmarks")));
}

const struct tm_input_format tm_input_dotnet = {
    .name = "benchmarkdotnet",
    .summary = "BenchmarkDotNet's JSON, full or brief",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
