/* Trying again what failed for reasons that pass: two writers who met, a server that restarts. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/handle.h"

/* Waits double from the first one on: six seconds in all, in which a server restarts. */
enum { TRIES = 6, FIRST_MS = 100 };

/* From half of it to one and a half: writers who have met do not meet again. */
static void pause_unevenly(int tries)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t mean = (int64_t)FIRST_MS * 1000000 << tries;
    uint64_t uneven = ((uint64_t)now.tv_nsec * 2654435761U + (uint64_t)getpid() * 40503U) >> 8;
    int64_t pause = mean / 2 + (int64_t)(uneven % (uint64_t)mean);
    nanosleep(&(struct timespec){pause / 1000000000, pause % 1000000000}, NULL);
}

enum tm_again tm_may_try_again(tm_store *store)
{
    return store->engine->again && store->connection ? store->engine->again(store) : TM_AGAIN_NO;
}

/* A server that is not back yet costs a try; what is told in the end is what failed at first. */
int tm_try_again(tm_store *store, int *tries, bool repeatable)
{
    char failed[sizeof store->error];
    enum tm_again again = tm_may_try_again(store);
    if (again == TM_AGAIN_NO || (again == TM_AGAIN_UNSURE && !repeatable))
        return -1;
    memcpy(failed, store->error, sizeof failed);
    tm_rollback(store);
    while (*tries < TRIES) {
        pause_unevenly((*tries)++);
        if (store->engine->reconnect(store) == 0)
            return 0;
    }
    memcpy(store->error, failed, sizeof failed);
    return -1;
}
