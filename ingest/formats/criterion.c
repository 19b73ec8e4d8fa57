/* Criterion.rs: the tree target/criterion, of which the newest results (new/) count, and the lines
 * of cargo-criterion. The slope of the regression is the time per iteration where there is one,
 * else the mean; the samples are times by iterations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/directory.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"
#include "schema/units.h"

enum { GROUPS = 3, DEEPEST = 8 }; /* directories in one another: criterion makes three; what it never makes, as a loop of them is */

struct estimate {
    double value;
    const char *unit; /* of cargo-criterion's lines; NULL: nanoseconds */
};

struct bench {
    const char *id;
    struct estimate slope, mean, median;
    double *iterations, *times; /* of each sample */
    size_t n_iterations, n_times;
};

static void clear(struct bench *bench)
{
    free(bench->iterations);
    free(bench->times);
    *bench = (struct bench){.slope = {NAN, NULL}, .mean = {NAN, NULL}, .median = {NAN, NULL}};
}

static double nanoseconds(struct estimate estimate)
{
    const struct tm_unit *unit = estimate.unit ? tm_unit_named(estimate.unit, strlen(estimate.unit)) : NULL;
    return unit && unit->dimension == TM_DIMENSION_TIME ? estimate.value * unit->factor : estimate.unit ? NAN : estimate.value;
}

static void read_estimate(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"point_estimate", TM_JSON_A_NUMBER, offsetof(struct estimate, value), NULL},
        {"estimate", TM_JSON_A_NUMBER, offsetof(struct estimate, value), NULL},
        {"unit", TM_JSON_CALL, offsetof(struct estimate, unit), tm_document_take_fact},
    };
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, sizeof members / sizeof *members, into);
}

static void copy_numbers(struct tm_json *json, double **numbers, size_t *n)
{
    const double *read;
    size_t count;
    tm_document_numbers(json, &read, &count);
    free(*numbers);
    *numbers = malloc((count + 1) * sizeof **numbers);
    *n = *numbers ? count : 0;
    if (!*numbers)
        tm_json_no_memory(json);
    else if (count)
        memcpy(*numbers, read, count * sizeof **numbers);
}

static void read_iterations(struct tm_json *json, void *into)
{
    struct bench *bench = into;
    copy_numbers(json, &bench->iterations, &bench->n_iterations);
}

static void read_times(struct tm_json *json, void *into)
{
    struct bench *bench = into;
    copy_numbers(json, &bench->times, &bench->n_times);
}

/* Times of all iterations of a sample become times of one. */
static void add_bench(struct tm_document *document, struct bench *bench, uint64_t line)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    double slope = nanoseconds(bench->slope), calls = 0;
    size_t n = bench->n_iterations == bench->n_times ? bench->n_times : 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        if (bench->iterations[i] >= 1 && bench->times[i] >= 0) {
            calls += bench->iterations[i];
            bench->times[kept++] = bench->times[i] / bench->iterations[i];
        }
    row.name = bench->id;
    row.size = strlen(row.name);
    row.calls = tm_gather_calls(calls);
    row.wall_ns = slope > 0 ? slope : nanoseconds(bench->mean);
    row.p50_ns = nanoseconds(bench->median);
    row.samples = bench->times;
    row.n_samples = kept;
    /* The median is an estimate of its own, and may lie above the largest sample's: the order holds, or nothing is said. */
    if (!(row.p50_ns <= row.wall_ns * 1e3))
        row.p50_ns = NAN;
    tm_gather_row(&document->gather, &row, line);
}

/* One benchmark's directory. */
static void read_results(struct tm_document *document, const char *directory)
{
    static const struct tm_json_member names[] = {
        {"full_id", TM_JSON_CALL, offsetof(struct bench, id), tm_document_take_fact},
    };
    static const struct tm_json_member estimates[] = {
        {"mean", TM_JSON_CALL, offsetof(struct bench, mean), read_estimate},
        {"median", TM_JSON_CALL, offsetof(struct bench, median), read_estimate},
        {"slope", TM_JSON_CALL, offsetof(struct bench, slope), read_estimate},
    };
    static const struct tm_json_member samples[] = {
        {"iters", TM_JSON_CALL, 0, read_iterations},
        {"times", TM_JSON_CALL, 0, read_times},
    };
    struct bench bench = {0};
    struct tm_diag *diag = document->sink->diag;
    const struct tm_place place = {directory, 0, 0};
    const char *id = tm_document_printf(document, "%s/new/benchmark.json", directory);
    const char *estimated = tm_document_printf(document, "%s/new/estimates.json", directory);
    const char *sampled = tm_document_printf(document, "%s/new/sample.json", directory);
    clear(&bench);
    bool read = id && estimated && sampled && tm_document_read_file(document, id, names, 1, &bench, diag) == 1 &&
                tm_document_read_file(document, estimated, estimates, 3, &bench, diag) == 1;
    if (read && tm_directory_has(directory, "new/sample.json"))
        read = tm_document_read_file(document, sampled, samples, 2, &bench, diag) == 1;
    if (read && bench.id && (!isnan(bench.mean.value) || !isnan(bench.slope.value)))
        add_bench(document, &bench, 0);
    else if (read)
        tm_diag_error(diag, &place, "has no full_id, or neither slope nor mean");
    clear(&bench);
}

/* Groups hold benchmarks, and benchmarks of one function for several inputs hold those. */
static void read_level(struct tm_document *document, const char *path, int depth)
{
    static const char *const own[] = {"new", "base", "change", "report"};
    struct tm_directory directory;
    if (tm_directory_has(path, "new/benchmark.json"))
        read_results(document, path);
    int error = tm_directory_list(&directory, path, &document->kept);
    if (error)
        tm_diag_error(document->sink->diag, &(struct tm_place){path, 0, 0}, "cannot read the directory: %s", strerror(error));
    for (size_t i = 0; i < directory.n && !error && depth < DEEPEST && !document->sink->failed; i++) {
        bool of_results = false;
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            of_results = of_results || strcmp(directory.entries[i].name, own[k]) == 0;
        /* A link may lead back: it is not followed. */
        if (!of_results && directory.entries[i].is_directory && !directory.entries[i].is_link)
            read_level(document, directory.entries[i].path, depth + 1);
    }
}

static void read_tree(void *reader, const char *directory)
{
    struct tm_document *document = reader;
    const struct tm_place place = {directory, 0, 0};
    uint64_t before = document->sink->diag->n_errors;
    tm_gather_begin(&document->gather, document->sink, directory);
    tm_arena_reset(&document->kept);
    document->facts = (struct tm_gather_facts)TM_GATHER_FACTS_INIT;
    document->facts.tool = "criterion";
    read_level(document, directory, 0);
    if (document->sink->diag->n_errors > before)
        tm_gather_drop(&document->gather);
    else if (!tm_gather_run(&document->gather, &document->facts))
        tm_diag_error(document->sink->diag, &place, "has no measurement in it; nothing was stored");
}

/* Does it, or any directory up to so many levels below, hold results? What cannot be listed holds none. */
static bool has_results(const char *path, int levels, struct tm_arena *arena)
{
    struct tm_directory directory;
    bool found = tm_directory_has(path, "new/benchmark.json");
    if (found || levels == 0 || tm_directory_list(&directory, path, arena) != 0)
        return found;
    for (size_t i = 0; i < directory.n && !found; i++)
        found = directory.entries[i].is_directory && !directory.entries[i].is_link &&
                has_results(directory.entries[i].path, levels - 1, arena);
    return found;
}

static bool is_tree(const char *directory)
{
    struct tm_arena arena = {0};
    bool found = has_results(directory, GROUPS, &arena);
    tm_arena_free(&arena);
    return found;
}

/* cargo-criterion --message-format=json: a line for each benchmark among others. */
struct message {
    struct tm_json_text reason;
    struct bench bench;
};

static void read_lines(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {
        {"reason", TM_JSON_A_TEXT, offsetof(struct message, reason), NULL},
        {"id", TM_JSON_CALL, offsetof(struct message, bench.id), tm_document_take_fact},
        {"mean", TM_JSON_CALL, offsetof(struct message, bench.mean), read_estimate},
        {"median", TM_JSON_CALL, offsetof(struct message, bench.median), read_estimate},
        {"slope", TM_JSON_CALL, offsetof(struct message, bench.slope), read_estimate},
        {"typical", TM_JSON_CALL, offsetof(struct message, bench.mean), read_estimate},
        {"iteration_count", TM_JSON_CALL, offsetof(struct message, bench), read_iterations},
        {"measured_values", TM_JSON_CALL, offsetof(struct message, bench), read_times},
    };
    struct tm_document *document = reader;
    struct tm_json *json = &document->json;
    struct message message = {0};
    tm_document_open(document, source, "criterion");
    json->lines = true;
    while (tm_json_next(json) != TM_JSON_END && json->token != TM_JSON_FAILED) {
        uint64_t line = json->line;
        clear(&message.bench);
        message.reason = (struct tm_json_text){0};
        if (tm_json_read(json, members, sizeof members / sizeof *members, &message) && message.bench.id && message.reason.text &&
            strcmp(message.reason.text, "benchmark-complete") == 0)
            add_bench(document, &message.bench, line);
        tm_arena_reset(&json->texts);
    }
    clear(&message.bench);
    if (json->token == TM_JSON_FAILED)
        tm_gather_drop(&document->gather);
    else
        tm_document_finish(document, false);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && tm_sniff_key(head, size, 1, "reason");
}

const struct tm_input_format tm_input_criterion = {
    .name = "criterion",
    .summary = "the directory target/criterion, and the lines of cargo-criterion",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_lines,
    .is_tree = is_tree,
    .read_tree = read_tree,
    .end = tm_document_end,
};
