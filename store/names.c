/* Names to ids: a run's plugins are looked up in the store once, however many runs a transaction puts. */
#include "store/names.h"

#include <stdbool.h>
#include <string.h>

struct name {
    int64_t id;
    char text[];
};

static bool is_named(uintptr_t item, const void *text)
{
    return strcmp(((const struct name *)item)->text, text) == 0;
}

int64_t tm_names_get(const struct tm_names *names, const char *name)
{
    uintptr_t item = tm_hash_find(&names->table, tm_hash_text(name, strlen(name)), is_named, name);
    return item ? ((const struct name *)item)->id : 0;
}

/* Text and id in one piece of the arena: the table keeps its address. */
int tm_names_put(struct tm_names *names, const char *name, int64_t id)
{
    size_t size = strlen(name);
    struct name *copy = tm_arena_take(&names->texts, sizeof *copy + size + 1);
    if (!copy)
        return -1;
    copy->id = id;
    memcpy(copy->text, name, size + 1);
    return tm_hash_add(&names->table, tm_hash_text(name, size), (uintptr_t)copy);
}

void tm_names_clear(struct tm_names *names)
{
    tm_hash_free(&names->table);
    tm_arena_free(&names->texts);
}
