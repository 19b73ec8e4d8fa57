/* Text of unknown origin: reading it as UTF-8, and showing it where people look. */
#ifndef TM_BASE_TEXT_H
#define TM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes of the well-formed UTF-8 character at text, 0 if there is none; *code is its code point. left > 0. */
size_t tm_utf8_character(const char *text, size_t left, uint32_t *code);

/* Is all of it such characters, and none of them a NUL? */
bool tm_is_text(const char *text, size_t size);

/* Is it the same text, or none (NULL) on both sides? */
bool tm_same_text(const char *a, const char *b);

/* U+0000-1F and U+007F-9F: what a terminal obeys. */
static inline bool tm_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

/* The size in bytes of the next character of text that people will see, and whether it may be shown as it is; if not (a control
 * character, or no UTF-8) it is a single byte. size > 0. */
size_t tm_next_character(const char *text, size_t size, bool *showable);

enum { TM_SHOWN = 60, TM_SHOWN_SIZE = 4 * TM_SHOWN + 4, TM_SHOWN_LONG = 240, TM_SHOWN_LONG_SIZE = 4 * TM_SHOWN_LONG + 4 };

/* Text fit to be shown in a message: what may not be shown as \xNN, long text cut. Returns `shown`. */
const char *tm_shown(const char *text, size_t size, char shown[TM_SHOWN_SIZE]);

/* The same for paths and for messages of others, which say less when they are cut. */
const char *tm_shown_long(const char *text, char shown[TM_SHOWN_LONG_SIZE]);

enum { TM_NUMBER_SIZE = 40 };

/* The shortest decimal that reads back as the same double; "inf", "-inf", "nan". Returns `text`. */
const char *tm_exact_number(double value, char text[TM_NUMBER_SIZE]);

#endif
