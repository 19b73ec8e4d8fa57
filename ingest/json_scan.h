/* The tokenizer's lower half: bytes, blanks, texts and words. The grammar over them is json.c. */
#ifndef TM_INGEST_JSON_SCAN_H
#define TM_INGEST_JSON_SCAN_H

#include "ingest/json.h"

/* More of the input; false at its end, or after a fault. */
bool tm_json_fill(struct tm_json *json);

/* The next byte without taking it; -1 at the end. */
static inline int tm_json_peek(struct tm_json *json)
{
    return json->at < json->filled || tm_json_fill(json) ? json->buffer[json->at] : -1;
}

/* The next byte is the first of the token in hand. */
void tm_json_mark_place(struct tm_json *json);

/* To the next byte that is no blank; -1 at the end. */
int tm_json_pass_blanks(struct tm_json *json);

/* Behind the opening quote, up to the closing one: json->text. false: a fault. */
bool tm_json_scan_text(struct tm_json *json);

/* A word without quotes: a number, or one of six names. */
enum tm_json_token tm_json_scan_word(struct tm_json *json);

#endif
