/* What a loader holds; and all loaders there are, so that a child of the process can use them whatever other threads were in the
 * middle of when it was forked. */
#ifndef TM_RECORD_LOADERS_H
#define TM_RECORD_LOADERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/library.h"
#include "record/shared.h"
#include "record/tidemark_loader.h"
#include "record/tidemark_record.h"

enum { TM_LOADER_BUCKETS = 256 }; /* a host has tens of plugins, hundreds at most */

struct tm_loaded {
    struct tm_loaded *next; /* in its bucket */
    char *name;
    struct tm_library library;
    _Atomic long calls; /* under way */
    _Atomic(tm_rec_plugin *) recorded;
    _Atomic uint32_t generation; /* of the recorder that knows it so */
};

struct tm_loader {
    pthread_rwlock_t lock;
    struct tm_loader *next;                       /* of all there are */
    struct tm_loaded *buckets[TM_LOADER_BUCKETS]; /* by name */
};

int tm_loaders_add(tm_loader *loader);     /* makes its lock. 0, or -1: no memory */
void tm_loaders_remove(tm_loader *loader); /* no call may be under way in it */
uint32_t tm_loaders_forks(void);           /* that led to this process; another number than before: this is the child */

TM_RECORD_SHARED bool tm_loader_has(tm_loader *loader, const char *name); /* loader.c: is a plugin of that name registered now? */

#endif
