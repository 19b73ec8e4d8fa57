/* JMH's JSON. A score is a time per operation in the modes that measure one, and a rate in the
 * others; which of them is told by its unit. One benchmark may be there once for each mode and
 * each set of parameters, so these are parts of its name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"
#include "schema/units.h"

struct percentiles {
    double p50, p95, p99, max;
};

struct metric {
    double score;
    struct tm_json_text unit;
    struct percentiles percentiles;
    const double *raw;
    size_t n_raw;
};

struct second {
    const char *name, *unit;
    double score;
};

struct bench {
    struct tm_json_text benchmark, mode;
    const char *parameters; /* NULL: none */
    struct metric primary;
    struct second *seconds;
    size_t n_seconds;
};

static void read_percentiles(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"50.0", TM_JSON_A_NUMBER, offsetof(struct percentiles, p50), NULL},
        {"95.0", TM_JSON_A_NUMBER, offsetof(struct percentiles, p95), NULL},
        {"99.0", TM_JSON_A_NUMBER, offsetof(struct percentiles, p99), NULL},
        {"100.0", TM_JSON_A_NUMBER, offsetof(struct percentiles, max), NULL},
    };
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, sizeof members / sizeof *members, into);
    else
        tm_json_skip(json);
}

/* A list for each fork. */
static void read_raw(struct tm_json *json, void *into)
{
    struct metric *metric = into;
    tm_document_numbers(json, &metric->raw, &metric->n_raw);
}

static void read_primary(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"score", TM_JSON_A_NUMBER, offsetof(struct metric, score), NULL},
        {"scoreUnit", TM_JSON_A_TEXT, offsetof(struct metric, unit), NULL},
        {"scorePercentiles", TM_JSON_CALL, offsetof(struct metric, percentiles), read_percentiles},
        {"rawData", TM_JSON_CALL, 0, read_raw},
    };
    tm_json_read(json, members, sizeof members / sizeof *members, into);
}

static void read_second(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"score", TM_JSON_A_NUMBER, offsetof(struct second, score), NULL},
        {"scoreUnit", TM_JSON_CALL, offsetof(struct second, unit), tm_document_take_fact},
    };
    struct bench *bench = into;
    struct second second = {.name = tm_document_keep(tm_document_of(json), json->key.text, json->key.size), .score = NAN};
    if (!second.name || json->token != TM_JSON_OBJECT) {
        tm_json_skip(json);
        return;
    }
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &second))
        return;
    struct second *added = tm_array_add(&bench->seconds, &bench->n_seconds, sizeof *added);
    if (added)
        *added = second;
    else
        tm_json_no_memory(json);
}

static void read_seconds(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_second}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
}

static void read_parameter(struct tm_json *json, void *into)
{
    struct bench *bench = into;
    struct tm_json_text value = {0};
    if (tm_json_take_text(json, &value))
        bench->parameters = tm_document_add_pair(tm_document_of(json), bench->parameters, ",", json->key.text, value.text);
}

static void read_parameters(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_parameter}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
}

/* What a garbage collector does is better when it is less, whatever its unit. */
static const char *better_of(const struct second *second)
{
    return strstr(second->name, "gc.") || strstr(second->name, "alloc") ? "lower" : NULL;
}

static void add_bench(struct tm_document *document, const struct bench *bench, uint64_t line)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const struct metric *metric = &bench->primary;
    const struct tm_unit *unit = metric->unit.text ? tm_unit_named(metric->unit.text, metric->unit.size) : NULL;
    const char *parameters = bench->parameters, *mode = bench->mode.text;
    row.name = tm_document_printf(document, "%s%s%s%s%s%s", bench->benchmark.text, parameters ? " [" : "",
                                  parameters ? parameters : "", parameters ? "]" : "", mode ? " " : "", mode ? mode : "");
    if (!row.name)
        return;
    row.size = strlen(row.name);
    bool time = unit && unit->dimension == TM_DIMENSION_TIME;
    if (time) {
        for (size_t i = 0; i < metric->n_raw; i++)
            document->numbers[i] *= unit->factor;
        row.wall_ns = metric->score * unit->factor;
        row.p50_ns = metric->percentiles.p50 * unit->factor;
        row.p95_ns = metric->percentiles.p95 * unit->factor;
        row.p99_ns = metric->percentiles.p99 * unit->factor;
        row.max_ns = metric->percentiles.max * unit->factor;
        row.samples = metric->raw;
        row.n_samples = metric->n_raw;
    }
    tm_gather_row(&document->gather, &row, line);
    if (!time)
        tm_gather_by_unit(&document->gather, metric->unit.text, NULL, metric->score);
    for (size_t i = 0; i < bench->n_seconds; i++) {
        const struct second *second = &bench->seconds[i];
        tm_gather_reading(&document->gather, second->name, second->unit, better_of(second), second->score);
    }
}

static void read_bench(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"benchmark", TM_JSON_A_TEXT, offsetof(struct bench, benchmark), NULL},
        {"mode", TM_JSON_A_TEXT, offsetof(struct bench, mode), NULL},
        {"params", TM_JSON_CALL, 0, read_parameters},
        {"primaryMetric", TM_JSON_CALL, offsetof(struct bench, primary), read_primary},
        {"secondaryMetrics", TM_JSON_CALL, 0, read_seconds},
    };
    struct bench bench = {.primary = {.score = NAN, .percentiles = {NAN, NAN, NAN, NAN}}};
    uint64_t line = json->line;
    if (tm_json_read(json, members, sizeof members / sizeof *members, &bench)) {
        if (bench.benchmark.text)
            add_bench(into, &bench, line);
        else
            tm_json_fault(json, "found a result without a benchmark's name");
    }
    free(bench.seconds);
    tm_arena_reset(&json->texts);
}

static void read_source(void *reader, struct tm_source *source)
{
    struct tm_document *document = reader;
    tm_document_open(document, source, "jmh");
    tm_json_next(&document->json);
    tm_json_each(&document->json, read_bench, document);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '[') && tm_sniff_key(head, size, 2, "benchmark") &&
           (tm_sniff_key(head, size, 2, "mode") || tm_sniff_key(head, size, 2, "primaryMetric") ||
            tm_sniff_key(head, size, 2, "jmhVersion"));
}

const struct tm_input_format tm_input_jmh = {
    .name = "jmh",
    .summary = "JMH's JSON: parameters and mode are parts of the name",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
