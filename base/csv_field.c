#include "base/csv_field.h"

#include <stdbool.h>
#include <string.h>

void tm_csv_field(FILE *out, const char *text, size_t size)
{
    bool quote = size == 0 || memchr(text, ',', size) || memchr(text, '"', size) || memchr(text, '\n', size) ||
                 memchr(text, '\r', size) || text[0] == ' ' || text[size - 1] == ' ';
    if (!quote) {
        fwrite(text, 1, size, out);
        return;
    }
    putc('"', out);
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            putc('"', out);
        putc(text[i], out);
    }
    putc('"', out);
}
