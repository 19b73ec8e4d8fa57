/* RFC 4180, with \n at the ends of lines. A NULL is an empty field, an empty text is quoted;
 * numbers are the shortest that read back as the same double; a blob is hexadecimal. Texts are the
 * bytes of the store, but on a terminal and in the log of a CI job (base/escape.h). */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"
#include "cli/format.h"

static void write_value(FILE *out, tm_csv_writer *put, struct tm_value value)
{
    char number[TM_NUMBER_SIZE];
    switch (value.type) {
    case TM_NULL:
        break;
    case TM_INTEGER:
        fprintf(out, "%" PRId64, value.integer);
        break;
    case TM_REAL:
        fputs(tm_exact_number(value.real, number), out);
        break;
    case TM_TEXT:
        put(out, value.text, value.size);
        break;
    case TM_BLOB:
        for (size_t i = 0; i < value.size; i++)
            fprintf(out, "%02x", (unsigned char)value.text[i]);
        break;
    }
}

/* The head also where there are no rows: a script finds its columns in any case. The step's last
 * result says whether reading failed. */
static int write_csv(FILE *out, const struct tm_listing *rows)
{
    tm_csv_writer *put = tm_csv_writer_for(out);
    int width = rows->width(rows->of), step;
    for (int i = 0; i < width; i++) {
        if (i)
            putc(',', out);
        put(out, rows->name(rows->of, i), strlen(rows->name(rows->of, i)));
    }
    putc('\n', out);
    while ((step = rows->next(rows->of)) == 1) {
        for (int i = 0; i < width; i++) {
            if (i)
                putc(',', out);
            write_value(out, put, rows->value(rows->of, i));
        }
        putc('\n', out);
    }
    return step;
}

const struct tm_format tm_format_csv = {"csv", write_csv};
