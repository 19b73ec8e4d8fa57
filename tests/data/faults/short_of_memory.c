/* Preloaded: fails one allocation of the process, the one whose number is in FAIL_AT, counted from 1; with FAIL_STICKY all from
 * there on. Every allocation counts, whoever makes it: the program, SQLite, the C library. FAIL_COUNT=FILE writes how many there
 * were, and then the number of each that was the first to come by its way, the last FAIL_DEPTH calls. With FAIL_SPARE_EXIT none
 * fails while the process ends, when gcov writes what it has counted. Programs that this one starts are left alone. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*next_malloc)(size_t), *(*next_calloc)(size_t, size_t), *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);
static int (*next_memalign)(void **, size_t, size_t);
static long fail_at;
static bool counting, sticky, spare_exit;
static _Atomic long count;
static char count_path[4096];

/* Ways to an allocation that were met: a hash of their calls. */
enum { WAYS = 1 << 16, DEEPEST = 32 };
static uint64_t ways[WAYS];
static long firsts[WAYS];
static size_t n_firsts;
static int depth;
static _Thread_local bool looking;

/* dlsym may itself ask for memory before there is anybody to ask. */
static char early[65536];
static size_t early_used;

static void *take_early(size_t size)
{
    void *piece = early + early_used;
    early_used += (size + 15) & ~(size_t)15;
    return early_used <= sizeof early ? piece : NULL;
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("FAIL_AT"), *path = getenv("FAIL_COUNT"), *deepest = getenv("FAIL_DEPTH");
    next_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
    next_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    next_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    next_memalign = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign");
    next_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    fail_at = at ? strtol(at, NULL, 10) : 0;
    sticky = getenv("FAIL_STICKY");
    spare_exit = getenv("FAIL_SPARE_EXIT");
    if (path && strlen(path) < sizeof count_path)
        strcpy(count_path, path);
    if (*count_path && deepest) {
        void *calls[2];
        backtrace(calls, 2);   /* loads what it needs */
        depth = atoi(deepest); /* NOLINT(cert-err34-c): the test's own */
        depth = depth < DEEPEST - 2 ? depth : DEEPEST - 2;
    }
    unsetenv("LD_PRELOAD");
    counting = true;
}

__attribute__((destructor)) static void stop(void)
{
    char text[32];
    counting = false;
    int file = *count_path ? open(count_path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    if (file >= 0) {
        int size = snprintf(text, sizeof text, "%ld\n", (long)count);
        if (write(file, text, (size_t)size) != size)
            _exit(98);
        for (size_t i = 0; i < n_firsts; i++) {
            size = snprintf(text, sizeof text, "%ld\n", firsts[i]);
            if (write(file, text, (size_t)size) != size)
                _exit(98);
        }
    }
}

static void note_way(long number)
{
    static bool busy; /* two threads at once: one is not noted */
    void *calls[DEEPEST];
    if (looking || __atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
        return;
    looking = true;
    int n = backtrace(calls, depth + 2);
    uint64_t hash = 14695981039346656037u;
    for (int i = 2; i < n; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)calls[i]) * 1099511628211u;
    size_t at = (size_t)(hash % WAYS);
    while (ways[at] && ways[at] != hash)
        at = (at + 1) % WAYS;
    if (!ways[at] && n_firsts < WAYS / 2) {
        ways[at] = hash;
        firsts[n_firsts++] = number;
    }
    looking = false;
    __atomic_clear(&busy, __ATOMIC_RELEASE);
}

static void end(void)
{
    counting = false;
}

/* What is registered last comes first: it has to be after the C library's own, which begins with the program. When that is cannot
 * be told here, so some of the first allocations do it, and later ones ever more rarely. */
static void note_end(long number)
{
    enum { FIRST = 16 };
    if (looking || (number > FIRST && (number & (number - 1)) != 0))
        return;
    looking = true;
    atexit(end); /* NOLINT(cert-err33-c): another one will do */
    looking = false;
}

static bool fails(void)
{
    if (!counting)
        return false;
    if (looking && spare_exit)
        return false;
    long number = ++count;
    if (spare_exit)
        note_end(number);
    if (depth > 0)
        note_way(number);
    if (number != fail_at && (!sticky || fail_at == 0 || number < fail_at))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (!next_malloc)
        return take_early(size);
    return fails() ? NULL : next_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    if (!next_malloc)
        return take_early(n * size); /* static memory is zero */
    return fails() ? NULL : next_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    if ((char *)block >= early && (char *)block < early + sizeof early) {
        void *moved = malloc(size);
        return moved ? memcpy(moved, block, size) : NULL; /* reads beyond the old one, inside `early` */
    }
    return fails() ? NULL : next_realloc(block, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    return fails() ? ENOMEM : next_memalign(block, alignment, size);
}

/* What was given out early stays. */
void free(void *block)
{
    if ((char *)block >= early && (char *)block < early + sizeof early)
        return;
    if (next_free)
        next_free(block);
}
