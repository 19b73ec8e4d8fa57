/* The table of tags: regions are mapped when first needed, never given back, and emptied all at once. */
#include "record/malloc/tags.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

_Atomic(struct tm_tag_region *) tm_tag_regions[1 << (TM_TAG_ADDRESS_BITS - TM_TAG_REGION_BITS)];
static _Atomic(struct tm_tag_region *) all_regions;

static bool map_region(uintptr_t address)
{
    int saved = errno; /* an allocation that goes well leaves it alone */
    struct tm_tag_region *region, *none = NULL;

    if (address >> TM_TAG_ADDRESS_BITS != 0)
        return false;
    region = mmap(NULL, sizeof *region, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) {
        errno = saved;
        return false;
    }
    if (!atomic_compare_exchange_strong(&tm_tag_regions[address >> TM_TAG_REGION_BITS], &none, region)) {
        munmap(region, sizeof *region);
        return true;
    }
    region->next = atomic_load(&all_regions);
    while (!atomic_compare_exchange_weak(&all_regions, &region->next, region))
        ;
    return true;
}

tm_tag_slot *tm_tag_make(const void *block)
{
    tm_tag_slot *slot = tm_tag_find(block);

    return !slot && map_region((uintptr_t)block) ? tm_tag_find(block) : slot;
}

/* The kernel takes the pages back and gives empty ones, unless they are locked. */
void tm_tag_forget_all(void)
{
    for (struct tm_tag_region *region = atomic_load(&all_regions); region != NULL; region = region->next)
        if (madvise(region->slots, sizeof region->slots, MADV_DONTNEED) != 0)
            memset(region->slots, 0, sizeof region->slots);
}
