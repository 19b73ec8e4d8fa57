/* What is known of each block of memory, in a table beside the heap, by address. Nothing is put into the blocks, so it does not
 * matter which of them were there before, who frees them, and whether anybody still counts then.
 *
 * Blocks begin at least 16 bytes apart, so each has a slot of its own. The slots of 64 MiB of addresses are mapped when the first
 * of them is needed; pages of slots that nobody touched take no memory. */
#ifndef TM_RECORD_PYTHON_BLOCKS_H
#define TM_RECORD_PYTHON_BLOCKS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { TM_PY_ADDRESS_BITS = 48, TM_PY_BLOCK_BITS = 4, TM_PY_REGION_BITS = 26 }; /* of a process; 16 bytes; 64 MiB */

typedef uint64_t tm_py_slot; /* 0: nothing is known */

/* A slot for every 16 bytes of a region that Python has had a block in; NULL: it has had none. */
extern _Atomic(tm_py_slot *) tm_py_regions[1 << (TM_PY_ADDRESS_BITS - TM_PY_REGION_BITS)];

/* NULL: nothing is known of any block near this one. */
static inline tm_py_slot *tm_py_slot_find(const void *block)
{
    uintptr_t address = (uintptr_t)block;
    if (__builtin_expect(address >> TM_PY_ADDRESS_BITS != 0, 0))
        return NULL;
    tm_py_slot *region = atomic_load_explicit(&tm_py_regions[address >> TM_PY_REGION_BITS], memory_order_acquire);
    return region ? &region[(address & ((1UL << TM_PY_REGION_BITS) - 1)) >> TM_PY_BLOCK_BITS] : NULL;
}

/* The same, but makes room if there is none yet. NULL: no memory. */
tm_py_slot *tm_py_slot_make(const void *block);

/* Nothing is known of any block then. */
void tm_py_slots_forget(void);

#endif
