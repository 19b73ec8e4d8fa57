/* Which ids were met already, 16 to 32 bytes for each. */
#ifndef TM_STORE_SEEN_H
#define TM_STORE_SEEN_H

#include <stddef.h>
#include <stdint.h>

/* An open-addressing table; all zero is an empty one. */
struct tm_seen {
    int64_t *ids; /* 0: an empty slot */
    size_t size, used;
};

int tm_seen_add(struct tm_seen *seen, int64_t id); /* id > 0. 1: it is new, 0: it was there, -1: no memory */
void tm_seen_clear(struct tm_seen *seen);

#endif
