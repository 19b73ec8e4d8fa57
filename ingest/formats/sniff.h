/* Telling a format by the first bytes of a file. */
#ifndef TM_INGEST_FORMATS_SNIFF_H
#define TM_INGEST_FORMATS_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

/* Where the text begins, behind a byte order mark and blanks; NULL: there is none. */
const char *tm_sniff_start(const unsigned char *head, size_t size, const char **end);

/* Does it begin with this bracket, '{' or '['? */
bool tm_sniff_json(const unsigned char *head, size_t size, char bracket);

/* Has the head that key in an object within so many brackets: 1 in the outermost object, 2 in the objects of an outermost array? */
bool tm_sniff_key(const unsigned char *head, size_t size, int depth, const char *key);

/* Does it begin as no document of brackets does? */
bool tm_sniff_plain(const unsigned char *head, size_t size);

/* Has the head a line that begins so? */
bool tm_sniff_line(const unsigned char *head, size_t size, const char *start);

/* Does it begin as a profile of Python's cProfile: marshal's dictionary, whose first key is a triple? No text does. */
bool tm_sniff_pstats(const unsigned char *head, size_t size);

/* Has it that text anywhere? */
bool tm_sniff_text(const unsigned char *head, size_t size, const char *text);

#endif
