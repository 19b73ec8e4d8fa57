/* Objects of JSON as C structures: a format's reader says by a table which members it wants, and where they go. */
#ifndef TM_INGEST_JSON_READ_H
#define TM_INGEST_JSON_READ_H

#include "ingest/json.h"

enum tm_json_want {
    TM_JSON_A_TEXT,   /* struct tm_json_text; of a number its own writing; left alone for null */
    TM_JSON_A_NUMBER, /* double; also a text that is one; NAN for null and no number */
    TM_JSON_A_BOOL,   /* bool */
    TM_JSON_CALL      /* `read` takes the value, whose first token is in hand */
};

struct tm_json_member {
    const char *name; /* NULL: the members that have no row of their own; `read` finds the key in json->key */
    enum tm_json_want want;
    size_t at; /* offset in what is read into; of TM_JSON_CALL too */
    void (*read)(struct tm_json *json, void *into);
};

/* Reads the object whose first token is in hand: each member into `into`, which the caller has filled with what counts where a
 * member is missing. Members that no row names are passed over. False: it is no object, or a fault; it has been told. */
bool tm_json_read(struct tm_json *json, const struct tm_json_member *members, size_t n, void *into);

/* Calls `read` for each element of the array in hand, whose first token is then in hand; null is an empty array. */
bool tm_json_each(struct tm_json *json, void (*read)(struct tm_json *json, void *into), void *into);

/* A value by itself: what is in hand, as the wants above. False after a fault. */
bool tm_json_take_text(struct tm_json *json, struct tm_json_text *text);
bool tm_json_take_number(struct tm_json *json, double *number);

#endif
