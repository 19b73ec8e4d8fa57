/* Text made in memory by what writes to a stream. A piece that found no memory is remembered, and the text then is none: the C
 * library's open_memstream forgets it, and half a text passes for a whole one. */
#ifndef TM_BASE_BUILDER_H
#define TM_BASE_BUILDER_H

#include <stdbool.h>
#include <stdio.h>

struct tm_builder {
    FILE *out; /* write here; NULL: no memory, or closed */
    char *text;
    size_t size, room;
    bool failed;
};

/* The stream, also in builder->out; NULL: no memory. Whoever has begun closes with tm_built or tm_build_drop, whatever came of it.
 */
FILE *tm_build(struct tm_builder *builder);

/* Ends it. All that was written with a NUL behind it, to be freed, builder->size bytes; NULL: something was lost. */
char *tm_built(struct tm_builder *builder);

/* Ends it without a text. */
void tm_build_drop(struct tm_builder *builder);

#endif
