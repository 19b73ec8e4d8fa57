/* Work in parts that do not touch one another, on several processors at once. */
#ifndef TM_BASE_WORKERS_H
#define TM_BASE_WORKERS_H

#include <stddef.h>

/* Does the part of that number: 0, or -1, and then no further part is begun. */
typedef int tm_part_of_work(void *context, size_t part);

/* Does the parts 0 .. n - 1, by up to `threads` threads, of which the caller's is one; the others take no signals, and have ended
 * when this returns. Threads that cannot be had are done without. 0, or -1 if a part was. */
int tm_work_in_parts(size_t n, size_t threads, tm_part_of_work *work, void *context);

/* How many processors this process may use, 1 at least. */
size_t tm_processors(void);

#endif
