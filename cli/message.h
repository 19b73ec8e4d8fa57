/* What the program says in single lines. */
#ifndef TM_CLI_MESSAGE_H
#define TM_CLI_MESSAGE_H

#include <stdio.h>

#include "schema/tidemark.h"

/* The exit codes of all commands but the gate's own 1 and 3 (schema/tidemark.h). */
enum { TM_EXIT_DONE = 0, TM_EXIT_TROUBLE = 2 };

/* "tidemark: ...", and what may help. Names from outside are shown safely. tm_trouble returns TM_EXIT_TROUBLE. */
int tm_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tm_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line on standard output or standard error, with a line end behind it; names in it are shown safely. */
void tm_say(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* tm_trouble with the store's message. */
int tm_store_trouble(tm_store *store);

#endif
