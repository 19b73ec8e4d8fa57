/* The formats that Tidemark reads: one row each. */
#ifndef TM_INGEST_FORMATS_FORMATS_H
#define TM_INGEST_FORMATS_FORMATS_H

#include "ingest/sink.h"
#include "ingest/source.h"

struct tm_input_format {
    const char *name, *summary;
    /* Is this the format of an input that begins with these bytes (all of it, if there are fewer than TM_SOURCE_PEEK)? Of all
     * formats at most one says yes. */
    bool (*sniff)(const unsigned char *head, size_t size);

    /* A reader's own memory for all inputs of a call; NULL without memory. */
    void *(*begin)(struct tm_sink *sink);
    /* Reads one input into the sink. What is wrong with it has been told to sink->diag. */
    void (*read)(void *reader, struct tm_source *source);
    /* NULL: no trees. Is the directory a tree of this format, and reading it whole. */
    bool (*is_tree)(const char *directory);
    void (*read_tree)(void *reader, const char *directory);
    void (*end)(void *reader);
};

/* In the order of the help; ends with NULL. The first reads what no sniff knows, so that its messages say what is wrong. */
extern const struct tm_input_format *const tm_input_formats[];

/* Of what has been peeked at; NULL: of none. */
const struct tm_input_format *tm_input_format_of(const struct tm_source *source);
const struct tm_input_format *tm_input_format_of_tree(const char *directory);
const struct tm_input_format *tm_input_format_named(const char *name);

/* Is it a profile of Python's cProfile, which no format reads? */
bool tm_input_is_pstats(const struct tm_source *source);

#endif
