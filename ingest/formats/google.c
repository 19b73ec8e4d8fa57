/* Google Benchmark's JSON. Repetitions share a name and are combined; aggregates are no
 * measurements, but the mean counts where it is all that was written. Every further number of a
 * row is a counter of the benchmark's own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"
#include "schema/units.h"

struct counter {
    const char *name;
    double value;
};

struct bench {
    struct tm_json_text name, run_name, type, aggregate, aggregate_unit, unit;
    double iterations, real, cpu;
    bool failed, fit; /* fit: of a complexity, no measurement */
    uint64_t line;
    struct counter *counters;
    size_t n_counters;
};

/* Means that may be all there is of a benchmark are kept until the file's end. */
struct google {
    struct tm_document document; /* first */
    struct bench *means;
    size_t n_means;
    double cores, mhz;
};

static void *begin(struct tm_sink *sink)
{
    struct google *google = calloc(1, sizeof *google);
    if (google)
        google->document.sink = sink;
    return google;
}

static void drop_means(struct google *google)
{
    for (size_t i = 0; i < google->n_means; i++)
        free(google->means[i].counters);
    free(google->means);
    google->means = NULL;
    google->n_means = 0;
}

static void end(void *reader)
{
    drop_means(reader);
    tm_document_end(reader);
}

static void read_date(struct tm_json *json, void *into)
{
    struct google *google = into;
    struct tm_json_text text = {0};
    if (tm_json_take_text(json, &text) && text.text)
        tm_time_parse(text.text, text.size, &google->document.facts.started_at);
}

/* The host's name is a container's as often as not; the clock's rate differs a little from run to run. */
static void read_context(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"date", TM_JSON_CALL, 0, read_date},
        {"num_cpus", TM_JSON_A_NUMBER, offsetof(struct google, cores), NULL},
        {"mhz_per_cpu", TM_JSON_A_NUMBER, offsetof(struct google, mhz), NULL},
        {"library_version", TM_JSON_CALL, offsetof(struct google, document.facts.version), tm_document_take_fact},
    };
    static const double CLASS_MHZ = 500;
    struct google *google = into;
    google->cores = google->mhz = NAN;
    if (!tm_json_read(json, members, sizeof members / sizeof *members, google) || !(google->cores >= 1))
        return;
    const char *clock = google->mhz > 0 && google->mhz < 1e5
                            ? tm_document_printf(&google->document, "%.1f GHz", round(google->mhz / CLASS_MHZ) * CLASS_MHZ / 1000)
                            : NULL;
    google->document.facts.host = tm_document_machine(&google->document, clock, google->cores);
}

/* A member that the format does not define: a number is a counter, a text says nothing that could be judged. */
static void read_counter(struct tm_json *json, void *into)
{
    static const char *const known[] = {"family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads"};
    struct bench *bench = into;
    const char *name = json->key.text;
    double value = json->token == TM_JSON_NUMBER ? json->number : NAN;
    tm_json_skip(json);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0)
            return;
    if (strcmp(name, "big_o") == 0 || strcmp(name, "rms") == 0 || strcmp(name, "cpu_coefficient") == 0)
        bench->fit = true;
    if (isnan(value))
        return;
    struct counter *added = tm_array_add(&bench->counters, &bench->n_counters, sizeof *added);
    const char *kept = tm_document_keep(tm_document_of(json), name, strlen(name));
    if (added && kept)
        *added = (struct counter){kept, value};
    else
        tm_json_no_memory(json);
}

static const char *better_of(const char *counter)
{
    size_t size = strlen(counter);
    if (size > 11 && strcmp(counter + size - 11, "_per_second") == 0)
        return "higher";
    return strcmp(counter, "allocs_per_iter") == 0 || strcmp(counter, "max_bytes_used") == 0 ? "lower" : NULL;
}

static void add_bench(struct tm_document *document, const struct bench *bench, const struct tm_json_text *name)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const struct tm_unit *unit = bench->unit.text ? tm_unit_named(bench->unit.text, bench->unit.size) : tm_unit_named("ns", 2);
    double factor = unit && unit->dimension == TM_DIMENSION_TIME ? unit->factor : NAN;
    row.name = name->text;
    row.size = name->size;
    row.calls = tm_gather_calls(bench->iterations);
    if (bench->failed)
        row.calls = row.errors = 1;
    else if (bench->real >= 0)
        row.wall_ns = bench->real * factor;
    if (!bench->failed && bench->cpu >= 0)
        row.cpu_ns = bench->cpu * factor;
    tm_gather_row(&document->gather, &row, bench->line);
    for (size_t i = 0; i < bench->n_counters && !bench->failed; i++) {
        const char *counter = bench->counters[i].name;
        tm_gather_reading(&document->gather, counter, strcmp(counter, "bytes_per_second") == 0 ? "B/s" : NULL, better_of(counter),
                          bench->counters[i].value);
    }
}

static bool is(const struct tm_json_text *text, const char *word)
{
    return text->text && strcmp(text->text, word) == 0;
}

/* Before there was a run_type, an aggregate was known by its name alone. */
static bool is_old_aggregate(const struct tm_gather *gather, const struct bench *bench)
{
    static const char *const endings[] = {"_mean", "_median", "_stddev", "_cv", "_BigO", "_RMS"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]), size = bench->name.size;
        if (!bench->type.text && size > ending && strcmp(bench->name.text + size - ending, endings[i]) == 0 &&
            tm_gather_has(gather, bench->name.text, size - ending))
            return true;
    }
    return false;
}

/* Kept as it is: its texts are moved to where they last. */
static void keep_mean(struct google *google, struct bench *bench)
{
    struct tm_json_text *texts[] = {&bench->run_name, &bench->unit};
    for (size_t i = 0; i < 2; i++)
        if (texts[i]->text)
            texts[i]->text = tm_document_keep(&google->document, texts[i]->text, texts[i]->size);
    struct bench *added = tm_array_add(&google->means, &google->n_means, sizeof *added);
    if (added)
        *added = *bench, bench->counters = NULL;
    else
        tm_sink_no_memory(google->document.sink, google->document.gather.file);
}

static void read_bench(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"name", TM_JSON_A_TEXT, offsetof(struct bench, name), NULL},
        {"run_name", TM_JSON_A_TEXT, offsetof(struct bench, run_name), NULL},
        {"run_type", TM_JSON_A_TEXT, offsetof(struct bench, type), NULL},
        {"aggregate_name", TM_JSON_A_TEXT, offsetof(struct bench, aggregate), NULL},
        {"aggregate_unit", TM_JSON_A_TEXT, offsetof(struct bench, aggregate_unit), NULL},
        {"time_unit", TM_JSON_A_TEXT, offsetof(struct bench, unit), NULL},
        {"iterations", TM_JSON_A_NUMBER, offsetof(struct bench, iterations), NULL},
        {"real_time", TM_JSON_A_NUMBER, offsetof(struct bench, real), NULL},
        {"cpu_time", TM_JSON_A_NUMBER, offsetof(struct bench, cpu), NULL},
        {"error_occurred", TM_JSON_A_BOOL, offsetof(struct bench, failed), NULL},
        {NULL, TM_JSON_CALL, 0, read_counter},
    };
    struct google *google = into;
    struct tm_document *document = &google->document;
    struct bench bench = {.iterations = NAN, .real = NAN, .cpu = NAN, .line = json->line};
    if (tm_json_read(json, members, sizeof members / sizeof *members, &bench)) {
        bool percentage = is(&bench.aggregate_unit, "percentage");
        if (!bench.name.text)
            tm_json_fault(json, "found a benchmark without a name");
        else if (is(&bench.type, "aggregate") && is(&bench.aggregate, "mean") && !percentage && bench.run_name.text)
            keep_mean(google, &bench);
        else if (!is(&bench.type, "aggregate") && !bench.fit && !is_old_aggregate(&document->gather, &bench))
            add_bench(document, &bench, &bench.name);
    }
    free(bench.counters);
    tm_arena_reset(&json->texts);
}

static void read_benches(struct tm_json *json, void *into)
{
    tm_json_each(json, read_bench, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {
        {"context", TM_JSON_CALL, 0, read_context},
        {"benchmarks", TM_JSON_CALL, 0, read_benches},
    };
    struct google *google = reader;
    tm_document_open(&google->document, source, "google-benchmark");
    drop_means(google);
    tm_json_next(&google->document.json);
    tm_json_read(&google->document.json, members, sizeof members / sizeof *members, google);
    for (size_t i = 0; i < google->n_means; i++)
        if (!tm_gather_has(&google->document.gather, google->means[i].run_name.text, google->means[i].run_name.size))
            add_bench(&google->document, &google->means[i], &google->means[i].run_name);
    tm_document_close(&google->document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') &&
           ((tm_sniff_key(head, size, 1, "context") &&
             (tm_sniff_key(head, size, 2, "num_cpus") || tm_sniff_key(head, size, 2, "date"))) ||
            (tm_sniff_key(head, size, 1, "benchmarks") && tm_sniff_key(head, size, 3, "real_time")));
}

const struct tm_input_format tm_input_google = {
    .name = "google-benchmark",
    .summary = "Google Benchmark's JSON",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
