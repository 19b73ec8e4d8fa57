/* Preloaded: fails one allocation of the program itself (not of the libraries it uses), the one whose number is in FAIL_AT, counted
 * from 1. FAIL_COUNT=FILE writes how many there were. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*next_malloc)(size_t), *(*next_calloc)(size_t, size_t), *(*next_realloc)(void *, size_t);
static uintptr_t first, last; /* the program's text */
static long fail_at;
static _Atomic long count;

/* dlsym may itself ask for memory before there is anybody to ask. */
static char early[65536];
static size_t early_used;

static void *take_early(size_t size)
{
    void *piece = early + early_used;
    early_used += (size + 15) & ~(size_t)15;
    return early_used <= sizeof early ? piece : NULL;
}

static void find_text(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    char program[256] = "";
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0 || !maps)
        _exit(99);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char mode[8], path[256] = "";
        /* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers do not overflow */
        if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255[^\n]", &from, &to, mode, path) >= 3 && strchr(mode, 'x') &&
            strcmp(path, program) == 0) {
            first = from;
            last = to;
        }
    }
    fclose(maps);
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("FAIL_AT");
    next_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    next_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    next_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    find_text();
    fail_at = at ? strtol(at, NULL, 10) : 0;
}

__attribute__((destructor)) static void stop(void)
{
    const char *path = getenv("FAIL_COUNT");
    char text[32];
    int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    if (file >= 0) {
        int size = snprintf(text, sizeof text, "%ld\n", (long)count);
        if (write(file, text, (size_t)size) != size)
            _exit(98);
    }
}

static int fails(uintptr_t caller)
{
    if (caller < first || caller >= last || ++count != fail_at)
        return 0;
    errno = ENOMEM;
    return 1;
}

#define CALLER ((uintptr_t)__builtin_return_address(0))

void *malloc(size_t size)
{
    if (!next_malloc)
        return take_early(size);
    return fails(CALLER) ? NULL : next_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    if (!next_calloc)
        return take_early(n * size); /* static memory is zero */
    return fails(CALLER) ? NULL : next_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    if ((char *)block >= early && (char *)block < early + sizeof early) {
        void *moved = malloc(size);
        return moved ? memcpy(moved, block, size) : NULL; /* reads beyond the old one, inside `early` */
    }
    return fails(CALLER) ? NULL : next_realloc(block, size);
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = fails(CALLER) ? NULL : next_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

FILE *open_memstream(char **text, size_t *size)
{
    static FILE *(*next)(char **, size_t *);
    if (!next)
        next = (FILE * (*)(char **, size_t *)) dlsym(RTLD_NEXT, "open_memstream");
    return fails(CALLER) ? NULL : next(text, size);
}
