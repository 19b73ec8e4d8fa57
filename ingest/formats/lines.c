/* A buffer that holds at least one line: what is left of it moves to the front before more is read. */
#include "ingest/formats/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { PIECE = 1 << 16 }; /* read at once */

void tm_lines_begin(struct tm_lines *lines, struct tm_source *source, struct tm_diag *diag)
{
    lines->source = source;
    lines->diag = diag;
    lines->filled = lines->at = 0;
    lines->ended = lines->failed = false;
    lines->line = 0;
}

static char *fail(struct tm_lines *lines, const char *what)
{
    const struct tm_place place = {lines->source->name, lines->line, 0};
    tm_diag_error(lines->diag, &place, "%s", what);
    lines->failed = lines->ended = true;
    return NULL;
}

/* More text behind what is there; false at the end, or after a fault. */
static bool fill(struct tm_lines *lines)
{
    if (lines->ended)
        return false;
    if (lines->at > 0)
        memmove(lines->buffer, lines->buffer + lines->at, lines->filled - lines->at);
    lines->filled -= lines->at;
    lines->at = 0;
    if (lines->filled > TM_LINE_MAX) {
        lines->line++;
        return fail(lines, "found a line of more than 1 MiB");
    }
    if (tm_array_reserve(&lines->buffer, &lines->room, lines->filled + PIECE + 1, 1) != 0)
        return fail(lines, "out of memory");
    ssize_t got = tm_source_read(lines->source, lines->buffer + lines->filled, PIECE);
    if (got < 0)
        return fail(lines, tm_source_fault(lines->source));
    lines->filled += (size_t)got;
    lines->ended = got == 0;
    return got > 0;
}

char *tm_lines_next(struct tm_lines *lines, size_t *size)
{
    char *end;
    size_t looked = lines->at;
    /* In one go with `fill`, which moves what is there: positions are taken anew. */
    while (!(end = looked < lines->filled ? memchr(lines->buffer + looked, '\n', lines->filled - looked) : NULL)) {
        size_t had = lines->filled - lines->at;
        if (!fill(lines))
            break;
        looked = lines->at + had;
    }
    if (lines->failed || (!end && lines->at == lines->filled))
        return NULL;
    char *line = lines->buffer + lines->at;
    if (!end)
        end = lines->buffer + lines->filled; /* the last line, without its end; there is room for a terminator */
    *size = (size_t)(end - line);
    lines->at += *size + (end < lines->buffer + lines->filled);
    lines->line++;
    if (*size > 0 && line[*size - 1] == '\r')
        --*size;
    line[*size] = '\0';
    return line;
}

void tm_lines_free(struct tm_lines *lines)
{
    free(lines->buffer);
}

const char *tm_word(const char **at, size_t *size)
{
    const char *word = *at + strspn(*at, " \t");
    *size = strcspn(word, " \t");
    *at = word + *size;
    return *size ? word : NULL;
}
