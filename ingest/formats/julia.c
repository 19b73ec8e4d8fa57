/* BenchmarkTools.jl's JSON: pairs of a type's name and its fields, groups in groups. The path of
 * groups, joined by '/', is the name; times are nanoseconds. */
#include <math.h>
#include <string.h>

#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

/* A result, as far as its fields are known: an estimate has one time, a trial all of them. */
struct trial {
    const char *path;
    double time, memory, allocs, evals;
    const double *times;
    size_t n_times;
};

static void read_pair(struct tm_json *json, void *into);

/* Behind the first element of a pair, which is the type's name: the fields, and the pair's end. */
static void read_fields(struct tm_json *json, const struct tm_json_member *members, size_t n, void *into)
{
    tm_json_next(json);
    tm_json_read(json, members, n, into);
    while (tm_json_next(json) != TM_JSON_ARRAY_END && json->token != TM_JSON_FAILED)
        tm_json_skip(json);
}

static void read_child(struct tm_json *json, void *into)
{
    const char *path = *(const char **)into, *name = json->key.text;
    struct tm_document *document = tm_document_of(json);
    const char *child = tm_document_printf(document, "%s%s%s", path ? path : "", path ? "/" : "", name);
    if (child && json->token == TM_JSON_ARRAY)
        read_pair(json, &child);
    else
        tm_json_skip(json);
}

static void read_data(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_child}};
    tm_json_read(json, members, 1, into);
}

static void read_times(struct tm_json *json, void *into)
{
    struct trial *trial = into;
    tm_document_numbers(json, &trial->times, &trial->n_times);
}

static void read_params(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"evals", TM_JSON_A_NUMBER, offsetof(struct trial, evals), NULL}};
    if (json->token != TM_JSON_ARRAY) {
        tm_json_skip(json);
        return;
    }
    tm_json_next(json);
    read_fields(json, members, 1, into);
}

static void add_trial(struct tm_document *document, const struct trial *trial, uint64_t line)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    double sum = 0, evals = trial->evals >= 1 && trial->evals < 1e12 ? trial->evals : 1;
    row.name = trial->path ? trial->path : tm_document_stem(document);
    if (!row.name)
        return;
    row.size = strlen(row.name);
    for (size_t i = 0; i < trial->n_times; i++)
        sum += trial->times[i];
    row.wall_ns = trial->n_times ? sum / (double)trial->n_times : trial->time;
    row.calls = trial->n_times ? (int64_t)((double)trial->n_times * evals) : 1;
    row.samples = trial->times;
    row.n_samples = trial->n_times;
    tm_gather_row(&document->gather, &row, line);
    tm_gather_reading(&document->gather, "memory", "bytes", "lower", trial->memory);
    tm_gather_reading(&document->gather, "allocs", "allocs/op", "lower", trial->allocs);
}

/* A pair whose first token, the bracket, is in hand. */
static void read_pair(struct tm_json *json, void *into)
{
    static const struct tm_json_member group[] = {{"data", TM_JSON_CALL, 0, read_data}};
    static const struct tm_json_member fields[] = {
        {"time", TM_JSON_A_NUMBER, offsetof(struct trial, time), NULL},
        {"times", TM_JSON_CALL, 0, read_times},
        {"memory", TM_JSON_A_NUMBER, offsetof(struct trial, memory), NULL},
        {"allocs", TM_JSON_A_NUMBER, offsetof(struct trial, allocs), NULL},
        {"params", TM_JSON_CALL, 0, read_params},
    };
    char shown[64];
    uint64_t line = json->line;
    tm_json_next(json);
    bool text = json->token == TM_JSON_TEXT_VALUE;
    if (text && strcmp(json->text, "BenchmarkGroup") == 0) {
        read_fields(json, group, 1, into);
    } else if (text && (strcmp(json->text, "Trial") == 0 || strcmp(json->text, "TrialEstimate") == 0)) {
        struct trial trial = {*(const char **)into, NAN, NAN, NAN, NAN, NULL, 0};
        read_fields(json, fields, sizeof fields / sizeof *fields, &trial);
        if (json->token == TM_JSON_ARRAY_END)
            add_trial(tm_document_of(json), &trial, line);
    } else {
        tm_json_fault(json, "found %s, expected \"BenchmarkGroup\", \"Trial\" or \"TrialEstimate\"", tm_json_found(json, shown));
    }
    tm_arena_reset(&json->texts);
}

/* The file: the versions, and the values that were saved. */
static void read_saved(struct tm_json *json, void *into)
{
    const char *path = NULL;
    (void)into;
    if (json->token == TM_JSON_ARRAY)
        read_pair(json, &path);
    else
        tm_json_skip(json);
}

static void read_part(struct tm_json *json, void *into)
{
    if (json->token == TM_JSON_ARRAY)
        tm_json_each(json, read_saved, into);
    else
        tm_json_skip(json);
}

static void read_source(void *reader, struct tm_source *source)
{
    struct tm_document *document = reader;
    tm_document_open(document, source, "benchmarktools.jl");
    tm_json_next(&document->json);
    tm_json_each(&document->json, read_part, document);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '[') && tm_sniff_key(head, size, 2, "Julia") && tm_sniff_key(head, size, 2, "BenchmarkTools");
}

const struct tm_input_format tm_input_julia = {
    .name = "benchmarktools.jl",
    .summary = "BenchmarkTools.jl's JSON",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
