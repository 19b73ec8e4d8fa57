/* "Did you mean ...?" */
#ifndef TM_BASE_NEAREST_H
#define TM_BASE_NEAREST_H

#include <stddef.h>

enum { TM_NEAREST_MAX = 255 }; /* bytes: no name that is stored is longer */

/* The best candidate offered so far for a mistyped name. */
struct tm_nearest {
    const char *wanted;
    size_t changes;                 /* that `found` is away; at most a third of `wanted` may change */
    char found[TM_NEAREST_MAX + 1]; /* "": none is near */
};

/* Nothing found yet. `wanted` is borrowed. */
struct tm_nearest tm_nearest_to(const char *wanted);

/* Takes the candidate, copied, if it is nearer than all before it. */
void tm_nearest_offer(struct tm_nearest *nearest, const char *candidate);

#endif
