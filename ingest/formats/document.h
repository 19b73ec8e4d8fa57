/* What the readers of JSON have in common: a tokenizer and a gathering, for all inputs of a call. */
#ifndef TM_INGEST_FORMATS_DOCUMENT_H
#define TM_INGEST_FORMATS_DOCUMENT_H

#include "ingest/formats/formats.h"
#include "ingest/gather.h"
#include "ingest/json_read.h"

struct tm_document {
    struct tm_json json; /* first: what reads a member has the tokenizer, and so the document */
    struct tm_gather gather;
    struct tm_sink *sink;
    struct tm_gather_facts facts; /* of the run in hand */
    struct tm_arena kept;         /* texts that outlive the tokenizer's */
    struct tm_hash names;         /* of runs, by their hashes */
    size_t n_again;               /* runs whose name another one had */
};

/* For a format's row; begin gives a struct tm_document. */
void *tm_document_begin(struct tm_sink *sink);
void tm_document_end(void *document);

/* Begins an input: the tokenizer stands before the document. */
void tm_document_open(struct tm_document *document, struct tm_source *source, const char *tool);

/* The document whose tokenizer it is. */
static inline struct tm_document *tm_document_of(struct tm_json *json)
{
    return (struct tm_document *)json;
}

/* Ends the run that the whole input is: of a document that could be read, and has nothing behind it; or of what was read without the
 * tokenizer (json false). That it has no rows is a fault. */
void tm_document_finish(struct tm_document *document, bool json);
static inline void tm_document_close(struct tm_document *document)
{
    tm_document_finish(document, true);
}

/* Keeps a text for the run's facts: the text, which lives as long as the document. */
static inline const char *tm_document_fact(struct tm_json_text text)
{
    return text.text && *text.text ? text.text : NULL;
}

#endif
