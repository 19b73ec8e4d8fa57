/* Traces of OpenTelemetry as lines of OTLP/JSON: every span is a call of the plugin "SERVICE:
 * NAME", or of what an attribute says (--label KEY; spans without it are left out). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"
#include "ingest/number.h"

static const char SERVICE[] = "service.name", OURS[] = "plugin.name";

/* A span waits for its resource, whose attributes may stand behind it. */
struct span {
    const char *name, *label;
    int64_t start, end;
    bool failed;
    uint64_t line;
};

struct otlp {
    struct tm_document document; /* first */
    struct span *spans;
    size_t n_spans;
    const char *service;
};

static void *begin(struct tm_sink *sink)
{
    struct otlp *otlp = calloc(1, sizeof *otlp);
    if (otlp)
        otlp->document.sink = sink;
    return otlp;
}

static void end(void *reader)
{
    struct otlp *otlp = reader;
    free(otlp->spans);
    tm_document_end(reader);
}

struct attribute {
    struct tm_json_text key, value;
};

static void read_value(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"stringValue", TM_JSON_A_TEXT, offsetof(struct attribute, value), NULL}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
    else
        tm_json_skip(json);
}

static bool read_attribute(struct tm_json *json, struct attribute *attribute)
{
    static const struct tm_json_member members[] = {
        {"key", TM_JSON_A_TEXT, offsetof(struct attribute, key), NULL},
        {"value", TM_JSON_CALL, 0, read_value},
    };
    *attribute = (struct attribute){0};
    return tm_json_read(json, members, sizeof members / sizeof *members, attribute) && attribute->key.text && attribute->value.text;
}

static void read_resource_attribute(struct tm_json *json, void *into)
{
    struct otlp *otlp = into;
    struct attribute attribute;
    if (read_attribute(json, &attribute) && strcmp(attribute.key.text, SERVICE) == 0)
        otlp->service = tm_document_keep(&otlp->document, attribute.value.text, attribute.value.size);
}

static void read_resource_attributes(struct tm_json *json, void *into)
{
    tm_json_each(json, read_resource_attribute, into);
}

static void read_resource(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"attributes", TM_JSON_CALL, 0, read_resource_attributes}};
    tm_json_read(json, members, 1, into);
}

/* The attribute that names the plugin: the one that was asked for, or ours. */
static void read_span_attribute(struct tm_json *json, void *into)
{
    struct span *span = into;
    struct tm_document *document = tm_document_of(json);
    const char *label = document->sink->options->label;
    struct attribute attribute;
    if (read_attribute(json, &attribute) && strcmp(attribute.key.text, label ? label : OURS) == 0)
        span->label = tm_document_keep(document, attribute.value.text, attribute.value.size);
}

static void read_span_attributes(struct tm_json *json, void *into)
{
    tm_json_each(json, read_span_attribute, into);
}

/* 64-bit numbers are texts, since JavaScript would round them. */
static void read_nanoseconds(struct tm_json *json, void *into)
{
    char shown[64];
    if ((json->token != TM_JSON_TEXT_VALUE && json->token != TM_JSON_NUMBER) ||
        tm_parse_count(json->text, json->size, into) != TM_NUMBER_OK)
        tm_json_fault(json, "found %s, expected nanoseconds", tm_json_found(json, shown));
}

static void read_code(struct tm_json *json, void *into)
{
    struct span *span = into;
    if (json->token == TM_JSON_NUMBER)
        span->failed = json->number > 1.5 && json->number < 2.5;
    else if (json->token == TM_JSON_TEXT_VALUE)
        span->failed = strcmp(json->text, "STATUS_CODE_ERROR") == 0 || strcmp(json->text, "2") == 0;
    tm_json_skip(json);
}

static void read_status(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"code", TM_JSON_CALL, 0, read_code}};
    if (json->token == TM_JSON_OBJECT)
        tm_json_read(json, members, 1, into);
}

static void read_span(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"name", TM_JSON_CALL, offsetof(struct span, name), tm_document_take_fact},
        {"startTimeUnixNano", TM_JSON_CALL, offsetof(struct span, start), read_nanoseconds},
        {"endTimeUnixNano", TM_JSON_CALL, offsetof(struct span, end), read_nanoseconds},
        {"attributes", TM_JSON_CALL, 0, read_span_attributes},
        {"status", TM_JSON_CALL, 0, read_status},
    };
    struct otlp *otlp = into;
    struct span span = {.start = -1, .end = -1, .line = json->line};
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &span))
        return;
    if (!span.name || span.start < 0 || span.end < span.start) {
        tm_json_fault(json, "found a span without a name, a start, or an end behind its start");
        return;
    }
    struct span *added = tm_array_add(&otlp->spans, &otlp->n_spans, sizeof *added);
    if (added)
        *added = span;
    else
        tm_json_no_memory(json);
    tm_arena_reset(&json->texts);
}

static void read_spans(struct tm_json *json, void *into)
{
    tm_json_each(json, read_span, into);
}

static void read_scope(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {{"spans", TM_JSON_CALL, 0, read_spans}};
    tm_json_read(json, members, 1, into);
}

static void read_scopes(struct tm_json *json, void *into)
{
    tm_json_each(json, read_scope, into);
}

static void add_span(struct otlp *otlp, const struct span *span)
{
    struct tm_document *document = &otlp->document;
    struct tm_gather_row row = TM_GATHER_ROW_INIT;
    int64_t second = span->start / 1000000000, *first = &document->facts.started_at;
    if (*first < 0 || second < *first)
        *first = second;
    if (!span->label && document->sink->options->label)
        return;
    row.name = span->label     ? span->label
               : otlp->service ? tm_document_printf(document, "%s: %s", otlp->service, span->name)
                               : span->name;
    if (!row.name)
        return;
    row.size = strlen(row.name);
    row.errors = span->failed;
    row.wall_ns = row.max_ns = (double)(span->end - span->start);
    tm_gather_row(&document->gather, &row, span->line);
}

static void read_resource_spans(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"resource", TM_JSON_CALL, 0, read_resource},
        {"scopeSpans", TM_JSON_CALL, 0, read_scopes},
        {"instrumentationLibrarySpans", TM_JSON_CALL, 0, read_scopes}, /* before 0.16 */
    };
    struct otlp *otlp = into;
    otlp->service = NULL;
    if (tm_json_read(json, members, sizeof members / sizeof *members, otlp))
        for (size_t i = 0; i < otlp->n_spans; i++)
            add_span(otlp, &otlp->spans[i]);
    free(otlp->spans);
    otlp->spans = NULL;
    otlp->n_spans = 0;
}

static void read_all(struct tm_json *json, void *into)
{
    tm_json_each(json, read_resource_spans, into);
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {{"resourceSpans", TM_JSON_CALL, 0, read_all}};
    struct otlp *otlp = reader;
    struct tm_json *json = &otlp->document.json;
    tm_document_open(&otlp->document, source, "otlp");
    json->lines = true;
    while (tm_json_next(json) != TM_JSON_END && json->token != TM_JSON_FAILED)
        tm_json_read(json, members, 1, otlp);
    if (json->token == TM_JSON_FAILED)
        tm_gather_drop(&otlp->document.gather);
    else if (!tm_gather_run(&otlp->document.gather, &otlp->document.facts))
        tm_diag_error(otlp->document.sink->diag, &(struct tm_place){source->name, 0, 0},
                      "has no trace of OTLP/JSON in it (metrics and logs are not read)%s",
                      otlp->document.sink->options->label ? ", or no span with the attribute of --label" : "");
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') &&
           (tm_sniff_key(head, size, 1, "resourceSpans") || tm_sniff_key(head, size, 1, "resourceMetrics") ||
            tm_sniff_key(head, size, 1, "resourceLogs"));
}

const struct tm_input_format tm_input_otlp = {
    .name = "otlp",
    .summary = "traces as lines of OTLP/JSON: a span is a call of SERVICE: NAME, or of --label ATTRIBUTE",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
