#include "ingest/chunk.h"

#include <stdlib.h>

static void *grow(void *array, size_t *room, size_t first, size_t size)
{
    size_t more = *room ? 2 * *room : first;
    void *bigger = realloc(array, more * size);
    if (bigger)
        *room = more;
    return bigger;
}

struct tm_profile *tm_chunk_add_profile(struct tm_chunk *chunk)
{
    if (chunk->n_profiles == chunk->profiles_room) {
        struct tm_profile *bigger = grow(chunk->profiles, &chunk->profiles_room, 256, sizeof *bigger);
        if (!bigger)
            return NULL;
        chunk->profiles = bigger;
    }
    return &chunk->profiles[chunk->n_profiles++];
}

struct tm_chunk_run *tm_chunk_add_run(struct tm_chunk *chunk)
{
    if (chunk->n_runs == chunk->runs_room) {
        struct tm_chunk_run *bigger = grow(chunk->runs, &chunk->runs_room, 8, sizeof *bigger);
        if (!bigger)
            return NULL;
        chunk->runs = bigger;
    }
    return &chunk->runs[chunk->n_runs++];
}

void tm_chunk_reset(struct tm_chunk *chunk)
{
    tm_arena_reset(&chunk->arena);
    chunk->n_profiles = chunk->n_runs = 0;
}

void tm_chunk_free(struct tm_chunk *chunk)
{
    tm_arena_free(&chunk->arena);
    free(chunk->profiles);
    free(chunk->runs);
    *chunk = (struct tm_chunk){0};
}
