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
    struct tm_hash names;         /* of runs, by their hashes, to positions from 1 in `again` */
    size_t *again, n_again;       /* how often a name has come */
    double *numbers;
    size_t n_numbers, numbers_room;
};

/* For a format's row; begin gives a struct tm_document. */
void *tm_document_begin(struct tm_sink *sink);
void tm_document_end(void *document);

/* Begins an input: the tokenizer stands before the document. */
void tm_document_open(struct tm_document *document, struct tm_source *source, const char *tool);

/* Reads a file of a tree by a table. 1; 0: it is not what it should be; -1: it could not be read, or there was no memory. What is
 * wrong has been told to diag. */
int tm_document_read_file(struct tm_document *document, const char *path, const struct tm_json_member *members, size_t n,
                          void *into, struct tm_diag *diag);

/* The document whose tokenizer it is. */
static inline struct tm_document *tm_document_of(struct tm_json *json)
{
    return (struct tm_document *)json;
}

/* Ends the run that the whole input is: of a document that could be read, and has nothing behind it; or of what was read without
 * the tokenizer (json false). That it has no rows is a fault. */
void tm_document_finish(struct tm_document *document, bool json);
static inline void tm_document_close(struct tm_document *document)
{
    tm_document_finish(document, true);
}

/* For a row of tm_json_member: a text that lives as long as the document, into a const char *. */
void tm_document_take_fact(struct tm_json *json, void *into);

/* A copy that lives as long as the document; NULL without memory, noted. */
const char *tm_document_keep(struct tm_document *document, const char *text, size_t size);

/* The same of printf's text. */
const char *tm_document_printf(struct tm_document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `list` with "KEY=VALUE" behind it, NULL being an empty one; a value that is NULL is "null". NULL without memory, noted. */
const char *tm_document_add_pair(struct tm_document *document, const char *list, const char *separator, const char *key,
                                 const char *value);

/* "CPU, N cores", as much of it as is known; NULL: nothing. */
const char *tm_document_machine(struct tm_document *document, const char *cpu, double cores);

/* The file's name without folder and extension. */
const char *tm_document_stem(struct tm_document *document);

/* The numbers of the array in hand and of arrays in it; what is no number is left out. Good until the next call. */
void tm_document_numbers(struct tm_json *json, const double **numbers, size_t *n);

/* The text, NULL where it is empty. */
static inline const char *tm_document_fact(struct tm_json_text text)
{
    return text.text && *text.text ? text.text : NULL;
}

#endif
