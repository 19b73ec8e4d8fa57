/* A stream of our own behind stdio: what the write function refuses, the stream knows as an error,
 * and the builder for good. */
#include "base/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Room for the NUL is kept from the first byte on, so that closing allocates nothing. */
static ssize_t take(void *cookie, const char *bytes, size_t size)
{
    struct tm_builder *builder = cookie;
    if (builder->failed || tm_array_reserve(&builder->text, &builder->room, builder->size + size + 1, 1) != 0) {
        builder->failed = true;
        return 0;
    }
    memcpy(builder->text + builder->size, bytes, size);
    builder->size += size;
    builder->text[builder->size] = '\0';
    return (ssize_t)size;
}

FILE *tm_build(struct tm_builder *builder)
{
    *builder = (struct tm_builder){0};
    if (tm_array_reserve(&builder->text, &builder->room, 1, 1) == 0) {
        builder->text[0] = '\0';
        builder->out = fopencookie(builder, "w", (cookie_io_functions_t){.write = take});
    }
    builder->failed = !builder->out;
    return builder->out;
}

/* The flag of the stream counts too: a write that stdio gave up has never come to take(). */
char *tm_built(struct tm_builder *builder)
{
    if (builder->out) {
        builder->failed |= fflush(builder->out) != 0 || ferror(builder->out);
        builder->failed |= fclose(builder->out) != 0;
        builder->out = NULL;
    }
    char *text = builder->text;
    builder->text = NULL;
    if (!builder->failed)
        return text;
    free(text);
    return NULL;
}

void tm_build_drop(struct tm_builder *builder)
{
    free(tm_built(builder));
}
