/* A thread that sleeps until a query is done or its time is over, whichever comes first. A progress handler would not do: SQLite
 * calls it between two steps of its machine, and one step may take minutes (a sort, a large blob). */
#include "store/sqlite/watchdog.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* An interrupt that comes between two steps is lost: so there is another one soon, in 10 ms, which nobody notices. */
enum { AGAIN_NS = 10 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };

struct tm_watchdog {
    sqlite3 *db;
    struct timespec deadline;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stop;
};

/* `time` and so many seconds (>= 0) later, as a timespec wants it. */
static struct timespec time_after(struct timespec time, double seconds)
{
    double whole = floor(seconds);
    time.tv_sec += (time_t)whole;
    time.tv_nsec += (long)((seconds - whole) * SECOND_NS);
    if (time.tv_nsec >= SECOND_NS) {
        time.tv_nsec -= SECOND_NS;
        time.tv_sec++;
    }
    return time;
}

/* The thread: sleeps to the deadline, then interrupts again and again until it is told to stop. A
 * wake-up without reason sleeps on. */
static void *interrupt_when_due(void *context)
{
    struct tm_watchdog *watchdog = context;
    struct timespec next = watchdog->deadline;
    pthread_mutex_lock(&watchdog->lock);
    while (!watchdog->stop) {
        if (pthread_cond_timedwait(&watchdog->stopped, &watchdog->lock, &next) != ETIMEDOUT)
            continue;
        sqlite3_interrupt(watchdog->db);
        clock_gettime(CLOCK_MONOTONIC, &next);
        next = time_after(next, (double)AGAIN_NS / SECOND_NS);
    }
    pthread_mutex_unlock(&watchdog->lock);
    return NULL;
}

struct tm_watchdog *tm_watchdog_start(sqlite3 *db, double seconds)
{
    struct tm_watchdog *watchdog = calloc(1, sizeof *watchdog);
    pthread_condattr_t monotonic;
    if (!watchdog)
        return NULL;
    watchdog->db = db;
    clock_gettime(CLOCK_MONOTONIC, &watchdog->deadline);
    watchdog->deadline = time_after(watchdog->deadline, seconds);
    pthread_condattr_init(&monotonic);
    /* A clock that nobody sets: the time limit must not end with the switch to summer time. */
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&watchdog->lock, NULL);
    pthread_cond_init(&watchdog->stopped, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&watchdog->thread, NULL, interrupt_when_due, watchdog) == 0)
        return watchdog;
    pthread_cond_destroy(&watchdog->stopped);
    pthread_mutex_destroy(&watchdog->lock);
    free(watchdog);
    return NULL;
}

/* Returns when the thread has gone: only then may the connection be closed. */
void tm_watchdog_stop(struct tm_watchdog *watchdog)
{
    if (!watchdog)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->stop = true;
    pthread_cond_signal(&watchdog->stopped);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->stopped);
    pthread_mutex_destroy(&watchdog->lock);
    free(watchdog);
}
