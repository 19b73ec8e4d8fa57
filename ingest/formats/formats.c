/* A new format is a file here and a row in this table. */
#include "ingest/formats/formats.h"

#include <string.h>

#include "ingest/formats/sniff.h"

extern const struct tm_input_format tm_input_csv, tm_input_ndjson, tm_input_data_js, tm_input_go, tm_input_junit, tm_input_pytest,
    tm_input_google, tm_input_asv, tm_input_criterion, tm_input_libtest, tm_input_hyperfine, tm_input_custom, tm_input_bmf,
    tm_input_jmh, tm_input_dotnet, tm_input_pyperf, tm_input_julia, tm_input_otlp, tm_input_k6, tm_input_vitest, tm_input_callgrind,
    tm_input_otava, tm_input_openmetrics;

const struct tm_input_format *const tm_input_formats[] = {
    &tm_input_csv,    &tm_input_ndjson, &tm_input_data_js,   &tm_input_go,      &tm_input_junit,       &tm_input_pytest,
    &tm_input_google, &tm_input_asv,    &tm_input_criterion, &tm_input_libtest, &tm_input_hyperfine,   &tm_input_custom,
    &tm_input_bmf,    &tm_input_jmh,    &tm_input_dotnet,    &tm_input_pyperf,  &tm_input_julia,       &tm_input_otlp,
    &tm_input_k6,     &tm_input_vitest, &tm_input_callgrind, &tm_input_otava,   &tm_input_openmetrics, NULL};

/* The first one reads what looks like a table, which is what nobody else claims. */
const struct tm_input_format *tm_input_format_of(const struct tm_source *source)
{
    for (const struct tm_input_format *const *format = tm_input_formats + 1; *format; format++)
        if ((*format)->sniff && (*format)->sniff(source->head, source->head_size))
            return *format;
    return tm_input_formats[0]->sniff(source->head, source->head_size) ? tm_input_formats[0] : NULL;
}

const struct tm_input_format *tm_input_format_of_tree(const char *directory)
{
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        if ((*format)->is_tree && (*format)->is_tree(directory))
            return *format;
    return NULL;
}

const struct tm_input_format *tm_input_format_named(const char *name)
{
    for (const struct tm_input_format *const *format = tm_input_formats; *format; format++)
        if (strcmp((*format)->name, name) == 0)
            return *format;
    return NULL;
}

bool tm_input_is_pstats(const struct tm_source *source)
{
    return tm_sniff_pstats(source->head, source->head_size);
}
