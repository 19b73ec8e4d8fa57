/* The table of blocks: regions are mapped when first needed, and emptied all at once. Without memory for a region, its blocks are
 * not counted. */
#include "record/python/blocks.h"

#include <sys/mman.h>

enum { REGIONS = 1 << (TM_PY_ADDRESS_BITS - TM_PY_REGION_BITS) };
static const size_t region_size = sizeof(tm_py_slot) << (TM_PY_REGION_BITS - TM_PY_BLOCK_BITS);

_Atomic(tm_py_slot *) tm_py_regions[REGIONS];

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

tm_py_slot *tm_py_slot_make(const void *block)
{
    uintptr_t number = (uintptr_t)block >> TM_PY_REGION_BITS;
    if (number >= REGIONS)
        return NULL;
    if (!atomic_load(&tm_py_regions[number])) {
        void *memory = mmap(NULL, region_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        tm_py_slot *none = NULL;
        if (memory == MAP_FAILED)
            return NULL;
#ifdef MADV_NOHUGEPAGE
        madvise(memory, region_size, MADV_NOHUGEPAGE); /* most of it is never touched */
#endif
        if (!atomic_compare_exchange_strong(&tm_py_regions[number], &none, (tm_py_slot *)memory))
            munmap(memory, region_size);
    }
    return tm_py_slot_find(block);
}

void tm_py_slots_forget(void)
{
    for (size_t i = 0; i < REGIONS; i++) {
        tm_py_slot *region = atomic_load_explicit(&tm_py_regions[i], memory_order_relaxed);
        if (region)
            madvise(region, region_size, MADV_DONTNEED);
    }
}
