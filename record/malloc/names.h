/* The same functions twice. Preloaded: under the allocator's own names, in front of the next library that has them. Linked in: as
 * what the linker's option --wrap=malloc puts in front of the program's. */
#ifndef TM_RECORD_MALLOC_NAMES_H
#define TM_RECORD_MALLOC_NAMES_H

#include <stddef.h>

#ifdef TM_HOOKS_WRAP

#define TM_HOOK(name) __wrap_##name
#define TM_REAL(name) __real_##name

/* The allocator's own functions, under the names that --wrap gives them. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_memalign(size_t alignment, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **block, size_t alignment, size_t size);
void *__real_valloc(size_t size);
void *__real_pvalloc(size_t size);
void __real_free(void *block);

#else

#define TM_HOOK(name) name
#define TM_REAL(name) tm_next.name

extern struct tm_next {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *block, size_t size);
    void *(*memalign)(size_t alignment, size_t size);
    void *(*aligned_alloc)(size_t alignment, size_t size);
    int (*posix_memalign)(void **block, size_t alignment, size_t size);
    void *(*valloc)(size_t size);
    void *(*pvalloc)(size_t size);
    void (*free)(void *block);
} tm_next;

#endif
#endif
