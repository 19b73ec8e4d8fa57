/* The plugins of one input: each name once, with what is summed up for it. */
#ifndef TM_INGEST_SYMBOLS_H
#define TM_INGEST_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"

struct tm_symbol {
    const char *text;
    size_t size;
    struct tm_symbol *older;     /* the one made before */
    uint64_t last_run;           /* ordinal of the run in which it was last seen */
    struct tm_symbol *next;      /* who came behind it last time: most likely who comes behind it now */
    struct tm_call_total *calls; /* owned by calls.c */
};

struct tm_symbols {
    struct tm_arena arena;
    struct tm_hash index;       /* of the names, to symbols */
    struct tm_symbol *newest;   /* of all, the one made last */
    struct tm_symbol *previous; /* the one looked up last */
};

/* The symbol of a name, made if it is new (*is_new). NULL: no memory. */
struct tm_symbol *tm_symbol(struct tm_symbols *symbols, const char *text, size_t size, int *is_new);
void tm_symbols_free(struct tm_symbols *symbols);

#endif
