/* An image made half as large, by averaging: computing. The three plugins here are what tests/examples/example_host.c loads. */
#include <stddef.h>
#include <stdlib.h>

#include "plugins.h"

int resize(void *context, const void *input, void *output);

const char resize_version[] = "2.1";

int resize(void *context, const void *input, void *output)
{
    const struct image *from = input;
    struct image *to = output;
    (void)context;
    if (from->width < 2 || from->height < 2)
        return RESIZE_TOO_SMALL;
    to->width = from->width / 2;
    to->height = from->height / 2;
    to->pixels = malloc(to->width * to->height);
    if (!to->pixels)
        return RESIZE_NO_MEMORY;
    for (size_t y = 0; y < to->height; y++)
        for (size_t x = 0; x < to->width; x++) {
            const unsigned char *at = from->pixels + 2 * y * from->width + 2 * x;
            to->pixels[y * to->width + x] = (unsigned char)((at[0] + at[1] + at[from->width] + at[from->width + 1]) / 4);
        }
    return 0;
}
