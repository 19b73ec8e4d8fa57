/* The choice of clocks, and what of them is read anew. What a call pays is in clock.h: a reading of the counter, and a look at the
 * mark; only where the mark is gone, or the lag is old, comes the system call in here. */
#include "record/clock.h"

#include <stdio.h>
#include <string.h>

#include "record/binding.h"
#include "record/rseq.h"
#include "record/state.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

enum { /* ns */
       TRUST_RSEQ =
           250000, /* a hypervisor that takes the processor away shows only in the CPU clock: at most so much is misplaced */
       TRUST_SYSCALL = 1000,       /* shorter than two switches */
       DRIFT_SHOWS = 100000000,    /* both clocks' starts are read a microsecond apart: 10 millionths of this */
       CALIBRATION = 10000000,     /* of the counter: reading both clocks is exact to some 30 ns, 3 millionths of this */
       SWITCHED_MEANWHILE = 20000, /* a system call that took so long was interrupted; it takes 200 to 2000 otherwise */
};

enum { READINGS = 16 }; /* of both clocks: one of them is hardly ever interrupted */

struct tm_clock tm_clock;

/* Is one of the words? The last one is NULL. */
static bool is_among(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words;
}

/* A guest's kernel keeps time by the host's clock, which goes by the same counter: there it is as good where its rate is one, and
 * the proof at run time has the last word. */
const char *tm_counter_fault(const char *source, bool one_rate)
{
#if defined(__x86_64__)
    static const char *const sources[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "hyperv_clocksource_msr", NULL};
#elif defined(__aarch64__)
    static const char *const sources[] = {"arch_sys_counter", NULL};
#else
    static const char *const sources[] = {NULL};
#endif
    if (!is_among(source, sources))
        return "the kernel does not keep time by the processor's counter";
    return one_rate ? NULL : "the processor's counter has no constant rate";
}

static bool counter_has_one_rate(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    /* bit 8 of leaf 0x80000007 is "invariant TSC": one rate in all power states */
    return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
#else
    return true;
#endif
}

/* NULL: the processor's counter is the wall clock. */
static const char *counter_refused(void)
{
    static const char path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    static char words[128];
    char source[32] = "";
    FILE *file = fopen(path, "re");
    bool read = file && fgets(source, sizeof source, file);
    if (file)
        fclose(file);
    source[strcspn(source, "\n")] = '\0';
    if (!read)
        return "it is not known which clock the kernel keeps time by";
    const char *fault = tm_counter_fault(source, counter_has_one_rate());
    snprintf(words, sizeof words, "%s (clock source '%s')", fault ? fault : "", source);
    return fault ? words : NULL;
}

/* The two wall clocks at one time. */
struct pair {
    uint64_t counter;
    int64_t wall;
};

/* Both clocks at one time: of some attempts the one that took the shortest. */
static struct pair read_both(void)
{
    struct pair best = {0, 0};
    uint64_t shortest = UINT64_MAX;
    for (int i = 0; i < READINGS; i++) {
        uint64_t before = tm_counter();
        int64_t wall = tm_nanoseconds(CLOCK_MONOTONIC);
        uint64_t after = tm_counter();
        if (after - before < shortest) {
            shortest = after - before;
            best = (struct pair){before + shortest / 2, wall};
        }
    }
    return best;
}

/* The counter's rate does not change while the process lives: it is measured once. */
static uint64_t measure_scale(void)
{
    struct pair from = read_both();
    for (int64_t left; (left = from.wall + CALIBRATION - tm_nanoseconds(CLOCK_MONOTONIC)) > 0;)
        nanosleep(&(struct timespec){0, left}, NULL);
    struct pair to = read_both();
    return (uint64_t)(((tm_wide)(uint64_t)(to.wall - from.wall) << 32) / (to.counter - from.counter));
}

int tm_clock_choose(enum tm_rec_clock wanted, bool (*rseq_proven)(void))
{
    static uint64_t scale; /* 0: not measured yet */
    const char *fault = counter_refused();
    tm_clock.counter = !fault;
    if (tm_clock.counter && !scale)
        scale = measure_scale();
    tm_clock.scale = scale;
    tm_clock.origin = tm_clock.counter ? tm_counter() : (uint64_t)tm_nanoseconds(CLOCK_MONOTONIC);
    tm_clock.started = tm_nanoseconds(CLOCK_MONOTONIC);
    tm_clock.rseq = wanted != TM_REC_CLOCK_SYSCALL && tm_clock.counter && rseq_proven();
    tm_clock.mark = tm_clock.rseq ? tm_rseq_descriptor() : 0;
    if (wanted == TM_REC_CLOCK_SYSCALL)
        fault = "the system call was asked for";
    tm_clock.why = tm_clock.rseq ? "" : fault ? fault : tm_rseq_fault;
    if (wanted == TM_REC_CLOCK_RSEQ && !tm_clock.rseq)
        return tm_rec_fail("the rseq clock is not proven right on this machine: %s", tm_clock.why);
    return 0;
}

const char *tm_rec_clock_why(void)
{
    return tm_clock.why ? tm_clock.why : "nothing was recorded yet";
}

/* Where the wall clock is the system's own there is no difference, and of a shorter time none can be told. */
double tm_rec_clock_drift(void)
{
    int64_t passed = tm_clock.counter ? tm_nanoseconds(CLOCK_MONOTONIC) - tm_clock.started : 0;
    return passed > DRIFT_SHOWS ? ((double)tm_wall() / (double)passed - 1) * 1e6 : 0;
}

const char *tm_clock_name(void)
{
    return tm_clock.rseq ? "rseq" : "thread_cputime";
}

int64_t tm_rec_now(void)
{
    return tm_wall();
}

void tm_clock_attach(struct tm_thread_clock *clock)
{
    uint64_t *rseq = tm_clock.rseq ? tm_rseq_pointer() : NULL;
    clock->mark = rseq ? rseq : &clock->no_rseq;
    clock->trust = rseq ? TRUST_RSEQ : TRUST_SYSCALL;
    clock->measured = INT64_MIN / 2; /* so long ago that the first reading measures, and far enough from overflow */
}

/* Only our mark is taken off: another library may have set one of its own since. */
void tm_clock_detach(const struct tm_thread_clock *clock)
{
    uint64_t ours = tm_rseq_descriptor();
    if (clock->mark && clock->mark != &clock->no_rseq)
        __atomic_compare_exchange_n(clock->mark, &ours, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* First the mark, then the CPU clock, then the wall clock: a switch in between leaves no mark, and the next reading measures again.
 * The CPU clock is read in the middle of the system call; a lag from there to its end makes all readings late by the same. */
struct tm_instant tm_clock_measure(struct tm_thread_clock *clock, bool leave, int64_t wall)
{
    __atomic_store_n(clock->mark, tm_clock.mark, __ATOMIC_RELAXED);
    __asm__ volatile("" ::: "memory");
    int64_t cpu = tm_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    __asm__ volatile("" ::: "memory");
    int64_t after = tm_wall();
    clock->lag = after - cpu;
    clock->measured = after;
    if (!leave)
        return (struct tm_instant){after, cpu};
    int64_t spent = after - wall;
    return (struct tm_instant){wall, spent < SWITCHED_MEANWHILE ? cpu - spent : cpu};
}
