/* The allocator behind the preloaded hooks: the next library that has its functions, which is the C library or another allocator.
 */
#include "record/malloc/names.h"

#ifndef TM_HOOKS_WRAP

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#define FIND(name) (tm_next.name = (__typeof__(tm_next.name))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* At the first call of all, before there are threads. dlsym may want memory for itself, and does without if there is none: false.
 */
static bool find_next(void)
{
    static bool looking;

    if (looking)
        return false;
    looking = true;
    FIND(calloc);
    FIND(realloc);
    FIND(memalign);
    FIND(aligned_alloc);
    FIND(posix_memalign);
    FIND(valloc);
    FIND(pvalloc);
    FIND(free);
    FIND(malloc);
    looking = false;
    return true;
}

static void *first_malloc(size_t size)
{
    return find_next() ? tm_next.malloc(size) : NULL;
}

static void *first_calloc(size_t count, size_t size)
{
    return find_next() ? tm_next.calloc(count, size) : NULL;
}

static void *first_realloc(void *block, size_t size)
{
    return find_next() ? tm_next.realloc(block, size) : NULL;
}

static void *first_memalign(size_t alignment, size_t size)
{
    return find_next() ? tm_next.memalign(alignment, size) : NULL;
}

static void *first_aligned_alloc(size_t alignment, size_t size)
{
    return find_next() ? tm_next.aligned_alloc(alignment, size) : NULL;
}

static int first_posix_memalign(void **block, size_t alignment, size_t size)
{
    return find_next() ? tm_next.posix_memalign(block, alignment, size) : ENOMEM;
}

static void *first_valloc(size_t size)
{
    return find_next() ? tm_next.valloc(size) : NULL;
}

static void *first_pvalloc(size_t size)
{
    return find_next() ? tm_next.pvalloc(size) : NULL;
}

static void first_free(void *block)
{
    if (find_next())
        tm_next.free(block);
}

struct tm_next tm_next = {
    .malloc = first_malloc,
    .calloc = first_calloc,
    .realloc = first_realloc,
    .memalign = first_memalign,
    .aligned_alloc = first_aligned_alloc,
    .posix_memalign = first_posix_memalign,
    .valloc = first_valloc,
    .pvalloc = first_pvalloc,
    .free = first_free,
};

#endif
