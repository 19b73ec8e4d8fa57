/* What the recorder and the allocator's hooks know of each other. The hooks are a library of their own (libtidemark_malloc.so, or
 * linked with -Wl,--wrap=malloc,...), found at run time: the recorder works without. */
#ifndef TM_RECORD_MEMORY_H
#define TM_RECORD_MEMORY_H

#include <stddef.h>
#include <stdint.h>

enum { TM_MEMORY_HOOKS_VERSION = 1 };

/* A plugin's memory, in the recorder's hands. Never freed while hooks are on: blocks point to it. */
struct tm_memory_owner {
    _Atomic int64_t live, peak; /* bytes; peak: the most that live has been since it was last set back */
};

/* A thread's memory, in the hooks' hands. Only that thread writes it. */
struct tm_memory_thread {
    int64_t net;                   /* bytes allocated less bytes freed by the thread */
    int64_t high;                  /* the most that net has been since it was last set back */
    struct tm_memory_owner *owner; /* of what is allocated now; NULL: nobody's */
};

/* A place that allocates: bytes and blocks that are still there, estimated from the sample. */
struct tm_memory_site {
    const void *address; /* of the call */
    const struct tm_memory_owner *owner;
    int64_t bytes, blocks;
};

/* The symbol tm_memory_hooks; looked up weakly, then with dlsym(RTLD_DEFAULT).
 *
 * mode: 0, or -1 and off: the hooks are not what the program calls, or, for OWNER, the allocator behind them is not glibc's. Each
 * time it begins anew: the blocks of before are nobody's. Not for two threads at once, and while no thread has an owner. */
struct tm_memory_hooks {
    int version;
    struct tm_memory_thread *(*thread)(void);                   /* of the calling thread */
    int (*mode)(int mode, int64_t site_bytes);                  /* enum tm_rec_memory; see below */
    size_t (*sites)(struct tm_memory_site *sites, size_t most); /* the largest first; returns how many */
};

#endif
