/* One field of CSV, quoted where a reader would else see another value. What is written here,
 * ingest reads back as the same bytes. */
#include "base/csv_field.h"

#include <string.h>

/* An empty field without quotes means NULL; blanks at either end would be stripped. size 0 is asked
 * first: text[size - 1] needs a byte. */
bool tm_csv_needs_quotes(const char *text, size_t size)
{
    return size == 0 || memchr(text, ',', size) || memchr(text, '"', size) || memchr(text, '\n', size) ||
           memchr(text, '\r', size) || text[0] == ' ' || text[size - 1] == ' ';
}

void tm_csv_field(FILE *out, const char *text, size_t size)
{
    if (!tm_csv_needs_quotes(text, size)) {
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
