/* Memory given out piece by piece from large blocks and taken back all at once. Names, texts and
 * readings of a run live and die together: one free() instead of a million, and nothing to
 * forget.
 *
 * The newest block stands first and is the only one with room; what is left in older ones is
 * given up. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct tm_arena_block {
    struct tm_arena_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

enum {
    BLOCK = 64 * 1024, /* bytes: some thousand names; what the last block wastes is small beside any run */
    ALIGN = alignof(max_align_t)
};

void *tm_arena_take(struct tm_arena *arena, size_t size)
{
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!arena->blocks || arena->blocks->size - arena->used < size) {
        /* A piece larger than a block gets one of its own. */
        size_t room = size > BLOCK ? size : BLOCK;
        struct tm_arena_block *block = malloc(sizeof *block + room);
        if (!block)
            return NULL;
        block->next = arena->blocks;
        block->size = room;
        arena->blocks = block;
        arena->used = 0;
    }
    void *piece = arena->blocks->bytes + arena->used;
    arena->used += size;
    return piece;
}

char *tm_arena_text(struct tm_arena *arena, const char *text, size_t size)
{
    char *copy = tm_arena_take(arena, size + 1);
    if (copy) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

static void free_blocks(struct tm_arena_block *block)
{
    while (block) {
        struct tm_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

/* Keeps the newest block, whatever its size: the next round is likely to be as large. */
void tm_arena_reset(struct tm_arena *arena)
{
    if (arena->blocks) {
        free_blocks(arena->blocks->next);
        arena->blocks->next = NULL;
    }
    arena->used = 0;
}

void tm_arena_free(struct tm_arena *arena)
{
    free_blocks(arena->blocks);
    *arena = (struct tm_arena){0};
}
