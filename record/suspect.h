/* Who uses the CPU: which of the plugins that run right now. For the monitor's thread alone.
 *
 * The CPU clocks of all threads that run a plugin are read, and once more a moment later; suspected is the plugin whose threads
 * used most in between. As long as one thread stays in it and uses more than half of what the process does, one reading a tick
 * says so. To read another thread's clock takes a system call of half a microsecond: `credit` bounds how many there are in the long
 * run, whatever the threads do. */
#ifndef TM_RECORD_SUSPECT_H
#define TM_RECORD_SUSPECT_H

#include <time.h>

#include "record/threads.h"

/* How much time has gone by, and how much CPU time the process used in it. */
struct tm_usage {
    int64_t wall_ns, cpu_ns;
};

/* 0: there is no such clock any more. */
static inline int64_t tm_read_clock(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) == 0 ? now.tv_sec * 1000000000LL + now.tv_nsec : 0;
}

/* At the start, with the time between ticks. */
void tm_suspect_start(int64_t tick_ns);

/* A tick in which the process used more than it should: who it was, NULL if no plugin. False: there are too many to look at just
 * now. `sleep_until` waits until then by the monotonic clock; false: there is no more time. */
bool tm_suspect(struct tm_usage process, bool (*sleep_until)(int64_t ns), const tm_rec_plugin **plugin);

/* A tick in which it did not. Unless it was quiet, whoever was suspected last stays in sight. */
void tm_suspect_nobody(bool quiet);

#endif
