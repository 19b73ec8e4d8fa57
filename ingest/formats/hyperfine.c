/* hyperfine --export-json: a command is a plugin, each of its timings a call. */
#include <math.h>
#include <string.h>

#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct result {
    struct tm_json_text command;
    double mean, median, max, user, system, peak;
    int64_t codes, failures; /* exit codes, and those that are no success */
    const double *times;
    size_t n_times;
    const char *parameters; /* NULL: none */
    bool hidden;            /* one of them, or more, is not in the command */
};

/* A parameter that the command's name does not show tells it from the others. */
static void read_parameter(struct tm_json *json, void *into)
{
    struct result *result = into;
    struct tm_json_text value = {0};
    if (!tm_json_take_text(json, &value) || !value.text)
        return;
    result->parameters = tm_document_add_pair(tm_document_of(json), result->parameters, ", ", json->key.text, value.text);
    result->hidden = result->hidden || !result->command.text || !strstr(result->command.text, value.text);
}

static void read_parameters(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_parameter}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
}

/* null: it was killed. */
static void read_code(struct tm_json *json, void *into)
{
    struct result *result = into;
    bool success = json->token == TM_JSON_NUMBER && fabs(json->number) < 0.5;
    tm_json_skip(json);
    result->codes++;
    result->failures += !success;
}

static void read_codes(struct tm_json *json, void *into)
{
    tm_json_each(json, read_code, into);
}

static void read_peak(struct tm_json *json, void *into)
{
    struct result *result = into;
    if (json->token == TM_JSON_NUMBER)
        result->peak = fmax(result->peak, json->number);
    tm_json_skip(json);
}

static void read_memory(struct tm_json *json, void *into)
{
    if (json->token == TM_JSON_ARRAY)
        tm_json_each(json, read_peak, into);
    else
        read_peak(json, into);
}

static void read_times(struct tm_json *json, void *into)
{
    struct result *result = into;
    tm_document_numbers(json, &result->times, &result->n_times);
}

static void add_result(struct tm_document *document, const struct result *result, uint64_t line)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    row.name = result->command.text;
    if (result->hidden && result->parameters)
        row.name = tm_document_printf(document, "%s [%s]", row.name, result->parameters);
    if (!row.name)
        return;
    for (size_t i = 0; i < result->n_times; i++)
        document->numbers[i] *= 1e9;
    row.size = strlen(row.name);
    row.calls = result->n_times ? (int64_t)result->n_times : result->codes ? result->codes : 1;
    row.errors = result->codes ? result->failures : TM_UNKNOWN;
    row.wall_ns = result->mean * 1e9;
    row.cpu_ns = (result->user + result->system) * 1e9;
    row.p50_ns = result->median * 1e9;
    row.max_ns = result->max * 1e9;
    row.peak_mem_bytes = result->peak;
    row.samples = result->times;
    row.n_samples = result->n_times;
    tm_gather_row(&document->gather, &row, line);
}

static void read_result(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"command", TM_JSON_A_TEXT, offsetof(struct result, command), NULL},
        {"mean", TM_JSON_A_NUMBER, offsetof(struct result, mean), NULL},
        {"median", TM_JSON_A_NUMBER, offsetof(struct result, median), NULL},
        {"max", TM_JSON_A_NUMBER, offsetof(struct result, max), NULL},
        {"user", TM_JSON_A_NUMBER, offsetof(struct result, user), NULL},
        {"system", TM_JSON_A_NUMBER, offsetof(struct result, system), NULL},
        {"times", TM_JSON_CALL, 0, read_times},
        {"exit_codes", TM_JSON_CALL, 0, read_codes},
        {"memory_usage_byte", TM_JSON_CALL, 0, read_memory},
        {"parameters", TM_JSON_CALL, 0, read_parameters},
    };
    struct result result = {.mean = NAN, .median = NAN, .max = NAN, .user = NAN, .system = NAN, .peak = NAN};
    uint64_t line = json->line;
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &result))
        return;
    if (!result.command.text)
        tm_json_fault(json, "found a result without a command");
    else if (isnan(result.mean))
        tm_json_fault(json, "found a result without a mean");
    else
        add_result(into, &result, line);
    tm_arena_reset(&json->texts);
}

static void read_results(struct tm_json *json, void *into)
{
    tm_json_each(json, read_result, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {{"results", TM_JSON_CALL, 0, read_results}};
    struct tm_document *document = reader;
    tm_document_open(document, source, "hyperfine");
    tm_json_next(&document->json);
    tm_json_read(&document->json, members, 1, document);
    tm_document_close(document);
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && tm_sniff_key(head, size, 1, "results") && tm_sniff_key(head, size, 3, "command");
}

const struct tm_input_format tm_input_hyperfine = {
    .name = "hyperfine",
    .summary = "hyperfine --export-json: a command is a plugin, a timing a call",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
