/* Which blocks have an owner: a table beside the heap, by address. Nothing is put into the blocks, so that what the allocator hands
 * out stays as it is, a block without a tag has none whatever its bytes are, and it does not matter who frees it.
 *
 * glibc's blocks begin at least 32 bytes apart, so each has a slot of its own. The slots of 64 MiB of addresses are mapped when the
 * first of them is needed; pages of slots that nobody touched take no memory. */
#ifndef TM_RECORD_MALLOC_TAGS_H
#define TM_RECORD_MALLOC_TAGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a program's addresses. */
#ifdef __x86_64__
enum { TM_TAG_ADDRESS_BITS = 47 };
#else
enum { TM_TAG_ADDRESS_BITS = 48 };
#endif
enum { TM_TAG_BLOCK_BITS = 5, TM_TAG_REGION_BITS = 26 }; /* 32 bytes, and 64 MiB */

typedef _Atomic uint64_t tm_tag_slot; /* 0: no tag */

struct tm_tag_region {
    tm_tag_slot slots[1 << (TM_TAG_REGION_BITS - TM_TAG_BLOCK_BITS)];
    struct tm_tag_region *next; /* of all regions */
};
extern _Atomic(struct tm_tag_region *) tm_tag_regions[1 << (TM_TAG_ADDRESS_BITS - TM_TAG_REGION_BITS)];

/* NULL: nothing near this block ever had a tag. */
static inline tm_tag_slot *tm_tag_find(const void *block)
{
    uintptr_t address = (uintptr_t)block;
    struct tm_tag_region *region;

    if (__builtin_expect(address >> TM_TAG_ADDRESS_BITS != 0, 0))
        return NULL;
    region = atomic_load_explicit(&tm_tag_regions[address >> TM_TAG_REGION_BITS], memory_order_acquire);
    if (__builtin_expect(!region, 0))
        return NULL;
    return &region->slots[(address & ((1UL << TM_TAG_REGION_BITS) - 1)) >> TM_TAG_BLOCK_BITS];
}

/* Takes the tag off; 0: there was none. While the block is its caller's, nobody else looks at its slot. */
static inline uint64_t tm_tag_take(const void *block)
{
    tm_tag_slot *slot = tm_tag_find(block);
    uint64_t tag;

    if (!slot)
        return 0;
    tag = atomic_load_explicit(slot, memory_order_relaxed);
    if (tag != 0)
        atomic_store_explicit(slot, 0, memory_order_relaxed);
    return tag;
}

/* As tm_tag_find, but makes room if there is none yet; NULL: no memory. */
tm_tag_slot *tm_tag_make(const void *block);

/* No block has a tag then. */
void tm_tag_forget_all(void);

#endif
