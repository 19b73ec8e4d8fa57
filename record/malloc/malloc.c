/* The allocator's functions: what the one behind does, and the counting. A block is charged to the thread, and to the owner that
 * runs on it; freed, it is credited to the thread that frees it, and to the owner by its tag, whoever runs. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "record/malloc/account.h"
#include "record/malloc/names.h"

#define EXPORT __attribute__((visibility("default")))

/* The call's place in the caller. */
#define CALLER ((const char *)__builtin_return_address(0) - 1)

EXPORT void *TM_HOOK(malloc)(size_t size);
EXPORT void *TM_HOOK(calloc)(size_t count, size_t size);
EXPORT void *TM_HOOK(realloc)(void *block, size_t size);
EXPORT void *TM_HOOK(reallocarray)(void *block, size_t count, size_t size);
EXPORT void *TM_HOOK(memalign)(size_t alignment, size_t size);
EXPORT void *TM_HOOK(aligned_alloc)(size_t alignment, size_t size);
EXPORT int TM_HOOK(posix_memalign)(void **block, size_t alignment, size_t size);
EXPORT void *TM_HOOK(valloc)(size_t size);
EXPORT void *TM_HOOK(pvalloc)(size_t size);
EXPORT void TM_HOOK(free)(void *block);
#ifdef TM_HOOKS_WRAP
char *TM_HOOK(strdup)(const char *text);
char *TM_HOOK(strndup)(const char *text, size_t most);
#endif

/* malloc and free are split by what is to do, so that each way keeps in registers only what it needs. */
static __attribute__((noinline)) void *counted_malloc(size_t size, unsigned now)
{
    void *block = TM_REAL(malloc)(size);

    if (block)
        tm_hooks_count(tm_hooks_size(block, now));
    return block;
}

static __attribute__((noinline)) void *owned_malloc(size_t size, const void *caller, unsigned now)
{
    return tm_hooks_charge(TM_REAL(malloc)(size), caller, now);
}

void *TM_HOOK(malloc)(size_t size)
{
    unsigned now = tm_hooks_now();

    if (now == 0)
        return TM_REAL(malloc)(size);
    return now & TM_HOOKS_OWN ? owned_malloc(size, CALLER, now) : counted_malloc(size, now);
}

static __attribute__((noinline)) void counted_free(void *block, unsigned now)
{
    if (block)
        tm_hooks_credit(0, tm_hooks_size(block, now));
    TM_REAL(free)(block);
}

static __attribute__((noinline)) void owned_free(void *block, unsigned now)
{
    if (block)
        tm_hooks_credit(tm_tag_take(block), tm_hooks_size(block, now));
    TM_REAL(free)(block);
}

/* errno stays what it was: nothing of this changes it. */
void TM_HOOK(free)(void *block)
{
    unsigned now = tm_hooks_now();

    if (now == 0)
        TM_REAL(free)(block);
    else if (now & TM_HOOKS_OWN)
        owned_free(block, now);
    else
        counted_free(block, now);
}

void *TM_HOOK(calloc)(size_t count, size_t size)
{
    return tm_hooks_charge(TM_REAL(calloc)(count, size), CALLER, tm_hooks_now());
}

/* The tag is off before the block is gone: another thread may get the same address at once. */
static void *resize(void *block, size_t size, const void *caller)
{
    unsigned now = tm_hooks_now();
    int64_t old_size;
    uint64_t tag;
    void *resized;

    if (now == 0 || !block)
        return tm_hooks_charge(TM_REAL(realloc)(block, size), caller, now);
    old_size = tm_hooks_size(block, now);
    tag = now & TM_HOOKS_OWN ? tm_tag_take(block) : 0;
    resized = TM_REAL(realloc)(block, size);
    if (resized != NULL || size == 0)
        tm_hooks_credit(tag, old_size);
    else if (tag != 0)
        atomic_store_explicit(tm_tag_find(block), tag, memory_order_relaxed);
    return tm_hooks_charge(resized, caller, now);
}

void *TM_HOOK(realloc)(void *block, size_t size)
{
    return resize(block, size, CALLER);
}

void *TM_HOOK(reallocarray)(void *block, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(block, bytes, CALLER);
}

void *TM_HOOK(memalign)(size_t alignment, size_t size)
{
    return tm_hooks_charge(TM_REAL(memalign)(alignment, size), CALLER, tm_hooks_now());
}

void *TM_HOOK(aligned_alloc)(size_t alignment, size_t size)
{
    return tm_hooks_charge(TM_REAL(aligned_alloc)(alignment, size), CALLER, tm_hooks_now());
}

int TM_HOOK(posix_memalign)(void **block, size_t alignment, size_t size)
{
    int fault = TM_REAL(posix_memalign)(block, alignment, size);

    if (fault == 0)
        tm_hooks_charge(*block, CALLER, tm_hooks_now());
    return fault;
}

void *TM_HOOK(valloc)(size_t size)
{
    return tm_hooks_charge(TM_REAL(valloc)(size), CALLER, tm_hooks_now());
}

void *TM_HOOK(pvalloc)(size_t size)
{
    return tm_hooks_charge(TM_REAL(pvalloc)(size), CALLER, tm_hooks_now());
}

#ifdef TM_HOOKS_WRAP
/* What the C library allocates for its caller is not seen when linked in, though it is freed here. These are the most of it. */
static char *copy(const char *text, size_t length, const void *caller)
{
    char *block = tm_hooks_charge(TM_REAL(malloc)(length + 1), caller, tm_hooks_now());

    if (!block)
        return NULL;
    block[length] = '\0';
    return memcpy(block, text, length);
}

char *TM_HOOK(strdup)(const char *text)
{
    return copy(text, strlen(text), CALLER);
}

char *TM_HOOK(strndup)(const char *text, size_t most)
{
    return copy(text, strnlen(text, most), CALLER);
}
#endif
