/* Arrays that grow. An array is a pointer and a count in its owner's struct, all zero at first, freed with free().
 *
 * Both functions take the address of the array's pointer. A failure (no memory, or a size that does not fit size_t) leaves the
 * array as it was. */
#ifndef TM_BASE_ARRAY_H
#define TM_BASE_ARRAY_H

#include <stddef.h>

/* Adds an element of `size` bytes behind the *n that are there: its address, zeroed; NULL on failure. The array's room is the power
 * of two at or above *n, so its owner keeps none; the array must have grown by this function alone. */
void *tm_array_add(void *address_of_array, size_t *n, size_t size);

/* Makes room for `wanted` elements of `size` bytes, at least doubling what there is: 0 or -1. New room is not cleared. */
int tm_array_reserve(void *address_of_array, size_t *room, size_t wanted, size_t size);

#endif
