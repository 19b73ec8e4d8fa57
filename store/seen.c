#include "store/seen.h"

#include <stdlib.h>

/* The slot that holds the id, or the empty one where it belongs. */
static int64_t *find(const struct tm_seen *seen, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 32) & (seen->size - 1);
    while (seen->ids[at] && seen->ids[at] != id)
        at = (at + 1) & (seen->size - 1);
    return &seen->ids[at];
}

static int grow(struct tm_seen *seen)
{
    struct tm_seen bigger = {.size = seen->size ? 2 * seen->size : 64, .used = seen->used};
    bigger.ids = calloc(bigger.size, sizeof *bigger.ids);
    if (!bigger.ids)
        return -1;
    for (size_t i = 0; i < seen->size; i++)
        if (seen->ids[i])
            *find(&bigger, seen->ids[i]) = seen->ids[i];
    free(seen->ids);
    *seen = bigger;
    return 0;
}

int tm_seen_add(struct tm_seen *seen, int64_t id)
{
    if (2 * (seen->used + 1) > seen->size && grow(seen) != 0)
        return -1;
    int64_t *slot = find(seen, id);
    if (*slot)
        return 0;
    *slot = id;
    seen->used++;
    return 1;
}

void tm_seen_clear(struct tm_seen *seen)
{
    free(seen->ids);
    *seen = (struct tm_seen){0};
}
