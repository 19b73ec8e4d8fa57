/* Who allocates: of one block in so many bytes the place is noted, and forgotten again when the block is freed. Everything is in
 * tables of a fixed size, without locks; what finds no room is left out. */
#ifndef TM_RECORD_MALLOC_SAMPLE_H
#define TM_RECORD_MALLOC_SAMPLE_H

#include <stdbool.h>

#include "record/memory.h"

/* Begins anew, while nothing is tagged: one sample in so many bytes on average. Its number, from 1. */
unsigned tm_sample_begin(int64_t bytes);

/* struct tm_memory_hooks: sites */
size_t tm_sample_sites(struct tm_memory_site *largest, size_t most);

/* A thread's way through its allocations. */
struct tm_sample_thread {
    int64_t gap; /* bytes to go until the next sample */
    uint64_t random;
    unsigned begun; /* in which sampling; 0: in none */
    bool busy;
};

#endif
