/* A file that takes the place of the one of that name, whole or not at all: it is written beside it and renamed at the end, both
 * durably (base/durable.h). The new one has the mode of the old one. What a symbolic link points to is replaced, not the link. A
 * device or a pipe is written to as it is. */
#ifndef TM_BASE_REPLACE_H
#define TM_BASE_REPLACE_H

#include <stdbool.h>
#include <stdio.h>

struct tm_replacement {
    FILE *out;
    char *path;       /* where links lead; NULL: written as it is */
    char *unfinished; /* beside it */
};

/* 0, or errno and nothing to end. */
int tm_replacement_begin(struct tm_replacement *replacement, const char *path);

/* 0, or errno: then what was there is there still. keep false: it stays in any case. */
int tm_replacement_end(struct tm_replacement *replacement, bool keep);

/* For a name that nobody has; it need not be secret, where it is made with O_EXCL or mkdir(). */
unsigned tm_some_number(void);

#endif
