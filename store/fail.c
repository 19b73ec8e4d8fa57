/* The message of a handle: every failure in the store and its engines is put into words here, and tm_error reads it. */
#include <stdarg.h>
#include <stdio.h>

#include "store/handle.h"

int tm_store_fail(tm_store *store, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    /* The newest message replaces the one before: what failed last is what the caller's -1 is
     * about. One that is too long is cut. */
    vsnprintf(store->error, sizeof store->error, format, arguments);
    va_end(arguments);
    return -1;
}

const char *tm_error(const tm_store *store)
{
    return store ? store->error : "out of memory";
}
