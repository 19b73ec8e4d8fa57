/* data.js of github-action-benchmark: the whole history of a project's benchmarks, as its page on
 * gh-pages has it. Each entry is a run, each suite a lineage; docs/formats.md says what becomes
 * what.
 *
 * The twelve tools that fill it leave little but a value and a unit. What the unit cannot say, the
 * direction, the tool does; numbers in the free text `extra` are taken where a tool always writes
 * them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/timestamp.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"
#include "ingest/number.h"
#include "schema/units.h"

static const char START[] = "window.BENCHMARK_DATA";

/* Which direction is better by the tool; NULL: by the unit. */
static const struct {
    const char *tool, *better;
} tools[] = {
    {"cargo", "lower"},
    {"benchmarkjs", "higher"},
    {"pytest", "higher"},
    {"googlecpp", "lower"},
    {"catch2", "lower"},
    {"julia", "lower"},
    {"benchmarkdotnet", "lower"},
    {"customBiggerIsBetter", "higher"},
    {"go", NULL},
    {"jmh", NULL},
    {"customSmallerIsBetter", "lower"},
    {"benchmarkluau", "lower"},
};

struct bench {
    struct tm_json_text name, unit, extra;
    double value;
};

/* An entry: its facts may stand behind its benches, so these are gathered as they come. */
struct entry {
    struct tm_json_text commit, stamp, tool;
    double date; /* ms */
    struct bench *benches;
    size_t n_benches;
};

static void read_bench(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"name", TM_JSON_A_TEXT, offsetof(struct bench, name), NULL},
        {"value", TM_JSON_A_NUMBER, offsetof(struct bench, value), NULL},
        {"unit", TM_JSON_A_TEXT, offsetof(struct bench, unit), NULL},
        {"extra", TM_JSON_A_TEXT, offsetof(struct bench, extra), NULL},
    };
    struct entry *entry = into;
    struct bench bench = {.value = NAN};
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &bench))
        return;
    if (!bench.name.text) {
        tm_json_fault(json, "found a benchmark without a name");
        return;
    }
    struct bench *added = tm_array_add(&entry->benches, &entry->n_benches, sizeof *added);
    if (added)
        *added = bench;
    else
        tm_json_no_memory(json);
}

static void read_benches(struct tm_json *json, void *into)
{
    tm_json_each(json, read_bench, into);
}

static void read_commit(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"id", TM_JSON_A_TEXT, offsetof(struct entry, commit), NULL},
        {"timestamp", TM_JSON_A_TEXT, offsetof(struct entry, stamp), NULL},
    };
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, sizeof members / sizeof *members, into);
}

/* The number before or behind a word of `extra`: "6594127 times", "iterations: 1000". NAN: there is none. */
static double number_in(const char *extra, const char *before, const char *behind)
{
    const char *at = extra ? strstr(extra, before ? before : behind) : NULL;
    double number;
    if (!at)
        return NAN;
    const char *from = before ? at + strlen(before) : at, *to;
    while (!before && from > extra && from[-1] == ' ')
        from--;
    to = from;
    if (before) {
        from += strspn(from, " ");
        to = from + strspn(from, "0123456789.eE+-,");
    }
    while (!before && from > extra && strchr("0123456789.", from[-1]))
        from--;
    return tm_parse_real(from, (size_t)(to - from), 0, &number) == TM_NUMBER_OK ? number : NAN;
}

/* "mean: 24.08 usec", "cpu: 12 ns": the time behind a word. */
static double time_in(const char *extra, const char *word)
{
    double number = number_in(extra, word, NULL);
    if (isnan(number))
        return NAN;
    const char *unit = strstr(extra, word) + strlen(word);
    unit += strspn(unit, " 0123456789.eE+-,");
    const struct tm_unit *known = tm_unit_named(unit, strcspn(unit, "\n"));
    return known && known->dimension == TM_DIMENSION_TIME ? number * known->factor : NAN;
}

static const char *better_of(const char *tool, const char *unit)
{
    for (size_t i = 0; tool && i < sizeof tools / sizeof *tools; i++)
        if (strcmp(tools[i].tool, tool) == 0 && tools[i].better)
            return tools[i].better;
    return strcmp(unit, "allocs/op") == 0 ? "lower" : NULL;
}

/* A row of `name`, to which values are added by their units. */
static void begin_row(struct tm_document *document, const struct bench *bench, size_t name_size)
{
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    const char *extra = bench->extra.text;
    double calls =
        fmax(number_in(extra, NULL, " times"), fmax(number_in(extra, "iterations: ", NULL), number_in(extra, "rounds: ", NULL)));
    row.name = bench->name.text;
    row.size = name_size;
    row.calls = tm_gather_calls(calls);
    row.cpu_ns = time_in(extra, "cpu: ");
    row.wall_ns = time_in(extra, "mean: "); /* of a throughput, which has no time of its own */
    tm_gather_row(&document->gather, &row, document->facts.line);
}

/* A unit with everything that go has printed behind the first value: "ns/op\t 65 B/op\t 0 allocs/op". */
static void add_joined(struct tm_document *document, const struct bench *bench, const char *tool)
{
    char unit[64];
    double value = bench->value;
    const char *at = bench->unit.text;
    begin_row(document, bench, bench->name.size);
    while (at) {
        const char *tab = strchr(at, '\t');
        snprintf(unit, sizeof unit, "%.*s", (int)(tab ? tab - at : (ptrdiff_t)strlen(at)), at);
        tm_gather_by_unit(&document->gather, unit, better_of(tool, unit), value);
        if (!tab)
            return;
        at = tab + 1 + strspn(tab + 1, "\t ");
        size_t digits = strcspn(at, " ");
        if (tm_parse_real(at, digits, 0, &value) != TM_NUMBER_OK)
            return;
        at += digits + strspn(at + digits, " ");
    }
}

/* A row that go's values are split into is called NAME - UNIT; the joined row before it says the same once more. */
static size_t split_name(const struct bench *bench)
{
    size_t unit = bench->unit.size, size = bench->name.size;
    const char *name = bench->name.text;
    if (!bench->unit.text || size <= unit + 3 || memcmp(name + size - unit, bench->unit.text, unit) != 0 ||
        memcmp(name + size - unit - 3, " - ", 3) != 0)
        return size;
    return size - unit - 3;
}

static bool is_said_again(const struct bench *bench, const struct bench *next)
{
    return next && split_name(next) == bench->name.size && next->name.size > bench->name.size &&
           memcmp(next->name.text, bench->name.text, bench->name.size) == 0;
}

/* Values split from one line of go are of the same calls. */
static bool is_same_row(const struct bench *bench, const struct bench *before)
{
    size_t size = split_name(bench);
    return before && size < bench->name.size && split_name(before) == size &&
           memcmp(before->name.text, bench->name.text, size) == 0 && (size < before->name.size);
}

static void add_benches(struct tm_document *document, const struct entry *entry)
{
    const char *tool = entry->tool.text;
    bool go = tool && strcmp(tool, "go") == 0;
    for (size_t i = 0; i < entry->n_benches; i++) {
        const struct bench *bench = &entry->benches[i];
        const char *unit = bench->unit.text ? bench->unit.text : "";
        if (go && is_said_again(bench, i + 1 < entry->n_benches ? bench + 1 : NULL))
            continue;
        if (strchr(unit, '\t')) {
            add_joined(document, bench, tool);
            continue;
        }
        if (!go || !is_same_row(bench, i ? bench - 1 : NULL))
            begin_row(document, bench, go ? split_name(bench) : bench->name.size);
        tm_gather_by_unit(&document->gather, unit, better_of(tool, unit), bench->value);
    }
}

/* An entry that comes again in a file that has grown has the same name: suite, commit and time. */
static bool name_run(struct tm_document *document)
{
    char key[3 * TM_NAME_MAX], time[TM_TIME_SIZE];
    struct tm_gather_facts *facts = &document->facts;
    tm_time_format(facts->started_at, time);
    int size = snprintf(key, sizeof key, "%.300s/%.300s/%s", facts->part, facts->commit ? facts->commit : "", time);
    uint64_t hash = tm_hash_text(key, (size_t)size);
    uintptr_t before = tm_hash_find(&document->names, hash, NULL, NULL);
    size_t *again = before ? &document->again[before - 1] : tm_array_add(&document->again, &document->n_again, sizeof *again);
    if (!again || (!before && tm_hash_add(&document->names, hash, document->n_again) != 0))
        return tm_json_no_memory(&document->json);
    /* Measured again within a second: the n-th of this name, whatever else the file has. */
    *again = before ? *again + 1 : 1;
    if (before)
        size += snprintf(key + size, sizeof key - (size_t)size, "/%zu", *again);
    facts->key = tm_arena_text(&document->json.texts, key, (size_t)size);
    return facts->key || tm_json_no_memory(&document->json);
}

static void read_entry(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"commit", TM_JSON_CALL, 0, read_commit},
        {"date", TM_JSON_A_NUMBER, offsetof(struct entry, date), NULL},
        {"tool", TM_JSON_A_TEXT, offsetof(struct entry, tool), NULL},
        {"benches", TM_JSON_CALL, 0, read_benches},
    };
    struct tm_document *document = tm_document_of(json);
    struct entry entry = {.date = NAN};
    int64_t at = -1;
    document->facts.line = json->line;
    if (tm_json_read(json, members, sizeof members / sizeof *members, &entry)) {
        if (entry.date >= 0 && entry.date / 1e3 < 253402300800.0) /* the year 10000 */
            at = (int64_t)(entry.date / 1e3);
        else if (!entry.stamp.text || tm_time_parse(entry.stamp.text, entry.stamp.size, &at) != 0)
            tm_json_fault(json, "found an entry without a date");
        document->facts.started_at = at;
        document->facts.commit = tm_document_fact(entry.commit);
        document->facts.part = into;
        add_benches(document, &entry);
        if (json->token != TM_JSON_FAILED && name_run(document))
            tm_gather_run(&document->gather, &document->facts);
    }
    free(entry.benches);
}

/* The suite's name outlives what is forgotten after each entry: it is in the reader's own memory. */
static void read_suite(struct tm_json *json, void *into)
{
    (void)into;
    struct tm_document *document = tm_document_of(json);
    char *suite = tm_arena_text(&document->kept, json->key.text, json->key.size);
    char shown[64];
    if (!suite)
        tm_json_no_memory(json);
    else if (json->token != TM_JSON_ARRAY)
        tm_json_fault(json, "found %s, expected an array of entries", tm_json_found(json, shown));
    while (json->token != TM_JSON_FAILED && tm_json_next(json) != TM_JSON_ARRAY_END && json->token != TM_JSON_FAILED) {
        read_entry(json, suite);
        tm_arena_reset(&json->texts);
    }
}

static void read_entries(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_suite}};
    tm_json_read(json, members, 1, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {{"entries", TM_JSON_CALL, 0, read_entries}};
    struct tm_document *document = reader;
    struct tm_json *json = &document->json;
    const char *end, *at = tm_sniff_start(source->head, source->head_size, &end);
    tm_document_open(document, source, "github-action-benchmark");
    tm_hash_free(&document->names);
    free(document->again);
    document->again = NULL;
    document->n_again = 0;
    uint64_t before = document->gather.runs;
    if (at && *at != '{' && !tm_json_pass(json, '=', TM_SOURCE_PEEK))
        tm_json_fault(json, "found no '=' behind %s", START);
    json->lines = true; /* a semicolon may end it */
    tm_json_next(json);
    if (tm_json_read(json, members, 1, document) && document->gather.runs == before)
        tm_json_fault(json, "found no entry with a benchmark in it; nothing was stored");
}

static bool sniff(const unsigned char *head, size_t size)
{
    const char *end, *at = tm_sniff_start(head, size, &end);
    if (at && (size_t)(end - at) > sizeof START && memcmp(at, START, sizeof START - 1) == 0)
        return true;
    return tm_sniff_json(head, size, '{') && tm_sniff_key(head, size, 1, "entries") &&
           (tm_sniff_key(head, size, 1, "repoUrl") || tm_sniff_key(head, size, 1, "lastUpdate"));
}

const struct tm_input_format tm_input_data_js = {
    .name = "data.js",
    .summary = "github-action-benchmark: a whole history, each entry a run",
    .sniff = sniff,
    .begin = tm_document_begin,
    .read = read_source,
    .end = tm_document_end,
};
