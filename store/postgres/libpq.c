/* The library by its name, then each function by its: one that an older library lacks makes it unfit. */
#include "store/postgres/libpq.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static struct tm_libpq functions;
static const char *missing;

/* POSIX promises that a data pointer holds a function's address; ISO C has no cast for it. */
static void find(void *library, const char *name, void *into)
{
    void *found = dlsym(library, name);
    memcpy(into, &found, sizeof found);
    if (!found && !missing)
        missing = name;
}

static void load(void)
{
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        missing = "libpq.so.5";
        return;
    }
#define FIND(name) find(library, #name, &functions.name);
    TM_LIBPQ_FUNCTIONS(FIND)
#undef FIND
}

const struct tm_libpq *tm_libpq(const char **fault)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    *fault = missing;
    return missing ? NULL : &functions;
}
