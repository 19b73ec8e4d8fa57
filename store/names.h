/* Names to ids, for names met again and again. */
#ifndef TM_STORE_NAMES_H
#define TM_STORE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct tm_name_slot {
    char *name;
    uint64_t hash;
    int64_t id;
};

/* An open-addressing table; all zero is an empty one. */
struct tm_names {
    struct tm_name_slot *slots;
    size_t size, used;
};

int64_t tm_names_get(const struct tm_names *names, const char *name);   /* 0: not there */
int tm_names_put(struct tm_names *names, const char *name, int64_t id); /* -1: no memory. The name is copied. */
void tm_names_clear(struct tm_names *names);

#endif
