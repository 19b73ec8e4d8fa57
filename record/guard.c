/* A signal that a write raises is pending for the thread that wrote: it is blocked meanwhile and taken off again, unless one of its
 * kind was pending before, which is somebody else's. */
#include "record/guard.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

static const int fatal[] = {SIGPIPE, SIGXFSZ}; /* a pipe without a reader, a file beyond RLIMIT_FSIZE */

void tm_guard_begin(struct tm_guard *guard)
{
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    sigemptyset(&guard->fresh);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (!sigismember(&pending, fatal[i]))
            sigaddset(&guard->fresh, fatal[i]);
    pthread_sigmask(SIG_BLOCK, &guard->fresh, &guard->mask);
}

/* errno is the caller's: it says why the write failed. */
void tm_guard_end(struct tm_guard *guard)
{
    const struct timespec now = {0};
    int error = errno;
    while (sigtimedwait(&guard->fresh, NULL, &now) > 0 || errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &guard->mask, NULL);
    errno = error;
}
