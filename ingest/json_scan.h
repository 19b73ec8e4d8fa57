/* The tokenizer's lower half: bytes, blanks, texts and words. The grammar over them is json.c. */
#ifndef TM_INGEST_JSON_SCAN_H
#define TM_INGEST_JSON_SCAN_H

#include "ingest/json.h"

/* The next byte is the first of the token in hand. */
void tm_json_mark_place(struct tm_json *json);

/* To the next byte that is no blank; -1 at the end. */
int tm_json_pass_blanks(struct tm_json *json);

/* Behind the opening quote, up to the closing one: json->text. false: a fault. */
bool tm_json_scan_text(struct tm_json *json);

/* A word without quotes: a number, or one of six names. */
enum tm_json_token tm_json_scan_word(struct tm_json *json);

#endif
