/* Memory given out piece by piece and taken back all at once. */
#ifndef TM_BASE_ARENA_H
#define TM_BASE_ARENA_H

#include <stddef.h>

struct tm_arena_block;

/* All zero is an empty one. */
struct tm_arena {
    struct tm_arena_block *blocks;
    size_t used;
};

/* Memory of that size, not cleared, aligned for any object; NULL: none. It lives until the arena is reset or freed. */
void *tm_arena_take(struct tm_arena *arena, size_t size);

/* A copy of `size` bytes with a NUL behind them; NULL: no memory. */
char *tm_arena_text(struct tm_arena *arena, const char *text, size_t size);

/* Both take back all that was given out; reset keeps a block for the next round. */
void tm_arena_reset(struct tm_arena *arena);
void tm_arena_free(struct tm_arena *arena);

#endif
