/* JSON as a stream of tokens: strict RFC 8259, with three things that programs write all the same: a byte order mark, and NaN and
 * Infinity, which are no numbers. A key that an object has twice is a fault. Nothing is kept but the token in hand, so memory does
 * not depend on the file.
 *
 * Faults go to the diag with line and column (in bytes, from 1); after one, every call fails at once. */
#ifndef TM_INGEST_JSON_H
#define TM_INGEST_JSON_H

#include "base/arena.h"
#include "base/hash.h"
#include "ingest/diag.h"
#include "ingest/source.h"

enum {
    TM_JSON_DEPTH = 128,      /* objects and arrays in one another: the deepest of the formats has a dozen */
    TM_JSON_TEXT = 1 << 20,   /* bytes of a text: a thousand times the longest name */
    TM_JSON_BUFFER = 1 << 16, /* of the file: two pages of a pipe */
    TM_JSON_KEYS = 32         /* of an object that are compared one by one; more go to a table */
};

enum tm_json_token {
    TM_JSON_FAILED,
    TM_JSON_END, /* of the input */
    TM_JSON_OBJECT,
    TM_JSON_OBJECT_END,
    TM_JSON_ARRAY,
    TM_JSON_ARRAY_END,
    TM_JSON_KEY, /* `text` */
    TM_JSON_TEXT_VALUE,
    TM_JSON_NUMBER,    /* `number`, and as it was written `text` */
    TM_JSON_NO_NUMBER, /* NaN, Infinity, -Infinity */
    TM_JSON_TRUE,
    TM_JSON_FALSE,
    TM_JSON_NULL
};

/* A text of the document. text NULL: there was none, or null. */
struct tm_json_text {
    const char *text; /* terminated; lives until the tokenizer's arena `texts` is emptied */
    size_t size;
};

struct tm_json {
    struct tm_source *source;
    struct tm_diag *diag;
    bool lines;   /* may hold any number of values, one behind the other */
    bool trouble; /* the fault says nothing of the document: no memory, or it cannot be read */

    enum tm_json_token token; /* the one in hand */
    char *text;               /* unescaped, terminated; may hold NUL bytes, and bytes that are no UTF-8 */
    size_t size, room;
    double number;
    uint64_t line, column; /* where it begins */

    struct tm_arena texts;   /* what tm_json_read keeps; the reader of a format empties it */
    struct tm_json_text key; /* of the member that a row without a name reads */

    /* the input */
    unsigned char buffer[TM_JSON_BUFFER];
    size_t at, filled;
    bool ended;
    uint64_t now_line, line_start, before; /* line in hand; where it begins, and the buffer does, in the input */

    /* where in the grammar */
    struct tm_json_level {
        bool array, any, large; /* any: it has had a member; large: its keys are in `many` */
        uint64_t serial;
        size_t keys_from;
    } levels[TM_JSON_DEPTH];
    int depth;
    bool wants_value; /* a key has been read */
    uint64_t *keys;   /* hashes of the open objects' keys */
    size_t n_keys, keys_room;
    struct tm_hash many; /* those of objects with more than TM_JSON_KEYS */
    int n_large;         /* such objects, of those that are open */
    uint64_t serial;
};

/* Begins a document. The tokenizer itself may be used again for the next one. */
void tm_json_begin(struct tm_json *json, struct tm_source *source, struct tm_diag *diag);
void tm_json_free(struct tm_json *json);

/* The next token, in json->token. */
enum tm_json_token tm_json_next(struct tm_json *json);

/* Passes over what stands before the document, up to the character `last` (included); false: it does not come within `most` bytes.
 */
bool tm_json_pass(struct tm_json *json, char last, size_t most);

/* With the first token of a value in hand: goes to its last one. */
void tm_json_skip(struct tm_json *json);

struct tm_place tm_json_place(const struct tm_json *json);

/* Says what is wrong with the token in hand ("found ..., expected ..."); the text is printf's. Always false. */
bool tm_json_fault(struct tm_json *json, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same where memory is short. Always false. */
bool tm_json_no_memory(struct tm_json *json);

/* What the token in hand is, in words, for such a message. */
const char *tm_json_found(const struct tm_json *json, char shown[64]);

#endif
