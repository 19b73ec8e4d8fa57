/* An array with an object per row, written as the rows come: the output of a million rows takes
 * no memory. What JSON cannot say (infinity) is null; broken UTF-8 becomes U+FFFD. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"
#include "cli/format.h"

static void write_value(FILE *out, struct tm_value value)
{
    char number[TM_NUMBER_SIZE];
    switch (value.type) {
    case TM_NULL:
        fputs("null", out);
        break;
    case TM_INTEGER:
        fprintf(out, "%" PRId64, value.integer);
        break;
    case TM_REAL:
        fputs(isfinite(value.real) ? tm_exact_number(value.real, number) : "null", out);
        break;
    case TM_TEXT:
        tm_put_json_text(out, value.text, value.size);
        break;
    case TM_BLOB:
        putc('"', out);
        for (size_t i = 0; i < value.size; i++)
            fprintf(out, "%02x", (unsigned char)value.text[i]);
        putc('"', out);
        break;
    }
}

static int write_json(FILE *out, const struct tm_listing *rows)
{
    int width = rows->width(rows->of), step;
    /* What stands before an object, the first or a later one; no rows are "[]". */
    const char *before = "[\n";
    while ((step = rows->next(rows->of)) == 1) {
        fputs(before, out);
        before = ",\n";
        for (int i = 0; i < width; i++) {
            fputs(i ? ", " : "  {", out);
            tm_put_json_text(out, rows->name(rows->of, i), strlen(rows->name(rows->of, i)));
            fputs(": ", out);
            write_value(out, rows->value(rows->of, i));
        }
        putc('}', out);
    }
    fputs(*before == '[' ? "[]\n" : "\n]\n", out);
    return step;
}

const struct tm_format tm_format_json = {"json", write_json};
