/* What the tests of the allocator's hooks share. They are linked with the hooks (--wrap); tests/shell/test_malloc.sh runs the same
 * programs, linked without, with the hooks preloaded. */
#ifndef TM_TESTS_HOOKS_H
#define TM_TESTS_HOOKS_H

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/memory.h"
#include "record/tidemark_record.h"

#define MB            ((size_t)1 << 20)
#define LENGTH(table) (sizeof(table) / sizeof *(table))

extern const struct tm_memory_hooks tm_memory_hooks __attribute__((weak));
static const struct tm_memory_hooks *hooks;
static bool sanitized; /* another allocator: no owners */

static inline int find_hooks(void **state)
{
    (void)state;
    hooks = &tm_memory_hooks ? &tm_memory_hooks : dlsym(RTLD_DEFAULT, "tm_memory_hooks");
    if (hooks == NULL || hooks->version != TM_MEMORY_HOOKS_VERSION)
        return -1;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    sanitized = true;
    print_message("# built with a sanitizer, which brings an allocator of its own: no owners\n");
#endif
    return 0;
}

/* The same functions, unknown to the compiler, which leaves out what nobody uses, and to analysers. */
static void *(*volatile allocate)(size_t size) = malloc;
static void *(*volatile resize)(void *block, size_t size) = realloc;

/* Used, for all that the compiler knows. */
static inline void *kept(void *block)
{
    __asm__ volatile("" : "+r"(block) : : "memory");
    return block;
}

static inline int64_t size_of(void *block)
{
    return (int64_t)malloc_usable_size(block);
}

static inline int64_t live(struct tm_memory_owner *owner)
{
    return atomic_load(&owner->live);
}

static inline int64_t peak(struct tm_memory_owner *owner)
{
    return atomic_load(&owner->peak);
}

static inline void own(struct tm_memory_owner *owner)
{
    hooks->thread()->owner = owner;
}

static inline int begin_owners(void **state)
{
    (void)state;
    return sanitized ? 0 : hooks->mode(TM_REC_MEMORY_OWNER, 0);
}

static inline int end(void **state)
{
    (void)state;
    own(NULL);
    return hooks->mode(TM_REC_MEMORY_OFF, 0);
}

#define NEEDS_OWNERS                                                                                                               \
    do {                                                                                                                           \
        if (sanitized)                                                                                                             \
            return;                                                                                                                \
    } while (0)

static inline void *by_malloc(size_t size)
{
    return malloc(size);
}
static inline void *by_calloc(size_t size)
{
    return calloc(1, size);
}
static inline void *by_realloc(size_t size)
{
    return realloc(NULL, size);
}
static inline void *by_reallocarray(size_t size)
{
    return reallocarray(NULL, 1, size);
}
static inline void *by_memalign(size_t size)
{
    return memalign(64, size);
}
static inline void *by_aligned_alloc(size_t size)
{
    return aligned_alloc(512, (size + 511) / 512 * 512);
}
static inline void *by_posix_memalign(size_t size)
{
    void *block = NULL;
    return posix_memalign(&block, 128, size) == 0 ? block : NULL;
}
static inline void *by_valloc(size_t size)
{
    return valloc(size);
}
static inline void *by_pvalloc(size_t size)
{
    return pvalloc(size);
}

static const struct way {
    const char *name;
    void *(*allocate)(size_t);
    size_t alignment;
} ways[] = {
    {"malloc", by_malloc, 16},
    {"calloc", by_calloc, 16},
    {"realloc", by_realloc, 16},
    {"reallocarray", by_reallocarray, 16},
    {"memalign", by_memalign, 64},
    {"aligned_alloc", by_aligned_alloc, 512},
    {"posix_memalign", by_posix_memalign, 128},
    {"valloc", by_valloc, 4096},
    {"pvalloc", by_pvalloc, 4096},
};

#endif
