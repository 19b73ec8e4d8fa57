/* What the recorder consists of: plugins, threads, and the state that both share, with the lock and the message that go with it. */
#ifndef TM_RECORD_STATE_H
#define TM_RECORD_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "record/clock.h"
#include "record/errors.h"
#include "record/memory.h"
#include "record/shared.h"
#include "record/stats.h"
#include "record/tidemark_record.h"

enum {
    TM_PLUGINS_MAX = 16384, /* each takes a pointer in every thread that calls plugins: 128 KiB of addresses, mostly untouched */
    TM_FRAMES = 32,         /* calls inside each other that need no memory of their own; more have it mapped */
    TM_STRAYS = 64,         /* the same of calls that other threads have ended */
    TM_SERIAL_BITS =
        36, /* 2^36 steps of a thread take 19 hours at a microsecond each; 2^28 threads come before a number is met again */
};

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

#define TM_NOT_DUE INT64_MAX

/* How the thread's time went to outermost steps, one after the other. */
struct tm_turns {
    struct tm_steps steps; /* of all plugins */
    struct tm_instant end; /* of the last one */
    int64_t due;           /* the earliest timer of the step under way; TM_NOT_DUE: none */
    int64_t longest;       /* step since the thread was idle last, ns, and whose it was */
    int64_t longest_end;
    struct tm_cell *longest_of;
    bool told; /* when it waits; else it is taken to wait whenever it is off its processor between two steps */
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
    struct tm_turns turns;
    int64_t delay, delay_asked;  /* the kernel's run delay, and when it was asked for it */
    int64_t delay_at[TM_FRAMES]; /* what it was when the step of that frame began; deeper ones are not told */
    struct tm_rec_call first_frames[TM_FRAMES];
    _Atomic uint32_t n_strays; /* with the next four: guarded by the recorder's lock */
    uint32_t stray_room;
    struct tm_stray *strays, first_strays[TM_STRAYS];
    uint32_t n_cells; /* the highest ordinal of them, and one */
    uint64_t failed;  /* the call that error_type is of */
    char error_type[TM_ERROR_TYPE];
    void (*end_calls)(struct tm_thread *thread); /* as tm_thread_attach was told */
    struct tm_cell *cells[TM_PLUGINS_MAX + 1];   /* by ordinal; set with the recorder's lock held */
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
    int64_t unflushed_since;             /* ns: what is recorded and not yet written began then, at the start or the last flush */
} tm_recorder;

static inline bool tm_recorder_on(void)
{
    return __atomic_load_n(&tm_rec_is_on, __ATOMIC_ACQUIRE);
}

/* Guards the state above. Not recursive; on_spike and other functions of the host are never called with it. */
void tm_recorder_lock(void);
void tm_recorder_unlock(void);

/* Sets what tm_rec_message says in this thread, cut at 511 bytes. -1, to be returned. */
TM_RECORD_SHARED int tm_rec_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A moment of the recorder's time as spikes are told of, in ms since the start or the last flush, 0 if it was before. Takes the
 * lock; the second is for who has it. */
double tm_unflushed_ms(double at_ms);
double tm_unflushed_ms_locked(double at_ms);

#endif
