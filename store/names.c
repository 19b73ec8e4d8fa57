#include "store/names.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const char *name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3u;
    return h ^ (h >> 29);
}

/* The slot that holds the name, or the empty one where it belongs. */
static struct tm_name_slot *find(const struct tm_names *names, const char *name, uint64_t hash)
{
    size_t at = hash & (names->size - 1);
    while (names->slots[at].name && (names->slots[at].hash != hash || strcmp(names->slots[at].name, name) != 0))
        at = (at + 1) & (names->size - 1);
    return &names->slots[at];
}

static int grow(struct tm_names *names)
{
    struct tm_names bigger = {.size = names->size ? 2 * names->size : 64, .used = names->used};
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (!bigger.slots)
        return -1;
    for (size_t i = 0; i < names->size; i++)
        if (names->slots[i].name)
            *find(&bigger, names->slots[i].name, names->slots[i].hash) = names->slots[i];
    free(names->slots);
    *names = bigger;
    return 0;
}

int64_t tm_names_get(const struct tm_names *names, const char *name)
{
    if (names->used == 0)
        return 0;
    return find(names, name, hash_of(name))->id;
}

int tm_names_put(struct tm_names *names, const char *name, int64_t id)
{
    if (2 * (names->used + 1) > names->size && grow(names) != 0)
        return -1;
    uint64_t hash = hash_of(name);
    struct tm_name_slot *slot = find(names, name, hash);
    if (!slot->name) {
        slot->name = strdup(name);
        if (!slot->name)
            return -1;
        slot->hash = hash;
        names->used++;
    }
    slot->id = id;
    return 0;
}

void tm_names_clear(struct tm_names *names)
{
    for (size_t i = 0; i < names->size; i++)
        free(names->slots[i].name);
    free(names->slots);
    *names = (struct tm_names){0};
}
