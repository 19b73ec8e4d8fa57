/* Linear probing over slots that hold the whole hash, so that growing asks nobody and a probe rarely calls `same` in vain. */
#include "base/hash.h"

#include <stdlib.h>

enum { FIRST_SIZE = 64 }; /* slots: 1 KiB, what a project of a few dozen plugins fills half */

uint64_t tm_hash_text(const char *text, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u ^ size; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
    return hash ^ (hash >> 29); /* FNV leaves the low bits of short texts alike */
}

uint64_t tm_hash_integer(int64_t value)
{
    uint64_t hash = (uint64_t)value * 0x9e3779b97f4a7c15u; /* odd, so a bijection; 2^64 over the golden ratio spreads neighbours */
    return hash ^ (hash >> 32);
}

/* Into the first empty slot from its hash on; there is one, for half of them are. */
static void place(struct tm_hash *table, struct tm_hash_slot slot)
{
    size_t at = slot.hash & (table->size - 1);
    while (table->slots[at].item)
        at = (at + 1) & (table->size - 1);
    table->slots[at] = slot;
}

/* Ends at the first empty slot: nothing is ever taken out, so no gap hides an item. */
uintptr_t tm_hash_find(const struct tm_hash *table, uint64_t hash, tm_hash_same *same, const void *key)
{
    if (table->size == 0)
        return 0;
    for (size_t at = hash & (table->size - 1); table->slots[at].item; at = (at + 1) & (table->size - 1))
        if (table->slots[at].hash == hash && (!same || same(table->slots[at].item, key)))
            return table->slots[at].item;
    return 0;
}

/* Twice the slots. The old table stays until the new one is there: a failure changes nothing. */
static int grow(struct tm_hash *table)
{
    struct tm_hash bigger = {.size = table->size ? 2 * table->size : FIRST_SIZE, .used = table->used};
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (!bigger.slots)
        return -1;
    for (size_t i = 0; i < table->size; i++)
        if (table->slots[i].item)
            place(&bigger, table->slots[i]);
    free(table->slots);
    *table = bigger;
    return 0;
}

int tm_hash_add(struct tm_hash *table, uint64_t hash, uintptr_t item)
{
    if (2 * (table->used + 1) > table->size && grow(table) != 0)
        return -1;
    place(table, (struct tm_hash_slot){hash, item});
    table->used++;
    return 0;
}

void tm_hash_free(struct tm_hash *table)
{
    free(table->slots);
    *table = (struct tm_hash){0};
}
