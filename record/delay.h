/* How long a thread was ready to run and others had the processors: the kernel's run delay. A step that was off its processor for
 * long was blocked, or was waiting for a processor; only the kernel knows. Linux with CONFIG_SCHED_INFO, which distributions have;
 * elsewhere it is 0. */
#ifndef TM_RECORD_DELAY_H
#define TM_RECORD_DELAY_H

#include <stdint.h>

enum {
    TM_DELAY_ASKED = 1000000,   /* ns off the processor, of a step: less is not worth the 5 us of asking */
    TM_DELAY_STALE = 100000000, /* ns; what is asked at the end of a step must not have come long before it */
};

/* Of the calling thread since it began, ns; 0: not known. Keeps errno. */
int64_t tm_run_delay(void);

#endif
