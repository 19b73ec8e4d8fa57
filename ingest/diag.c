/* What was wrong in the input, kept in the order it was met. The first twenty of a kind are kept
 * word by word, the rest is counted: a file with the wrong separator has a fault in every row,
 * and twenty of them say it all.
 *
 * Memory that runs short loses the words, never the count, and what is lost is remembered: an
 * input of which not all can be told is refused. */
#include "ingest/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/text.h"
#include "schema/valid.h"

/* "FILE:LINE:COLUMN: text", as editors and CI logs make links of it; what is 0 of the place is
 * left out. */
static void note_line(struct tm_diag *diag, char **kept, uint64_t *count, const struct tm_place *place, const char *format,
                      va_list arguments)
{
    struct tm_builder builder;
    if ((*count)++ >= TM_DIAG_KEPT)
        return;
    FILE *out = tm_build(&builder);
    if (!out) {
        diag->lost = true;
        return;
    }
    /* A file's name may hold anything; one that is no good name is shown made safe, and cut. */
    char shown[TM_SHOWN_SIZE];
    fputs(tm_name_fault(place->file, strlen(place->file)) ? tm_shown(place->file, strlen(place->file), shown) : place->file, out);
    if (place->line)
        fprintf(out, ":%llu", (unsigned long long)place->line);
    if (place->column)
        fprintf(out, ":%llu", (unsigned long long)place->column);
    fputs(": ", out);
    vfprintf(out, format, arguments);
    kept[*count - 1] = tm_built(&builder);
    diag->lost |= !kept[*count - 1];
}

void tm_diag_verror(struct tm_diag *diag, const struct tm_place *place, const char *format, va_list arguments)
{
    note_line(diag, diag->errors, &diag->n_errors, place, format, arguments);
}

void tm_diag_error(struct tm_diag *diag, const struct tm_place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tm_diag_verror(diag, place, format, arguments);
    va_end(arguments);
}

void tm_diag_notice(struct tm_diag *diag, const struct tm_place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note_line(diag, diag->notices, &diag->n_notices, place, format, arguments);
    va_end(arguments);
}

void tm_diag_clear(struct tm_diag *diag)
{
    for (int i = 0; i < TM_DIAG_KEPT; i++) {
        free(diag->errors[i]);
        free(diag->notices[i]);
    }
    *diag = (struct tm_diag){0};
}
