/* What the recorder sees of the hooks: one struct of functions. A mode is set in one word, read by every call of the allocator;
 * before it is, the hooks find out whether they are called at all, and what allocator is behind them. */
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdlib.h>

#include "record/malloc/account.h"
#include "record/malloc/names.h"
#include "record/tidemark_record.h"

_Atomic unsigned tm_hooks_state;
_Thread_local struct tm_hooks_thread tm_hooks_thread;

static struct tm_memory_thread *this_thread(void)
{
    return &tm_hooks_thread.memory;
}

/* Whether the allocator is glibc's, with the sizes of blocks where it has always had them. Of another's blocks nothing is read.
 * For hooks that are called. */
static bool is_glibc(void)
{
    Dl_info allocator, glibc;
    bool same = true;

    if (dladdr((void *)(uintptr_t)TM_REAL(malloc), &allocator) != 0 && dladdr((void *)(uintptr_t)gnu_get_libc_version, &glibc) != 0)
        same = allocator.dli_fbase == glibc.dli_fbase;
    for (size_t size = 1; size < ((size_t)1 << 21) && same; /* beyond what malloc maps by itself */ size = size * 3 / 2 + 1) {
        void *block = TM_REAL(malloc)(size);
        if (!block)
            return false;
        same = (uintptr_t)block % 16 == 0 && tm_hooks_header_size(block) == (int64_t)malloc_usable_size(block);
        TM_REAL(free)(block);
    }
    return same;
}

/* Whether the program calls these functions: its own, or a sanitizer's, would come before them. Counting is on. */
static bool is_called(void)
{
    void *(*volatile by_name)(size_t) = malloc;
    int64_t before = tm_hooks_thread.memory.net;
    void *block = by_name(1);
    bool counted = tm_hooks_thread.memory.net != before;

    free(block);
    return counted;
}

/* The state for that mode; 0: it cannot be. */
static unsigned state_of(int mode, int64_t site_bytes)
{
    bool glibc;

    if (!is_called())
        return 0;
    glibc = is_glibc();
    if (mode != TM_REC_MEMORY_OWNER)
        return TM_HOOKS_COUNT | (glibc ? TM_HOOKS_GLIBC : 0);
    if (!glibc)
        return 0;
    if (site_bytes <= 0)
        return TM_HOOKS_COUNT | TM_HOOKS_GLIBC | TM_HOOKS_OWN;
    return TM_HOOKS_COUNT | TM_HOOKS_GLIBC | TM_HOOKS_OWN | TM_HOOKS_SAMPLE | tm_sample_begin(site_bytes) << TM_HOOKS_BITS;
}

static int set_mode(int mode, int64_t site_bytes)
{
    unsigned state;

    atomic_store(&tm_hooks_state, 0);
    tm_tag_forget_all();
    if (mode == TM_REC_MEMORY_OFF)
        return 0;
    atomic_store(&tm_hooks_state, TM_HOOKS_COUNT);
    state = state_of(mode, site_bytes);
    atomic_store(&tm_hooks_state, state);
    return state == 0 ? -1 : 0;
}

__attribute__((visibility("default"))) const struct tm_memory_hooks tm_memory_hooks = {
    .version = TM_MEMORY_HOOKS_VERSION,
    .thread = this_thread,
    .mode = set_mode,
    .sites = tm_sample_sites,
};
