/* What 'go test -bench' prints, and the benchfmt dialect of it: lines 'Benchmark...' with pairs of
 * value and unit, lines 'key: value' that hold from there on, and lines 'Unit'. Also as
 * 'go test -json' wraps it, in which a line may come in pieces.
 *
 * Whether a name's ending -8 is GOMAXPROCS is known only when all names are: a file is kept, line
 * by line, and its rows are made at the end. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/lines.h"
#include "ingest/formats/sniff.h"
#include "ingest/number.h"
#include "schema/units.h"

struct result {
    const char *package, *text; /* text: the line, from 'Benchmark' on */
    uint64_t line;
};

/* The direction that a line 'Unit' has told. */
struct direction {
    const char *unit, *better;
};

/* An event of go test -json. */
struct event {
    struct tm_json_text time, package, output;
};

struct go {
    struct tm_document document; /* first */
    struct tm_lines lines;
    struct result *results;
    size_t n_results;
    struct direction *directions;
    size_t n_directions;
    const char *package, *cpu;
    char *pending; /* the beginning of a line of which more is to come */
    size_t pending_size, pending_room;
    const char *pending_package;
};

static void *begin(struct tm_sink *sink)
{
    struct go *go = calloc(1, sizeof *go);
    if (go)
        go->document.sink = sink;
    return go;
}

static void end(void *reader)
{
    struct go *go = reader;
    tm_lines_free(&go->lines);
    free(go->results);
    free(go->directions);
    free(go->pending);
    tm_document_end(reader);
}

static const char *keep(struct go *go, const char *text, size_t size)
{
    const char *kept = tm_arena_text(&go->document.kept, text, size);
    if (!kept)
        tm_sink_no_memory(go->document.sink, go->document.gather.file);
    return kept;
}

/* A result has a name, a count, and at least one value with its unit. */
static bool is_result(const char *line)
{
    double value;
    int64_t count;
    const char *at = line, *word;
    size_t size;
    if (strncmp(line, "Benchmark", strlen("Benchmark")) != 0 || !tm_word(&at, &size))
        return false;
    if (!(word = tm_word(&at, &size)) || tm_parse_count(word, size, &count) != TM_NUMBER_OK || count == 0)
        return false;
    if (!(word = tm_word(&at, &size)) || tm_parse_real(word, size, 0, &value) != TM_NUMBER_OK)
        return false;
    return tm_word(&at, &size);
}

/* "key: value", the key in lower case and without blanks: what it says holds for all that follows. */
static bool take_config(struct go *go, const char *line)
{
    size_t key = strcspn(line, ": \t");
    struct tm_gather_facts *facts = &go->document.facts;
    if (line[key] != ':' || key == 0 || line[0] < 'a' || line[0] > 'z')
        return false;
    const char *value = line + key + 1 + strspn(line + key + 1, " \t");
    const char **into = strncmp(line, "pkg:", 4) == 0      ? &go->package
                        : strncmp(line, "cpu:", 4) == 0    ? &go->cpu
                        : strncmp(line, "commit:", 7) == 0 ? &facts->commit
                        : strncmp(line, "branch:", 7) == 0 ? &facts->branch
                                                           : NULL;
    if (into)
        *into = *value ? keep(go, value, strlen(value)) : NULL;
    int64_t at;
    if ((strncmp(line, "commit-time:", 12) == 0 || strncmp(line, "date:", 5) == 0) && tm_time_parse(value, strlen(value), &at) == 0)
        facts->started_at = at;
    return true;
}

/* "Unit u better=higher": other properties are of no use here. */
static void take_unit(struct go *go, const char *line)
{
    const char *at = line + strlen("Unit "), *word;
    size_t size;
    const char *unit = tm_word(&at, &size);
    unit = unit ? keep(go, unit, size) : NULL;
    while (unit && (word = tm_word(&at, &size))) {
        bool higher = size == strlen("better=higher") && memcmp(word, "better=higher", size) == 0;
        bool lower = size == strlen("better=lower") && memcmp(word, "better=lower", size) == 0;
        struct direction *told = higher || lower ? tm_array_add(&go->directions, &go->n_directions, sizeof *told) : NULL;
        if (told)
            *told = (struct direction){unit, higher ? "higher" : "lower"};
        else if (higher || lower)
            tm_sink_no_memory(go->document.sink, go->document.gather.file);
    }
}

static void take_line(struct go *go, const char *line, size_t size, uint64_t number)
{
    if (strncmp(line, "Unit ", strlen("Unit ")) == 0) {
        take_unit(go, line);
        return;
    }
    if (!is_result(line)) {
        take_config(go, line);
        return;
    }
    struct result *result = tm_array_add(&go->results, &go->n_results, sizeof *result);
    const char *text = keep(go, line, size);
    if (result)
        *result = (struct result){go->package, text, number};
    else
        tm_sink_no_memory(go->document.sink, go->document.gather.file);
}

/* Pieces of a package's output, up to a line's end. */
static void take_output(struct go *go, const char *output, uint64_t number)
{
    for (;;) {
        size_t size = strcspn(output, "\n");
        if (tm_array_reserve(&go->pending, &go->pending_room, go->pending_size + size + 1, 1) != 0) {
            tm_sink_no_memory(go->document.sink, go->document.gather.file);
            return;
        }
        memcpy(go->pending + go->pending_size, output, size);
        go->pending_size += size;
        go->pending[go->pending_size] = '\0';
        if (output[size] == '\0')
            return;
        take_line(go, go->pending, go->pending_size, number);
        go->pending_size = 0;
        output += size + 1;
    }
}

static void read_events(struct go *go)
{
    static const struct tm_json_member members[] = {
        {"Time", TM_JSON_A_TEXT, offsetof(struct event, time), NULL},
        {"Package", TM_JSON_A_TEXT, offsetof(struct event, package), NULL},
        {"Output", TM_JSON_A_TEXT, offsetof(struct event, output), NULL},
    };
    struct tm_json *json = &go->document.json;
    json->lines = true;
    while (tm_json_next(json) != TM_JSON_END && json->token != TM_JSON_FAILED) {
        struct event event = {0};
        if (!tm_json_read(json, members, sizeof members / sizeof *members, &event))
            return;
        int64_t *start = &go->document.facts.started_at;
        if (*start < 0 && event.time.text)
            tm_time_parse(event.time.text, event.time.size, start);
        if (event.package.text && (!go->package || strcmp(go->package, event.package.text) != 0)) {
            go->package = keep(go, event.package.text, event.package.size);
            go->pending_size = 0;
        }
        if (event.output.text)
            take_output(go, event.output.text, json->line);
        tm_arena_reset(&json->texts);
    }
}

static void read_text(struct go *go, struct tm_source *source)
{
    size_t size;
    tm_lines_begin(&go->lines, source, go->document.sink->diag);
    for (char *line; (line = tm_lines_next(&go->lines, &size)) && !go->document.sink->failed;)
        take_line(go, line, size, go->lines.line);
}

/* The length of a name's ending "-8"; 0: it has none. */
static size_t procs_size(const char *text)
{
    size_t size = strcspn(text, " \t"), digits = 0;
    while (digits < size && text[size - 1 - digits] >= '0' && text[size - 1 - digits] <= '9')
        digits++;
    return digits > 0 && digits < size && text[size - 1 - digits] == '-' ? digits + 1 : 0;
}

/* GOMAXPROCS stands behind every name, or it is a part of some of them. */
static size_t common_procs(const struct go *go)
{
    const char *first = go->results[0].text;
    size_t size = procs_size(first), length = strcspn(first, " \t");
    for (size_t i = 1; i < go->n_results && size > 0; i++) {
        const char *text = go->results[i].text;
        if (procs_size(text) != size || memcmp(text + strcspn(text, " \t") - size, first + length - size, size) != 0)
            size = 0;
    }
    return size;
}

/* Of "build-real-ns/op" the unit is what stands behind the last hyphen. */
static const char *better_of(const struct go *go, const char *unit)
{
    for (size_t i = go->n_directions; i > 0; i--)
        if (strcmp(go->directions[i - 1].unit, unit) == 0)
            return go->directions[i - 1].better;
    const char *hyphen = strrchr(unit, '-');
    return strcmp(unit, "allocs/op") == 0 ? "lower" : tm_unit_better(hyphen ? hyphen + 1 : unit);
}

static void add_result(struct go *go, const struct result *result, size_t procs)
{
    const char *at = result->text, *word;
    size_t size;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const char *name = tm_word(&at, &size);
    size_t name_size = size - procs, package = result->package ? strlen(result->package) + 1 : 0;
    char *whole = tm_arena_take(&go->document.kept, package + name_size + 1);
    if (!whole) {
        tm_sink_no_memory(go->document.sink, go->document.gather.file);
        return;
    }
    if (package)
        memcpy(whole, result->package, package - 1), whole[package - 1] = '.';
    memcpy(whole + package, name, name_size);
    row.name = whole;
    row.size = package + name_size;
    word = tm_word(&at, &size);
    if (!word || tm_parse_count(word, size, &row.calls) != TM_NUMBER_OK)
        return;
    tm_gather_row(&go->document.gather, &row, result->line);
    double value;
    char unit[128];
    while ((word = tm_word(&at, &size)) && tm_parse_real(word, size, 0, &value) == TM_NUMBER_OK && (word = tm_word(&at, &size))) {
        if (size >= sizeof unit)
            continue;
        memcpy(unit, word, size);
        unit[size] = '\0';
        tm_gather_by_unit(&go->document.gather, unit, better_of(go, unit), value);
    }
}

static void read_source(void *reader, struct tm_source *source)
{
    struct go *go = reader;
    struct tm_document *document = &go->document;
    tm_document_open(document, source, "go");
    go->n_results = go->n_directions = go->pending_size = 0;
    free(go->results), free(go->directions);
    go->results = NULL, go->directions = NULL;
    go->package = go->cpu = NULL;
    bool wrapped = tm_sniff_json(source->head, source->head_size, '{');
    if (wrapped)
        read_events(go);
    else
        read_text(go, source);
    size_t procs = go->n_results ? common_procs(go) : 0;
    for (size_t i = 0; i < go->n_results && !document->sink->failed; i++)
        add_result(go, &go->results[i], procs);
    document->facts.host = go->cpu;
    if (go->lines.failed)
        tm_gather_drop(&document->gather);
    else
        tm_document_finish(document, wrapped);
}

static bool sniff(const unsigned char *head, size_t size)
{
    if (tm_sniff_json(head, size, '{'))
        return tm_sniff_key(head, size, 1, "Action") &&
               (tm_sniff_key(head, size, 1, "Package") || tm_sniff_key(head, size, 1, "Time"));
    const char *stop, *at = tm_sniff_start(head, size, &stop);
    if (!at || *at == '[' || *at == '<')
        return false;
    if (tm_sniff_line(head, size, "goos: ") || tm_sniff_line(head, size, "pkg: ") || tm_sniff_line(head, size, "goarch: "))
        return true;
    char line[512];
    for (; at && at < stop; at = memchr(at, '\n', (size_t)(stop - at)), at = at ? at + 1 : NULL) {
        size_t length = 0;
        while (at + length < stop && length < sizeof line - 1 && at[length] != '\n' && at[length] != '\r')
            length++;
        memcpy(line, at, length);
        line[length] = '\0';
        if (is_result(line))
            return true;
    }
    return false;
}

const struct tm_input_format tm_input_go = {
    .name = "go",
    .summary = "go test -bench, benchfmt, and go test -json",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
