/* Strict CSV at the speed of memchr. Lines are found by memchr; most hold no quote and are split
 * at their commas, the rest goes to libcsv, whose state then spans the lines of a quoted field.
 * The row in hand always lies in the buffer from its first byte on, so that a fault found late
 * can still be told with line and column. */
#include "ingest/formats/csv_split.h"

#include <csv.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_BUFFER = 1 << 18, /* 256 KiB: larger reads are no faster */
    LONGEST_ROW = 16 << 20, /* bytes: a few fields of the longest size */
    SLACK = 8               /* readable bytes behind the buffer, for find_comma */
};

struct tm_csv {
    const char *name;
    const struct tm_csv_handler *handler;
    struct tm_diag *diag;
    struct csv_parser parser;
    char *buffer;        /* holds the row being read from its first byte */
    size_t room, used;   /* used: bytes in the buffer */
    size_t row, line_at; /* offsets of the first byte of the row, and of the line in hand */
    uint64_t row_line;   /* number of the row's first line */
    uint64_t line;       /* of the line in hand */
    unsigned rows_ended; /* by the line in hand */
    bool stopped;
};

/* Walks from the row's start over `index` delimiters: dear, but only for messages. Columns count
 * characters, as editors do, not bytes. */
static struct tm_place place_of(const struct tm_csv *csv, size_t index)
{
    struct tm_place place = {csv->name, csv->row_line, 1};
    bool quoted = false;
    const char *at = csv->buffer + csv->row, *end = csv->buffer + csv->used;
    for (; at < end && index > 0; at++) {
        quoted ^= *at == '"';
        index -= *at == ',' && !quoted;
        place.column += ((unsigned char)*at & 0xc0) != 0x80;
        if (*at == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

struct tm_place tm_csv_place(const struct tm_csv *csv, size_t index)
{
    return place_of(csv, index);
}

static int stop(struct tm_csv *csv)
{
    csv->stopped = true;
    return -1;
}

/* The place of a byte of the line in hand. */
static struct tm_place byte_place(const struct tm_csv *csv, size_t offset)
{
    struct tm_place place = {csv->name, csv->line, 1};
    for (size_t at = csv->line_at; at < offset; at++)
        place.column += ((unsigned char)csv->buffer[at] & 0xc0) != 0x80;
    return place;
}

/* libcsv goes on after a fault to the end of what it was given: nothing of that may be told. */
static void on_field(void *text, size_t size, void *context)
{
    struct tm_csv *csv = context;
    if (!csv->stopped)
        csv->handler->field(csv->handler->context, text ? text : "", size);
}

/* libcsv ends a row at a lone carriage return too; counting rows per line shows that. */
static void on_row(int terminator, void *context)
{
    struct tm_csv *csv = context;
    (void)terminator;
    csv->rows_ended++;
    if (!csv->stopped)
        csv->handler->row(csv->handler->context);
}

static int too_long(struct tm_csv *csv)
{
    struct tm_place place = {csv->name, csv->row_line, 0};
    tm_diag_error(csv->diag, &place,
                  "a field longer than 1 MiB begins in this row, expected shorter ones (is a closing quote missing?)");
    return stop(csv);
}

static int bad_quote(struct tm_csv *csv, size_t offset)
{
    struct tm_place place = byte_place(csv, offset);
    tm_diag_error(csv->diag, &place,
                  "found a quote or text in the wrong place, expected a quoted field like \"a \"\"b\"\" c\" and a comma after it");
    return stop(csv);
}

/* Blank lines are no rows, here as for libcsv. */
static bool is_blank(const char *line, size_t size)
{
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r' || line[size - 1] == ' ' || line[size - 1] == '\t'))
        size--;
    return size == 0;
}

/* Finds the next comma from `at` on, eight bytes at a time: a byte equals ',' where (x - 0x01..)
 * & ~x & 0x80.. of x = word ^ ',,,,' has its lowest bit, if the first byte is the lowest one. The
 * buffer ends in SLACK readable bytes. */
static const char *find_comma(const char *at, const char *end)
{
    const uint64_t ones = 0x0101010101010101u, highs = ones << 7;
    for (; at < end; at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        word = le64toh(word) ^ ones * ',';
        uint64_t found = (word - ones) & ~word & highs;
        if (found) {
            at += __builtin_ctzll(found) / 8;
            return at < end ? at : end;
        }
    }
    return end;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* A line without a quote needs no parser: its fields lie between commas, blanks around them do
 * not count (as for libcsv). Four times as fast, and most lines are like that.
 * tests/unit/test_csv_split.c compares the two. */
static void split_line(struct tm_csv *csv, const char *line, size_t size)
{
    const char *at = line, *end = line + size;
    while (end > line && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    for (;;) {
        const char *comma = find_comma(at, end), *first = at, *last = comma;
        while (first < last && is_space(*first))
            first++;
        while (last > first && is_space(last[-1]))
            last--;
        csv->handler->field(csv->handler->context, first, (size_t)(last - first));
        if (comma == end)
            break;
        at = comma + 1;
    }
    csv->rows_ended = 1;
    csv->handler->row(csv->handler->context);
}

/* No quote, and a carriage return at most at the end, where it belongs to the line's end. */
static bool is_plain(const char *line, size_t size)
{
    const char *back = memchr(line, '\r', size);
    return !memchr(line, '"', size) && (!back || back >= line + size - 2);
}

/* Hands one line to the parser; the row ends with it, or goes on in the next one. */
static int feed_line(struct tm_csv *csv, size_t size)
{
    const char *line = csv->buffer + csv->line_at;
    bool first = csv->row == csv->line_at; /* else inside a quoted field */
    csv->rows_ended = 0;
    if (first && (unsigned char)*line <= ' ' && is_blank(line, size)) {
        csv->rows_ended = 1;
    } else if (first && is_plain(line, size)) {
        split_line(csv, line, size);
    } else {
        size_t eaten = csv_parse(&csv->parser, line, size, on_field, on_row, csv);
        if (eaten != size)
            return bad_quote(csv, csv->line_at + eaten);
    }
    /* A field in the making: an opened quote that never closes would else swallow the rest of
     * the file. */
    if (csv->parser.entry_pos > TM_FIELD_MAX)
        return too_long(csv);
    if (csv->rows_ended > 1) {
        struct tm_place place = {csv->name, csv->line, 0};
        tm_diag_error(csv->diag, &place, "found a carriage return inside the line, expected line ends of \\n or \\r\\n");
        return stop(csv);
    }
    csv->line_at += size;
    csv->line++;
    if (csv->rows_ended) {
        /* The row is over: what comes next begins a new one, unless a quote is open. */
        csv->row = csv->line_at;
        csv->row_line = csv->line;
    }
    return csv->stopped ? -1 : 0;
}

/* Feeds every whole line of the buffer; a row without an end in sight is refused before the
 * buffer grows without bound. */
static int feed_lines(struct tm_csv *csv)
{
    const char *end;
    while ((end = memchr(csv->buffer + csv->line_at, '\n', csv->used - csv->line_at)))
        if (feed_line(csv, (size_t)(end + 1 - csv->buffer) - csv->line_at) != 0)
            return -1;
    return csv->used - csv->row > LONGEST_ROW ? too_long(csv) : 0;
}

/* Moves the row in hand to the buffer's front and doubles the buffer when the row fills half of
 * it. */
static int make_room(struct tm_csv *csv)
{
    memmove(csv->buffer, csv->buffer + csv->row, csv->used - csv->row);
    csv->used -= csv->row;
    csv->line_at -= csv->row;
    csv->row = 0;
    /* At least half the buffer is free for the next read. */
    if (csv->used < csv->room / 2)
        return 0;
    char *bigger = realloc(csv->buffer, 2 * csv->room + SLACK);
    if (!bigger)
        return -1;
    csv->buffer = bigger;
    csv->room *= 2;
    return 0;
}

/* Bytes read, 0 at the end, -1 with the fault noted. */
static ssize_t read_some(struct tm_csv *csv, struct tm_source *source)
{
    struct tm_place place = {csv->name, 0, 0};
    if (make_room(csv) != 0) {
        tm_diag_error(csv->diag, &place, "out of memory");
        return stop(csv);
    }
    ssize_t got = tm_source_read(source, csv->buffer + csv->used, csv->room - csv->used);
    if (got < 0) {
        tm_diag_error(csv->diag, &place, "cannot read: %s", tm_source_fault(source));
        return stop(csv);
    }
    return got;
}

/* Feeds what comes before a NUL byte, then reports the byte. */
static int refuse_nul(struct tm_csv *csv, const char *nul)
{
    csv->used = (size_t)(nul - csv->buffer);
    if (feed_lines(csv) != 0)
        return -1;
    struct tm_place place = byte_place(csv, csv->used);
    tm_diag_error(csv->diag, &place, "found a NUL byte, expected text");
    return stop(csv);
}

/* The last line may lack its newline; a quoted field may not lack its quote. */
static int feed_last_line(struct tm_csv *csv)
{
    if (csv->line_at < csv->used && feed_line(csv, csv->used - csv->line_at) != 0)
        return -1;
    if (csv_fini(&csv->parser, on_field, on_row, csv) == 0)
        return csv->stopped ? -1 : 0;
    struct tm_place place = {csv->name, csv->row_line, 0};
    tm_diag_error(csv->diag, &place, "a quoted field begins in this row and never ends, expected a closing quote");
    return stop(csv);
}

/* The byte order mark is looked at before any line is fed; the first read may have brought only a
 * part of it. */
static int read_all(struct tm_csv *csv, struct tm_source *source)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    bool first = true;
    ssize_t got;
    while ((got = read_some(csv, source)) > 0) {
        const char *nul = memchr(csv->buffer + csv->used, '\0', (size_t)got);
        csv->used += (size_t)got;
        if (first && csv->used < sizeof mark && memcmp(csv->buffer, mark, csv->used) == 0)
            continue;
        if (first && csv->used >= sizeof mark && memcmp(csv->buffer, mark, sizeof mark) == 0)
            csv->row = csv->line_at = sizeof mark;
        first = false;
        if ((nul ? refuse_nul(csv, nul) : feed_lines(csv)) != 0)
            return -1;
    }
    return got < 0 ? -1 : feed_last_line(csv);
}

/* find_comma() may read SLACK bytes behind the buffer; what they hold does not matter. *current
 * lets a handler ask for places. */
int tm_csv_read(struct tm_source *source, const struct tm_csv_handler *handler, struct tm_diag *diag, struct tm_csv **current)
{
    struct tm_csv csv = {.name = source->name, .handler = handler, .diag = diag, .row_line = 1, .line = 1, .room = FIRST_BUFFER};
    int result = -1;
    *current = &csv;
    csv.buffer = calloc(1, csv.room + SLACK);
    if (csv.buffer && csv_init(&csv.parser, CSV_STRICT | CSV_STRICT_FINI) == 0) {
        result = read_all(&csv, source);
        csv_free(&csv.parser);
    } else {
        tm_diag_error(diag, &(struct tm_place){source->name, 0, 0}, "out of memory");
    }
    free(csv.buffer);
    *current = NULL;
    return result;
}
