/* What lies in a directory, for inputs that are trees. */
#ifndef TM_INGEST_DIRECTORY_H
#define TM_INGEST_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct tm_directory {
    struct tm_directory_entry {
        const char *path, *name;    /* name: the end of path */
        bool is_directory, is_link; /* a link to a directory is both */
    } * entries;                    /* in the order of their names; hidden ones, pipes and devices are left out */
    size_t n;
};

/* Lists it; all is in the arena. 0, or errno: ENOMEM is no empty directory. */
int tm_directory_list(struct tm_directory *directory, const char *path, struct tm_arena *arena);

/* Is there anything of that name in it? */
bool tm_directory_has(const char *path, const char *name);

#endif
