/* Names to ids, for names met again and again. */
#ifndef TM_STORE_NAMES_H
#define TM_STORE_NAMES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"

/* All zero is an empty one. */
struct tm_names {
    struct tm_hash table; /* of struct name, which lie in `texts` */
    struct tm_arena texts;
};

int64_t tm_names_get(const struct tm_names *names, const char *name); /* 0: not there */

/* Copies a name that is not there yet. 0, or -1 without memory. */
int tm_names_put(struct tm_names *names, const char *name, int64_t id);

/* Frees all; it is then an empty one. */
void tm_names_clear(struct tm_names *names);

#endif
