/* What the example's host and its plugins know of each other. */
#ifndef TM_TESTS_PLUGINS_H
#define TM_TESTS_PLUGINS_H

#include <stddef.h>

struct image {
    size_t width, height;
    unsigned char *pixels; /* one byte each */
};

enum { RESIZE_TOO_SMALL = 1, RESIZE_NO_MEMORY = 2, SEARCH_NOT_FOUND = 1 };

#endif
