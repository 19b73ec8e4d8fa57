/* Does the kernel keep its promise about rseq? Newer kernels leave the pointer alone in places, and virtual machines have clocks of
 * their own, so a test at run time has the last word: a thread sets its mark and then sleeps, waits for a pipe, waits for a
 * semaphore, and is preempted. Each time the mark must be gone; and while a thread runs undisturbed, its CPU clock must go as fast
 * as the wall clock. */
#include "record/rseq.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "record/clock.h"

enum {
    ATTEMPTS = 5,  /* of each thing that must be seen, since a busy machine can spoil one */
    SPIN = 100000, /* ns that a thread runs undisturbed: far longer than reading clocks takes, far shorter than a time slice */
    MOST_WAIT = 100000000, /* ns for the helper to get the processor: many time slices */
    SLEEP = 100000,        /* ns; any sleep gives the processor away */
    HELP_DELAY = 300000,   /* ns; until then the other one waits for sure */
    RATE_PART = 100,       /* the clocks may differ by 1 %; where a hypervisor has a hand in one, it is far more */
};

struct test {
    uint64_t *rseq;
    const char *fault; /* of the last attempt; NULL: none */
    bool tried;        /* false: there was no room for the helper's thread, which says nothing of the kernel */
    int pipe[2];
    sem_t ask, answer;
    atomic_int wanted;   /* of the helper: enum help */
    atomic_long counted; /* what the helper counts while it runs */
};

enum help { HELP_QUIT, HELP_WRITE, HELP_POST, HELP_COUNT };

static void set_mark(struct test *test)
{
    __atomic_store_n(test->rseq, tm_rseq_descriptor(), __ATOMIC_RELAXED);
}

static bool marked(const struct test *test)
{
    return __atomic_load_n(test->rseq, __ATOMIC_RELAXED) == tm_rseq_descriptor();
}

/* How often the calling thread has been off its processor, as the kernel counts it. */
static long switches(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw + usage.ru_nivcsw;
}

/* Does what is asked of it until it is to quit: wakes the other thread after a while, or counts as fast as it can. */
static void *run_helper(void *context)
{
    struct test *test = context;
    for (;;) {
        while (sem_wait(&test->ask) != 0)
            ;
        int wanted = atomic_load(&test->wanted);
        if (wanted == HELP_QUIT)
            return NULL;
        while (wanted == HELP_COUNT && atomic_load(&test->wanted) == HELP_COUNT)
            atomic_fetch_add(&test->counted, 1);
        if (wanted == HELP_COUNT)
            continue;
        nanosleep(&(struct timespec){0, HELP_DELAY}, NULL);
        if (wanted == HELP_POST)
            sem_post(&test->answer);
        else if (write(test->pipe[1], "", 1) != 1)
            return NULL;
    }
}

static void ask_helper(struct test *test, enum help wanted)
{
    atomic_store(&test->wanted, wanted);
    sem_post(&test->ask);
}

static void sleep_shortly(struct test *test)
{
    (void)test;
    nanosleep(&(struct timespec){0, SLEEP}, NULL);
}

static void read_pipe(struct test *test)
{
    char byte;
    while (read(test->pipe[0], &byte, 1) < 0)
        ;
}

static void wait_for_post(struct test *test)
{
    while (sem_wait(&test->answer) != 0)
        ;
}

/* Spins until the helper, on the same processor, has run. */
static void be_preempted(struct test *test)
{
    long counted = atomic_load(&test->counted);
    for (int64_t from = tm_wall(); atomic_load(&test->counted) == counted && tm_wall() - from < MOST_WAIT;)
        ;
}

/* Does a switch in `block` clear the mark? Tried until the kernel has counted a switch; false: it never has, or the mark stayed. */
static bool switch_shows(struct test *test, enum help wanted, void (*block)(struct test *))
{
    for (int i = 0; i < ATTEMPTS; i++) {
        if (wanted == HELP_WRITE || wanted == HELP_POST)
            ask_helper(test, wanted);
        long before = switches();
        set_mark(test);
        block(test);
        bool still = marked(test);
        if (switches() != before)
            return !still;
    }
    return false;
}

/* The same where nothing is waited for: another thread on the same processor takes it away. */
static bool shows_preemption(struct test *test)
{
    cpu_set_t all, one;
    bool result = false;
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return false;
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    pthread_t helper;
    atomic_store(&test->wanted, HELP_COUNT);
    if (sched_setaffinity(0, sizeof one, &one) == 0 &&
        pthread_create(&helper, NULL, run_helper, test) == 0) { /* inherits the processor */
        ask_helper(test, HELP_COUNT);
        result = switch_shows(test, HELP_COUNT, be_preempted);
        ask_helper(test, HELP_QUIT);
        pthread_join(helper, NULL);
    }
    return sched_setaffinity(0, sizeof all, &all) == 0 && result;
}

/* While it runs, a thread's CPU clock goes as fast as the wall clock, and the mark stays. */
static bool rate_is_one(struct test *test)
{
    int good = 0, bad = 0;
    for (int i = 0; i < 10 * ATTEMPTS && good + bad < ATTEMPTS; i++) {
        set_mark(test);
        int64_t cpu = tm_nanoseconds(CLOCK_THREAD_CPUTIME_ID), wall = tm_wall();
        while (tm_wall() - wall < SPIN)
            ;
        if (!marked(test))
            continue;
        cpu = tm_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
        wall = tm_wall() - wall;
        int64_t apart = cpu > wall ? cpu - wall : wall - cpu;
        if (apart < SPIN / RATE_PART)
            good++;
        else
            bad++;
    }
    return good > bad;
}

/* All of it. false: something is not as promised, or (tried) there was no thread to try with. */
static bool prove(struct test *test)
{
    pthread_t helper;
    if (pthread_create(&helper, NULL, run_helper, test) != 0) {
        test->tried = false;
        return false;
    }
    test->fault = !switch_shows(test, HELP_QUIT, sleep_shortly) ? "the kernel does not show by rseq that a thread slept"
                  : !switch_shows(test, HELP_WRITE, read_pipe)  ? "the kernel does not show by rseq that a thread waited for a pipe"
                  : !switch_shows(test, HELP_POST, wait_for_post)
                      ? "the kernel does not show by rseq that a thread waited for a semaphore"
                  : !rate_is_one(test) ? "a thread's CPU clock does not go as fast as the processor's counter"
                                       : NULL;
    ask_helper(test, HELP_QUIT);
    pthread_join(helper, NULL);
    if (!test->fault && !shows_preemption(test))
        test->fault = "the kernel does not show by rseq that a thread was preempted, or the machine is very busy";
    return !test->fault;
}

bool tm_rseq_proven(void)
{
    static bool tested, proven;
    struct test test = {.rseq = tm_rseq_pointer()};
    sigset_t all, before;
    if (tested || !test.rseq || pipe2(test.pipe, O_CLOEXEC) != 0)
        return proven;
    sem_init(&test.ask, 0, 0);
    sem_init(&test.answer, 0, 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* the host's signals are not for the helper */
    test.tried = true;
    for (int i = 0; i < ATTEMPTS && test.tried && !proven; i++) /* what fails on a busy machine may hold another time */
        proven = prove(&test);
    tested = test.tried;
    tm_rseq_fault = test.tried ? test.fault : "there was no thread to test rseq with";
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    __atomic_store_n(test.rseq, 0, __ATOMIC_RELAXED);
    close(test.pipe[0]);
    close(test.pipe[1]);
    sem_destroy(&test.ask);
    sem_destroy(&test.answer);
    return proven;
}

#else

bool tm_rseq_proven(void)
{
    return false;
}

#endif
