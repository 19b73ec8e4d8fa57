/* Waiting for somebody else's lock. */
#include <time.h>
#include <unistd.h>

#include "store/sqlite/db.h"

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Uneven sleeps, so that writers who wait for each other do not march in step. At first short ones: a
 * small run is stored in some milliseconds. Then long ones, which get shorter with the time that
 * has been waited: of many, mostly the one gets the lock that has waited longest, and the others
 * cost little. How long the tries took is for the clock to say: a busy machine sleeps longer. */
int tm_sqlite_wait(void *context, int tries)
{
    enum { PATIENT_MS = 1000, AT_FIRST = 4, LONGEST_US = 8000, SHORTEST_US = 1000, TOLD_MS = 2000 };
    struct tm_sqlite *own = context;
    if (tries == 0) {
        own->waits_since = now_ms();
        own->told_waiting = false;
    }
    int64_t waited = now_ms() - own->waits_since;
    if (waited >= TM_LOCK_SECONDS * 1000LL)
        return 0;
    if (waited >= TOLD_MS && own->store->waiting && !own->told_waiting) {
        own->told_waiting = true;
        own->store->waiting(own->store->path);
    }
    int64_t rest = waited < PATIENT_MS ? PATIENT_MS - waited : 0;
    int64_t mean = tries < AT_FIRST ? SHORTEST_US : SHORTEST_US + (LONGEST_US - SHORTEST_US) * rest / PATIENT_MS;
    unsigned uneven = ((unsigned)tries * 2654435761u + (unsigned)getpid() * 40503u) >> 8;
    usleep((useconds_t)(mean / 2 + uneven % mean));
    return 1;
}
