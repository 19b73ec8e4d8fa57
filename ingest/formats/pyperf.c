/* pyperf's JSON: values per loop, in the unit that the metadata of file, benchmark or run says. A
 * run that only calibrates has warm-ups and no values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct metadata {
    const char *name, *unit, *date, *cpu;
    double cores, peak;
};

/* A benchmark waits until the file's end: the metadata of all of them may stand there. */
struct bench {
    struct metadata facts;
    double *values, peak;
    size_t n_values;
    const char *unit; /* of a run */
    uint64_t line;
};

struct pyperf {
    struct tm_document document; /* first */
    struct metadata facts;
    struct bench *benches;
    size_t n_benches;
};

static const struct metadata NO_FACTS = {.cores = NAN, .peak = NAN};

static void *begin(struct tm_sink *sink)
{
    struct pyperf *pyperf = calloc(1, sizeof *pyperf);
    if (pyperf)
        pyperf->document.sink = sink;
    return pyperf;
}

static void drop(struct pyperf *pyperf)
{
    for (size_t i = 0; i < pyperf->n_benches; i++)
        free(pyperf->benches[i].values);
    free(pyperf->benches);
    pyperf->benches = NULL;
    pyperf->n_benches = 0;
}

static void end(void *reader)
{
    drop(reader);
    tm_document_end(reader);
}

static void read_metadata(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"name", TM_JSON_CALL, offsetof(struct metadata, name), tm_document_take_fact},
        {"unit", TM_JSON_CALL, offsetof(struct metadata, unit), tm_document_take_fact},
        {"date", TM_JSON_CALL, offsetof(struct metadata, date), tm_document_take_fact},
        {"cpu_model_name", TM_JSON_CALL, offsetof(struct metadata, cpu), tm_document_take_fact},
        {"cpu_count", TM_JSON_A_NUMBER, offsetof(struct metadata, cores), NULL},
        {"mem_max_rss", TM_JSON_A_NUMBER, offsetof(struct metadata, peak), NULL},
    };
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, sizeof members / sizeof *members, into);
}

static void take_time(struct tm_document *document, const char *date)
{
    int64_t at, *first = &document->facts.started_at;
    if (date && tm_time_parse(date, strlen(date), &at) == 0 && (*first < 0 || at < *first))
        *first = at;
}

struct one_run {
    struct metadata facts;
    const double *values;
    size_t n_values;
};

static void read_values(struct tm_json *json, void *into)
{
    struct one_run *run = into;
    tm_document_numbers(json, &run->values, &run->n_values);
}

static void read_run(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"metadata", TM_JSON_CALL, offsetof(struct one_run, facts), read_metadata},
        {"values", TM_JSON_CALL, 0, read_values},
    };
    struct bench *bench = into;
    struct one_run run = {.facts = NO_FACTS};
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &run))
        return;
    take_time(tm_document_of(json), run.facts.date);
    bench->peak = fmax(bench->peak, run.facts.peak);
    bench->unit = run.facts.unit ? run.facts.unit : bench->unit;
    for (size_t i = 0; i < run.n_values; i++) {
        double *added = tm_array_add(&bench->values, &bench->n_values, sizeof *added);
        if (added)
            *added = run.values[i];
        else
            tm_json_no_memory(json);
    }
}

static void read_runs(struct tm_json *json, void *into)
{
    tm_json_each(json, read_run, into);
}

static void read_bench(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"metadata", TM_JSON_CALL, offsetof(struct bench, facts), read_metadata},
        {"runs", TM_JSON_CALL, 0, read_runs},
    };
    struct pyperf *pyperf = into;
    struct bench bench = {.facts = NO_FACTS, .peak = NAN, .line = json->line};
    bool read = tm_json_read(json, members, sizeof members / sizeof *members, &bench);
    struct bench *added = read ? tm_array_add(&pyperf->benches, &pyperf->n_benches, sizeof *added) : NULL;
    if (added)
        *added = bench;
    else
        free(bench.values);
    if (read && !added)
        tm_json_no_memory(json);
    tm_arena_reset(&json->texts);
}

static void read_benches(struct tm_json *json, void *into)
{
    tm_json_each(json, read_bench, into);
}

/* Of three levels of metadata the innermost counts. */
static void add_bench(struct pyperf *pyperf, const struct bench *bench)
{
    struct tm_document *document = &pyperf->document;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const char *unit = bench->unit ? bench->unit : bench->facts.unit ? bench->facts.unit : pyperf->facts.unit;
    double sum = 0;
    row.name = bench->facts.name ? bench->facts.name : pyperf->facts.name;
    if (bench->n_values == 0)
        return;
    row.name = row.name ? row.name : tm_document_stem(document);
    if (!row.name)
        return;
    row.size = strlen(row.name);
    row.calls = (int64_t)bench->n_values;
    row.peak_mem_bytes = bench->peak;
    for (size_t i = 0; i < bench->n_values; i++)
        sum += bench->values[i];
    bool seconds = !unit || strcmp(unit, "second") == 0;
    if (seconds) {
        for (size_t i = 0; i < bench->n_values; i++)
            bench->values[i] *= 1e9;
        row.wall_ns = sum / (double)bench->n_values * 1e9;
        row.samples = bench->values;
        row.n_samples = bench->n_values;
    }
    tm_gather_row(&document->gather, &row, bench->line);
    if (!seconds)
        tm_gather_by_unit(&document->gather, strcmp(unit, "integer") == 0 ? NULL : unit, NULL, sum / (double)bench->n_values);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {
        {"metadata", TM_JSON_CALL, offsetof(struct pyperf, facts), read_metadata},
        {"benchmarks", TM_JSON_CALL, 0, read_benches},
    };
    struct pyperf *pyperf = reader;
    struct tm_document *document = &pyperf->document;
    tm_document_open(document, source, "pyperf");
    drop(pyperf);
    pyperf->facts = NO_FACTS;
    tm_json_next(&document->json);
    if (tm_json_read(&document->json, members, sizeof members / sizeof *members, pyperf))
        for (size_t i = 0; i < pyperf->n_benches; i++)
            add_bench(pyperf, &pyperf->benches[i]);
    take_time(document, document->facts.started_at < 0 ? pyperf->facts.date : NULL);
    const struct metadata *facts = pyperf->facts.cpu || pyperf->n_benches == 0 ? &pyperf->facts : &pyperf->benches[0].facts;
    document->facts.host = tm_document_machine(document, facts->cpu, facts->cores);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    if (!tm_sniff_json(head, size, '{') || tm_sniff_key(head, size, 1, "context") || tm_sniff_key(head, size, 3, "fullname") ||
        tm_sniff_key(head, size, 1, "machine_info") || tm_sniff_key(head, size, 1, "commit_info"))
        return false;
    return tm_sniff_key(head, size, 4, "perf_version") || tm_sniff_key(head, size, 2, "perf_version") ||
           (tm_sniff_key(head, size, 1, "benchmarks") &&
            (tm_sniff_key(head, size, 3, "runs") || tm_sniff_key(head, size, 5, "warmups")));
}

const struct tm_input_format tm_input_pyperf = {
    .name = "pyperf",
    .summary = "pyperf's JSON, also compressed",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
