/* What the recorder consists of: plugins, threads, and the state that both share. */
#ifndef TM_RECORD_CORE_H
#define TM_RECORD_CORE_H

#include <pthread.h>
#include <stdatomic.h>

#include "record/clock.h"
#include "record/errors.h"
#include "record/record.h"
#include "record/stats.h"

enum { TM_PLUGINS_MAX = 16384, TM_FRAMES = 32, TM_STRAYS = 64, TM_SERIAL_BITS = 36 };

/* Never freed before the process ends: a host may still hold it. Guarded by the recorder's lock, unless said otherwise. */
struct tm_rec_plugin {
    char *name;                   /* constant */
    char *version;                /* NULL: not said */
    _Atomic uint32_t ordinal;     /* TM_PLUGINS_MAX: of an earlier start, records nothing */
    struct tm_memory_owner owner; /* written by the allocator's hooks */
    int64_t owner_taken;          /* of owner.live, by flushes */
    struct tm_errors errors;      /* has a lock of its own */
    struct tm_totals carry;       /* of threads that are gone, less what flushes have taken */
};

/* A call of a thread's stack that another thread has ended: when, by the clocks of the thread that it is of. */
struct tm_stray {
    uint64_t serial;
    struct tm_instant at;
};

/* A thread that has called a plugin, as long as it lives; then it serves another one. Written by that thread only. */
struct tm_thread {
    struct tm_thread *next;
    uint32_t generation; /* of the recorder, when it attached */
    uint64_t number;
    uint64_t serial; /* of the newest step: number << TM_SERIAL_BITS and a count */
    clockid_t cpu_clock;
    _Atomic(tm_rec_plugin *) running;
    struct tm_thread_clock clock;
    struct tm_memory_thread *memory; /* NULL: not measured */
    struct tm_rec_call *frames;      /* its calls, the newest last; copies of what the callers hold, which may be gone */
    uint32_t depth, room;
    struct tm_rec_call first_frames[TM_FRAMES];
    _Atomic uint32_t n_strays; /* with the next four: guarded by the recorder's lock */
    uint32_t stray_room;
    struct tm_stray *strays, first_strays[TM_STRAYS];
    uint32_t n_cells; /* the highest ordinal of them, and one */
    uint64_t failed;  /* the call that error_type is of */
    char error_type[TM_ERROR_TYPE];
    struct tm_cell *cells[TM_PLUGINS_MAX + 1]; /* by ordinal; set with the recorder's lock held */
};

extern struct tm_recorder {
    pthread_mutex_t lock;
    _Atomic uint32_t generation; /* a new one with each start, stop and fork; what is of an older one is forgotten */
    tm_rec_plugin **plugins;     /* by ordinal */
    size_t n_plugins;
    struct tm_thread *threads, *spare_threads;
    struct tm_cell *spare_cells;
    enum tm_rec_memory memory;
    bool notes_sites;                    /* of allocations */
    const struct tm_memory_hooks *hooks; /* NULL: none */
} tm_recorder;

static inline bool tm_recorder_on(void)
{
    return __atomic_load_n(&tm_rec_is_on, __ATOMIC_ACQUIRE);
}

void tm_recorder_lock(void);
void tm_recorder_unlock(void);

/* threads.c: the calling thread's state and its cell of a plugin; made at first use. NULL: no memory, or off. */
struct tm_thread *tm_thread_attach(void);
struct tm_cell *tm_thread_add_cell(struct tm_thread *thread, const tm_rec_plugin *plugin);
int tm_thread_more_frames(struct tm_thread *thread);
int tm_thread_more_strays(struct tm_thread *thread);
void tm_threads_forget(void); /* lock held: leaves no mark on any; their cells are theirs until they attach anew */
void tm_threads_forked(void); /* in the child, lock held: all others are gone */
void tm_thread_leave(struct tm_thread *thread); /* call.c: it ends; what is on its stack ends as errors */

extern _Thread_local struct tm_thread *tm_thread_self __attribute__((tls_model("initial-exec")));

/* The calling thread's state; NULL if there is none yet. */
static inline struct tm_thread *tm_thread_current(void)
{
    struct tm_thread *me = tm_thread_self;
    return me && me->generation == atomic_load_explicit(&tm_recorder.generation, memory_order_relaxed) ? me : NULL;
}

/* plugins.c, lock held. */
void tm_plugins_forget(void);
void tm_plugins_forked(void); /* they stay, with nothing recorded */

/* snapshot.c: what is recorded, and what to put back what could not be written. */
struct tm_taken;
struct tm_taken *tm_take(bool flush, bool blobs); /* blobs: with latency sketches. NULL: no memory (tm_rec_message) */
void tm_taken_free(struct tm_taken *taken);
void tm_taken_give_back(struct tm_taken *taken);
void tm_snapshot_forget(void); /* lock held: spikes that could not be written, and when */
const struct tm_rec_snapshot *tm_taken_shown(const struct tm_taken *taken);
int64_t tm_taken_began(const struct tm_taken *taken); /* when what it holds began, seconds since 1970 */

#endif
