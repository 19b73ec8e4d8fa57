/* Every thread takes the next part that nobody has begun, until there is none. What comes out depends on the parts alone, so that
 * one thread does what many do. */
#include "base/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { MOST_THREADS = 64 }; /* beyond, memory is what all would wait for */

struct shared {
    size_t n;
    tm_part_of_work *work;
    void *context;
    atomic_size_t next;
    atomic_bool failed;
};

static void *do_parts(void *argument)
{
    struct shared *shared = argument;
    size_t part;
    while (!atomic_load(&shared->failed) && (part = atomic_fetch_add(&shared->next, 1)) < shared->n)
        if (shared->work(shared->context, part) != 0)
            atomic_store(&shared->failed, true);
    return NULL;
}

int tm_work_in_parts(size_t n, size_t threads, tm_part_of_work *work, void *context)
{
    struct shared shared = {.n = n, .work = work, .context = context};
    pthread_t others[MOST_THREADS];
    size_t n_others = 0, wanted = threads < n ? threads : n;
    sigset_t all, before;
    /* A new thread has the mask of the one that makes it. */
    sigfillset(&all);
    bool masked = wanted > 1 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    while (masked && n_others + 1 < wanted && n_others < MOST_THREADS &&
           pthread_create(&others[n_others], NULL, do_parts, &shared) == 0)
        n_others++;
    if (masked)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    do_parts(&shared);
    for (size_t i = 0; i < n_others; i++)
        pthread_join(others[i], NULL);
    return atomic_load(&shared.failed) ? -1 : 0;
}

size_t tm_processors(void)
{
    cpu_set_t allowed;
    /* Where there are more than the set has room for, it is not told. */
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return 1;
    int n = CPU_COUNT(&allowed);
    return n > 0 ? (size_t)n : 1;
}
