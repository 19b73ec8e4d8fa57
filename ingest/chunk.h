/* Some whole runs on their way from the parser to the store. */
#ifndef TM_INGEST_CHUNK_H
#define TM_INGEST_CHUNK_H

#include <stdbool.h>

#include "base/arena.h"
#include "schema/tidemark.h"

struct tm_chunk_run {
    struct tm_run run;
    bool assumed_start;  /* see struct tm_run_content */
    size_t first, count; /* its profiles */
    const char *file;    /* where it begins */
    uint64_t line;
};

struct tm_chunk {
    struct tm_arena arena; /* texts, readings and sketches that the runs point to */
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct tm_chunk_run *runs;
    size_t n_runs, runs_room;
};

/* Adds one, not cleared; its address is good until the next is added. NULL: no memory. */
struct tm_profile *tm_chunk_add_profile(struct tm_chunk *chunk);
struct tm_chunk_run *tm_chunk_add_run(struct tm_chunk *chunk);

/* Empties it for the next round; what it gave out is gone. tm_chunk_free also gives the memory back. */
void tm_chunk_reset(struct tm_chunk *chunk);
void tm_chunk_free(struct tm_chunk *chunk);

#endif
