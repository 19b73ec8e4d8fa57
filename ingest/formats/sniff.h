/* Telling a format by the first bytes of a file. */
#ifndef TM_INGEST_FORMATS_SNIFF_H
#define TM_INGEST_FORMATS_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

/* Where the text begins, behind a byte order mark and blanks; NULL: there is none. */
const char *tm_sniff_start(const unsigned char *head, size_t size, const char **end);

/* Is it JSON that begins with this bracket ('{' or '['), and has that key as deep as that: 1 is a member of the outermost object or
 * of nothing but arrays around it counts them too. As far as the head goes. */
bool tm_sniff_json(const unsigned char *head, size_t size, char bracket);
bool tm_sniff_key(const unsigned char *head, size_t size, int depth, const char *key);

/* Does it begin as no document of brackets does? */
bool tm_sniff_plain(const unsigned char *head, size_t size);

/* Has the head a line that begins so? */
bool tm_sniff_line(const unsigned char *head, size_t size, const char *start);

/* Has it that text anywhere? */
bool tm_sniff_text(const unsigned char *head, size_t size, const char *text);

#endif
