/* What this machine is: the default host of a run. Never a clock reading, so that it stays the same from night to night. */
#ifndef TM_STORE_MACHINE_H
#define TM_STORE_MACHINE_H

#include <stdint.h>

struct tm_machine {
    const char *key; /* "MODEL, N cores, M GiB" */
    const char *cpu_model;
    int64_t cores, memory_gib; /* memory rounded to a power of two, since what the system reports differs from boot to boot */
    const char *os;
};

/* NULL, with errno, where the system does not say it just now (too many open files, say): its runs must not pass for another
 * machine's. What was read once is valid for the program's life. */
const struct tm_machine *tm_this_machine(void);

#endif
