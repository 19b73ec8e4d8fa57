/* What the allocator's hooks add to a pair of malloc and free, with libtidemark_malloc.so preloaded: some pairs without them, some
 * with them, in turn. Prints a line each: a name, nanoseconds of a pair without, nanoseconds added; medians, CPU time. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "record/memory.h"
#include "record/tidemark_record.h"

enum { ROUNDS = 101, PAIRS = 50000, BLOCKS = 512 };

struct allocator {
    void *(*allocate)(size_t);
    void (*release)(void *);
};

static void *blocks[BLOCKS];
static struct tm_memory_owner owner;

static double cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Freed at once. */
static void at_once(const struct allocator *a)
{
    for (size_t i = 0; i < PAIRS; i++)
        a->release(a->allocate(16 + i % 8 * 16));
}

/* Some hundred blocks live, each replaced in turn. */
static void in_turn(const struct allocator *a)
{
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = a->allocate(16 + i % 8 * 16);
    for (size_t i = BLOCKS; i < PAIRS; i++) {
        a->release(blocks[i % BLOCKS]);
        blocks[i % BLOCKS] = a->allocate(16 + i * 7 % 8 * 16);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        a->release(blocks[i]);
}

static double pair_ns(void (*work)(const struct allocator *), const struct allocator *a)
{
    double from = cpu_ns();

    work(a);
    return (cpu_ns() - from) / PAIRS;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

static void compare(const char *name, void (*work)(const struct allocator *), const struct allocator *plain)
{
    const struct allocator hooked = {malloc, free};
    double without[ROUNDS], added[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++) {
        without[i] = pair_ns(work, plain);
        added[i] = pair_ns(work, &hooked) - without[i];
    }
    printf("%s %.1f %.1f\n", name, median(without), median(added));
}

int main(void)
{
    struct tm_memory_hooks *hooks = dlsym(RTLD_DEFAULT, "tm_memory_hooks");
    const struct allocator plain = {
        (void *(*)(size_t))(uintptr_t)dlsym(RTLD_DEFAULT, "__libc_malloc"),
        (void (*)(void *))(uintptr_t)dlsym(RTLD_DEFAULT, "__libc_free"),
    };

    if (hooks == NULL || plain.allocate == NULL || plain.release == NULL) {
        fputs("bench_malloc: libtidemark_malloc.so is not preloaded\n", stderr);
        return 2;
    }
    compare("off", at_once, &plain);
    compare("off-in-turn", in_turn, &plain);
    hooks->mode(TM_REC_MEMORY_NET, 0);
    compare("net", at_once, &plain);
    compare("net-in-turn", in_turn, &plain);
    hooks->mode(TM_REC_MEMORY_OWNER, 0);
    hooks->thread()->owner = &owner;
    compare("owner", at_once, &plain);
    compare("owner-in-turn", in_turn, &plain);
    hooks->mode(TM_REC_MEMORY_OWNER, 1 << 18);
    compare("sites", at_once, &plain);
    compare("sites-in-turn", in_turn, &plain);
    return 0;
}
