/* One document a run is what most programs write: opened, read, closed. */
#include "ingest/formats/document.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ingest/settle.h"

void *tm_document_begin(struct tm_sink *sink)
{
    struct tm_document *document = calloc(1, sizeof *document);
    if (document)
        document->sink = sink;
    return document;
}

void tm_document_end(void *reader)
{
    struct tm_document *document = reader;
    tm_json_free(&document->json);
    tm_gather_free(&document->gather);
    tm_arena_free(&document->kept);
    tm_hash_free(&document->names);
    free(document->numbers);
    free(document->again);
    free(document);
}

void tm_document_open(struct tm_document *document, struct tm_source *source, const char *tool)
{
    tm_arena_reset(&document->kept);
    tm_json_begin(&document->json, source, document->sink->diag);
    tm_gather_begin(&document->gather, document->sink, source->name);
    document->facts = (struct tm_gather_facts)TM_GATHER_FACTS_INIT;
    document->facts.tool = tool;
    document->facts.line = 1;
}

void tm_document_finish(struct tm_document *document, bool is_json)
{
    struct tm_json *json = &document->json;
    const struct tm_place place = {json->source->name, 0, 0};
    if (is_json && json->token != TM_JSON_FAILED)
        tm_json_next(json);
    if ((is_json && json->token == TM_JSON_FAILED) || document->sink->failed)
        tm_gather_drop(&document->gather);
    else if (!tm_gather_run(&document->gather, &document->facts))
        tm_diag_error(document->sink->diag, &place, "has no measurement in it; nothing was stored");
}

const char *tm_document_keep(struct tm_document *document, const char *text, size_t size)
{
    const char *kept = tm_arena_text(&document->kept, text, size);
    if (!kept)
        tm_sink_no_memory(document->sink, document->gather.file);
    return kept;
}

const char *tm_document_printf(struct tm_document *document, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    char *text = size >= 0 ? tm_arena_take(&document->kept, (size_t)size + 1) : NULL;
    if (text)
        vsnprintf(text, (size_t)size + 1, format, again);
    else
        tm_sink_no_memory(document->sink, document->gather.file);
    va_end(again);
    va_end(arguments);
    return text;
}

void tm_document_take_fact(struct tm_json *json, void *into)
{
    struct tm_json_text text = {0};
    if (tm_json_take_text(json, &text) && text.size > 0)
        *(const char **)into = tm_document_keep(tm_document_of(json), text.text, text.size);
}

const char *tm_document_add_pair(struct tm_document *document, const char *list, const char *separator, const char *key,
                                 const char *value)
{
    return tm_document_printf(document, "%s%s%s=%s", list ? list : "", list ? separator : "", key, value ? value : "null");
}

const char *tm_document_machine(struct tm_document *document, const char *cpu, double cores)
{
    if (!(cores >= 1))
        return cpu;
    return tm_document_printf(document, "%s%s%.0f core%s", cpu ? cpu : "", cpu ? ", " : "", cores, cores > 1 ? "s" : "");
}

const char *tm_document_stem(struct tm_document *document)
{
    const char *stem;
    size_t size;
    tm_settle_stem(document->gather.file, &stem, &size);
    return tm_document_keep(document, stem, size);
}

static void take_number(struct tm_json *json, void *into)
{
    struct tm_document *document = into;
    if (json->token == TM_JSON_ARRAY) {
        tm_json_each(json, take_number, document);
    } else if (json->token != TM_JSON_NUMBER) {
        tm_json_skip(json);
    } else if (document->n_numbers == TM_GATHER_MOST) {
        tm_json_fault(json, "found more than %d numbers in one list, expected fewer", TM_GATHER_MOST);
    } else if (tm_array_reserve(&document->numbers, &document->numbers_room, document->n_numbers + 1, sizeof *document->numbers) !=
               0) {
        tm_json_no_memory(json);
    } else {
        document->numbers[document->n_numbers++] = json->number;
    }
}

void tm_document_numbers(struct tm_json *json, const double **numbers, size_t *n)
{
    struct tm_document *document = tm_document_of(json);
    document->n_numbers = 0;
    tm_json_each(json, take_number, document);
    *numbers = document->numbers;
    *n = document->n_numbers;
}

/* A document may hold a fault that is told as a notice; trouble is never one. */
int tm_document_read_file(struct tm_document *document, const char *path, const struct tm_json_member *members, size_t n,
                          void *into, struct tm_diag *diag)
{
    struct tm_source source;
    struct tm_json *json = &document->json;
    const struct tm_place place = {path, 0, 0};
    int error = tm_source_open(&source, path, document->sink->bytes), result = -1;
    if (error) {
        tm_diag_error(diag, &place, "cannot open: %s", strerror(error));
        return -1;
    }
    if (tm_source_peek(&source) == 0) {
        tm_json_begin(json, &source, diag);
        tm_json_next(json);
        result = tm_json_read(json, members, n, into) && tm_json_next(json) == TM_JSON_END;
        result = json->trouble || document->sink->failed ? -1 : result;
    } else {
        tm_diag_error(diag, &place, "cannot read: %s", tm_source_fault(&source));
    }
    tm_source_close(&source);
    return result;
}
