/* What tests of the recorder share. */
#ifndef TM_TESTS_RECORDING_H
#define TM_TESTS_RECORDING_H

#include <time.h>

#include "record/tidemark_record.h"
#include "tests/unit/fixture.h"

static inline int start(enum tm_rec_clock clock)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    config.clock = clock;
    config.spike_interval = 0;
    return tm_rec_start(&config);
}

static inline int64_t thread_cpu(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* CPU time of this thread, however long that takes. */
static inline void burn_ms(double ms)
{
    int64_t from = thread_cpu();
    while ((double)(thread_cpu() - from) < ms * 1e6)
        for (volatile int i = 0; i < 2000; i++)
            ;
}

static inline void wait_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

#endif
