/* A chunk's arrays keep their room from one round to the next, so that a long input settles into
 * three chunks and allocates no more. */
#include "ingest/chunk.h"

#include <stdlib.h>

#include "base/array.h"

struct tm_profile *tm_chunk_add_profile(struct tm_chunk *chunk)
{
    /* Asked here first: a profile a row, and most calls find room. */
    if (chunk->n_profiles == chunk->profiles_room &&
        tm_array_reserve(&chunk->profiles, &chunk->profiles_room, chunk->n_profiles + 1, sizeof *chunk->profiles) != 0)
        return NULL;
    return &chunk->profiles[chunk->n_profiles++];
}

struct tm_chunk_run *tm_chunk_add_run(struct tm_chunk *chunk)
{
    if (tm_array_reserve(&chunk->runs, &chunk->runs_room, chunk->n_runs + 1, sizeof *chunk->runs) != 0)
        return NULL;
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
