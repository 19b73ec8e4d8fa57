/* A new format is a file here and a row in this table. */
#include "ingest/formats/formats.h"

extern const struct tm_input_format tm_input_csv;

const struct tm_input_format *const tm_input_formats[] = {&tm_input_csv, NULL};

const struct tm_input_format *tm_input_format_of(const struct tm_source *source)
{
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        if ((*format)->sniff(source->head, source->head_size))
            return *format;
    /* Unknown: the first format's messages say what is wrong with it. */
    return tm_input_formats[0];
}
