/* One document a run is what most programs write: opened, read, closed. */
#include "ingest/formats/document.h"

#include <stdlib.h>

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
