/* The threads that call plugins: each has a state of its own, made at its first call and given to another thread when it ends. */
#ifndef TM_RECORD_THREADS_H
#define TM_RECORD_THREADS_H

#include "record/state.h"

/* The calling thread's state, made or begun anew. `end_calls` is called when the thread ends with calls under way: none may be left
 * on its stack. NULL: off, no memory (tm_rec_message), or the thread is about to end. */
struct tm_thread *tm_thread_attach(void (*end_calls)(struct tm_thread *thread));

/* The calling thread's cell of a plugin that it has none of. NULL: no memory (tm_rec_message), or the plugin is of an earlier
 * start. */
struct tm_cell *tm_thread_add_cell(struct tm_thread *thread, const tm_rec_plugin *plugin);

/* Double the room of frames (by the thread itself), or of strays (lock held, by any). 0, or -1: no memory (tm_rec_message). */
int tm_thread_more_frames(struct tm_thread *thread);
int tm_thread_more_strays(struct tm_thread *thread);

/* Lock held. At a stop: leaves no mark on any thread; their cells are theirs until they attach anew. */
void tm_threads_forget(void);

/* Lock held, in the child of a fork: all other threads are gone. */
void tm_threads_forked(void);

/* NULL: the thread has called no plugin yet, or has ended. Read at every call, hence initial-exec. */
extern _Thread_local struct tm_thread *tm_thread_self __attribute__((tls_model("initial-exec")));

/* The calling thread's state; NULL if there is none yet. */
static inline struct tm_thread *tm_thread_current(void)
{
    struct tm_thread *me = tm_thread_self;
    return me && me->generation == atomic_load_explicit(&tm_recorder.generation, memory_order_relaxed) ? me : NULL;
}

/* A thread as others see it. */
struct tm_rec_seen_thread {
    clockid_t cpu_clock;    /* of that thread */
    uint64_t number;        /* never used twice */
    tm_rec_plugin *running; /* on top of its calls; NULL: none */
    const void *state;      /* for tm_rec_see_thread */
};

/* Calls `visit` for every thread that lives; they may begin and end calls meanwhile, but none goes away. Takes the lock. */
void tm_rec_each_thread(void (*visit)(void *context, const struct tm_rec_seen_thread *thread), void *context);

/* Calls `visit` for the one that was seen before, if it still lives: without going through all others. Takes the lock. */
void tm_rec_see_thread(const void *state, uint64_t number, void (*visit)(void *context, const struct tm_rec_seen_thread *thread),
                       void *context);

#endif
