/* A hash table of items that their owner keeps: open addressing, at most half full, a power of two of slots.
 *
 * An item is any number but 0, typically a pointer or a position plus one. The owner computes the hash of a key and says whether an
 * item has that key; where different keys never share a hash (tm_hash_integer), nothing need be asked. */
#ifndef TM_BASE_HASH_H
#define TM_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tm_hash_slot {
    uint64_t hash;
    uintptr_t item; /* 0: the slot is empty */
};

/* All zero is an empty one. */
struct tm_hash {
    struct tm_hash_slot *slots;
    size_t size, used;
};

/* Hashes for tm_hash_find() and tm_hash_add(): for tables in memory, nothing that is stored rests
 * on them. */
uint64_t tm_hash_text(const char *text, size_t size);
uint64_t tm_hash_integer(int64_t value); /* a bijection */

/* Does the item have this key? */
typedef bool tm_hash_same(uintptr_t item, const void *key);

/* The item of that hash for which `same` says yes; 0: there is none. same NULL: the hash decides. */
uintptr_t tm_hash_find(const struct tm_hash *table, uint64_t hash, tm_hash_same *same, const void *key);

/* Adds an item whose key is not in the table yet: 0, or -1 without memory (the table is as it was). */
int tm_hash_add(struct tm_hash *table, uint64_t hash, uintptr_t item);

/* Frees the slots, not the items; the table is empty afterwards. */
void tm_hash_free(struct tm_hash *table);

#endif
