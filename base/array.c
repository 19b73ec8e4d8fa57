/* Growing arrays: one place where sizes are multiplied, checked and doubled. */
#include "base/array.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The pointer is read and written as bytes: it may point to any type, and a cast to void ** would
 * break the rules of aliasing. */
static int resize(void *address_of_array, size_t count, size_t size)
{
    void *array, *grown;
    /* A size that wraps would allocate too little and write beyond it. */
    if (count > SIZE_MAX / size)
        return -1;
    memcpy(&array, address_of_array, sizeof array);
    grown = realloc(array, count * size);
    if (!grown)
        return -1;
    memcpy(address_of_array, &grown, sizeof grown);
    return 0; // cppcheck-suppress memleak ; the array is the caller's
}

void *tm_array_add(void *address_of_array, size_t *n, size_t size)
{
    char *array;
    bool full = (*n & (*n - 1)) == 0; /* at 0 and at each power of two */
    if (full && (*n > SIZE_MAX / 2 || resize(address_of_array, *n ? 2 * *n : 1, size) != 0))
        return NULL;
    memcpy(&array, address_of_array, sizeof array);
    return memset(array + (*n)++ * size, 0, size);
}

/* Doubling keeps the cost of n elements at O(n), whatever `wanted` asks for at a time. */
int tm_array_reserve(void *address_of_array, size_t *room, size_t wanted, size_t size)
{
    enum { FIRST = 16 }; /* elements: fewer are not worth a second call of realloc */
    size_t more = *room > SIZE_MAX / 2 ? wanted : 2 * *room;
    if (wanted <= *room)
        return 0;
    if (more < wanted)
        more = wanted;
    if (more < FIRST)
        more = FIRST;
    if (resize(address_of_array, more, size) != 0)
        return -1;
    *room = more;
    return 0;
}
