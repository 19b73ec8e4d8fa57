/* Counting what is allocated and freed: for the thread, and for the owner of the block. */
#ifndef TM_RECORD_MALLOC_ACCOUNT_H
#define TM_RECORD_MALLOC_ACCOUNT_H

#include <malloc.h>

#include "record/malloc/sample.h"
#include "record/malloc/tags.h"
#include "record/memory.h"

/* What the hooks do now, in one word that every call reads once; 0: nothing. Above these bits: how often sampling has begun. */
enum {
    TM_HOOKS_COUNT = 1,  /* for the thread */
    TM_HOOKS_OWN = 2,    /* and for the owner */
    TM_HOOKS_SAMPLE = 4, /* and for the place */
    TM_HOOKS_GLIBC = 8,  /* the allocator is glibc's; there are owners only then */
    TM_HOOKS_BITS = 4,
};
extern _Atomic unsigned tm_hooks_state;

static inline unsigned tm_hooks_now(void)
{
    return atomic_load_explicit(&tm_hooks_state, memory_order_relaxed);
}

struct tm_hooks_thread {
    struct tm_memory_thread memory;
    struct tm_sample_thread sample;
};
/* initial-exec: the dynamic linker must not allocate on its first use, which would come back here. */
extern _Thread_local struct tm_hooks_thread tm_hooks_thread __attribute__((tls_model("initial-exec")));

/* In front of a block glibc has the size of block and header, a multiple of 16, with three flags in it; the second says that the
 * block has a mapping of its own, where another word is lost. */
static inline int64_t tm_hooks_header_size(const void *block)
{
    const size_t word = ((const size_t *)block)[-1];

    return (int64_t)((word & ~(size_t)7) - sizeof word - (word & 2) / 2 * sizeof word);
}

/* The bytes that a block offers, which may be a few more than were asked for. */
static inline int64_t tm_hooks_size(void *block, unsigned now)
{
    return __builtin_expect(now & TM_HOOKS_GLIBC, 1) ? tm_hooks_header_size(block) : (int64_t)malloc_usable_size(block);
}

static inline void tm_hooks_count(int64_t size)
{
    struct tm_memory_thread *thread = &tm_hooks_thread.memory;

    thread->net += size;
    if (thread->net > thread->high)
        thread->high = thread->net;
}

static inline void tm_hooks_own(struct tm_memory_owner *owner, int64_t size)
{
    int64_t live = atomic_fetch_add_explicit(&owner->live, size, memory_order_relaxed) + size;
    int64_t peak = atomic_load_explicit(&owner->peak, memory_order_relaxed);

    while (__builtin_expect(live > peak, 0) &&
           !atomic_compare_exchange_weak_explicit(&owner->peak, &peak, live, memory_order_relaxed, memory_order_relaxed))
        ;
}

/* A tag: the owner's address, or a sample's and this bit. */
enum { TM_TAG_SAMPLED = 1 };

/* sample.c. Where a sample is due, or room for the tag: the rarer ways of the two functions below. Without room for the tag, the
 * block is nobody's. */
void *tm_hooks_charge_slowly(void *block, struct tm_memory_owner *owner, int64_t size, const void *caller, unsigned now);
void tm_hooks_drop_sample(uint64_t tag);

/* Whether no sample is due; then the bytes are gone by. */
static inline bool tm_hooks_pass(struct tm_sample_thread *thread, int64_t size, unsigned now)
{
    if (thread->begun != now >> TM_HOOKS_BITS || thread->gap <= size)
        return false;
    thread->gap -= size;
    return true;
}

/* A tag that is there already is of a block that was freed where the hooks do not see it. */
static inline bool tm_hooks_may_sample(const tm_tag_slot *slot, int64_t size, unsigned now)
{
    return now & TM_HOOKS_SAMPLE && ((atomic_load_explicit(slot, memory_order_relaxed) & TM_TAG_SAMPLED) ||
                                     !tm_hooks_pass(&tm_hooks_thread.sample, size, now));
}

/* A new block: counts it, and gives it back. NULL is harmless. */
static inline __attribute__((always_inline)) void *tm_hooks_charge(void *block, const void *caller, unsigned now)
{
    struct tm_memory_owner *owner = tm_hooks_thread.memory.owner;
    tm_tag_slot *slot;
    int64_t size;

    if (now == 0 || !block)
        return block;
    size = tm_hooks_size(block, now);
    tm_hooks_count(size);
    if (!(now & TM_HOOKS_OWN) || !owner)
        return block;
    slot = tm_tag_find(block);
    if (__builtin_expect(!slot || tm_hooks_may_sample(slot, size, now), 0))
        return tm_hooks_charge_slowly(block, owner, size, caller, now);
    atomic_store_explicit(slot, (uintptr_t)owner, memory_order_relaxed);
    tm_hooks_own(owner, size);
    return block;
}

/* A block that is gone, or about to be: its tag was taken off before. */
static inline __attribute__((always_inline)) void tm_hooks_credit(uint64_t tag, int64_t size)
{
    tm_hooks_thread.memory.net -= size;
    if (tag & TM_TAG_SAMPLED)
        tm_hooks_drop_sample(tag);
    else if (tag != 0)
        atomic_fetch_sub_explicit(&((struct tm_memory_owner *)(uintptr_t)tag)->live, size, memory_order_relaxed);
}

#endif
