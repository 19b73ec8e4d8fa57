/* UTF-8 is decoded by the letter: what is overlong, a surrogate or beyond U+10FFFF is no
 * character, so that nothing passes a check under another spelling. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* The first byte tells the size: 80..BF continue a character and C0, C1, F5..FF begin none. */
size_t tm_utf8_character(const char *bytes, size_t left, uint32_t *code)
{
    const unsigned char *text = (const unsigned char *)bytes;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* a shorter form would do: not well-formed */
    size_t size = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0;
    if (size == 0 || size > left)
        return 0;
    *code = size == 1 ? text[0] : text[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code < least[size] || surrogate || *code > 0x10ffff ? 0 : size;
}

bool tm_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool tm_is_text(const char *text, size_t size)
{
    uint32_t code = 0;
    for (size_t at = 0, step; at < size; at += step) {
        step = tm_utf8_character(text + at, size - at, &code);
        if (step == 0 || code == 0)
            return false;
    }
    return true;
}

size_t tm_next_character(const char *text, size_t size, bool *showable)
{
    uint32_t code = 0;
    size_t step = tm_utf8_character(text, size, &code);
    *showable = step > 0 && !tm_is_control(code);
    return *showable ? step : 1;
}

/* Copies `most` bytes or a character more, escaped, and "..." where text is left. `shown` has
 * room for `most` escapes of four bytes, and that. */
static const char *show_text(const char *text, size_t size, char *shown, size_t most)
{
    char *out = shown;
    size_t at = 0, step;
    for (; at < size && at < most; at += step) {
        bool showable;
        step = tm_next_character(text + at, size - at, &showable);
        if (showable)
            memcpy(out, text + at, step);
        else
            snprintf(out, 5, "\\x%02x", (unsigned char)text[at]);
        out += showable ? step : 4;
    }
    strcpy(out, at < size ? "..." : "");
    return shown;
}

const char *tm_shown(const char *text, size_t size, char shown[TM_SHOWN_SIZE])
{
    return show_text(text, size, shown, TM_SHOWN);
}

/* A path that is cut in the middle points nowhere. */
const char *tm_shown_long(const char *text, char shown[TM_SHOWN_LONG_SIZE])
{
    return show_text(text, strlen(text), shown, TM_SHOWN_LONG);
}

/* 15 digits always survive the way to a double and back, 17 always suffice. */
const char *tm_exact_number(double value, char text[TM_NUMBER_SIZE])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, TM_NUMBER_SIZE, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (!(back < value || back > value))
            break;
    }
    return text;
}
