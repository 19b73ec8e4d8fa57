/* Wall and CPU time of a thread in one reading.
 *
 * Wall time is the processor's time stamp counter where the kernel itself keeps time by it, else CLOCK_MONOTONIC. CPU time is
 * CLOCK_THREAD_CPUTIME_ID, which costs a system call. While a thread goes on running, both clocks advance alike: what the wall
 * clock is ahead by, the lag, is measured once and taken off the following readings,
 *
 *     cpu = wall - lag        as long as the thread has not been off its processor since the lag was measured
 *
 * which rseq tells: the kernel clears a thread's rseq_cs pointer whenever it preempts, migrates, blocks or signals it outside the
 * piece of code that the pointer describes. Ours describes a piece that is never run. A lag is not trusted for longer than
 * `trust` either, so that interrupts and stolen time do not add up. Without rseq that is a microsecond, shorter than it takes to
 * leave a processor and to come back. */
#ifndef TM_RECORD_CLOCK_H
#define TM_RECORD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "record/tidemark_record.h"

__extension__ typedef unsigned __int128 tm_wide;

struct tm_instant {
    int64_t wall, cpu; /* ns; cpu: of the calling thread */
};

struct tm_thread_clock {
    int64_t lag, measured; /* wall - cpu, and the wall time of that measurement */
    int64_t trust;         /* so long the lag is good for */
    uint64_t *mark;        /* holds tm_clock.mark while the lag holds */
    uint64_t no_rseq;      /* where mark points to without rseq */
};

/* Constant while the recorder is on. */
extern struct tm_clock {
    bool counter; /* wall time is the time stamp counter */
    bool rseq;
    uint64_t origin, scale; /* ns = (counter - origin) * scale / 2^32 */
    uint64_t mark;          /* the address of the descriptor */
    int64_t started;        /* CLOCK_MONOTONIC at the origin */
    const char *why;        /* CPU time is read by the system call; "": it is not. NULL: none was chosen yet */
} tm_clock;

/* Why the counter cannot be the wall clock where the kernel has that clock source; NULL: it can. */
const char *tm_counter_fault(const char *source, bool one_rate);

/* Chooses the clocks. rseq_proven is asked, with the wall clock chosen already, whether rseq keeps its promise here: the proof
 * needs a clock. 0, or -1 with a message if rseq was asked for and is not proven. */
int tm_clock_choose(enum tm_rec_clock wanted, bool (*rseq_proven)(void));
const char *tm_clock_name(void); /* of the CPU clock: "rseq" or "thread_cputime" */

/* Nanoseconds since the recorder's start, by the clock that `began` of a call is read from. */
int64_t tm_rec_now(void);

void tm_clock_attach(struct tm_thread_clock *clock);       /* by the thread that it is of */
void tm_clock_detach(const struct tm_thread_clock *clock); /* by any thread while that one lives: leaves no mark */

/* What is read anew: enter as late as it can be, leave as early, so that the reading itself is nobody's time. */
struct tm_instant tm_clock_measure(struct tm_thread_clock *clock, bool leave, int64_t wall);

static inline int64_t tm_nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline uint64_t tm_counter(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t count;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
    return count;
#else
    return 0;
#endif
}

static inline int64_t tm_wall(void)
{
    if (__builtin_expect(!tm_clock.counter, 0))
        return tm_nanoseconds(CLOCK_MONOTONIC) - (int64_t)tm_clock.origin;
    return (int64_t)((tm_wide)(tm_counter() - tm_clock.origin) * tm_clock.scale >> 32);
}

/* The counter is read before the mark: a switch in between is noticed. */
static inline struct tm_instant tm_clock_read(struct tm_thread_clock *clock, bool leave)
{
    int64_t wall = tm_wall();
    __asm__ volatile("" ::: "memory");
    if (__atomic_load_n(clock->mark, __ATOMIC_RELAXED) != tm_clock.mark || wall - clock->measured > clock->trust)
        return tm_clock_measure(clock, leave, wall);
    return (struct tm_instant){wall, wall - clock->lag};
}

static inline struct tm_instant tm_clock_enter(struct tm_thread_clock *clock)
{
    return tm_clock_read(clock, false);
}

static inline struct tm_instant tm_clock_leave(struct tm_thread_clock *clock)
{
    return tm_clock_read(clock, true);
}

#endif
