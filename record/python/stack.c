/* The floor of the calling thread's C stack, looked up when a call seems to be below it: that is so at a thread's first call, where
 * the floor is at the top of memory, and after the main thread's limit was raised. */
#include "record/python/stack.h"

#include <pthread.h>

_Thread_local uintptr_t tm_py_stack_floor = UINTPTR_MAX;
static _Thread_local uintptr_t bottom;

/* For what one call does between two wrappers: the interpreter's own frames take some KiB each. Of small stacks an eighth. */
enum { RESERVE = 256 * 1024, RESERVE_PART = 8 };

#ifdef __linux__

static void measure(void)
{
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size = 0, reserve;
    tm_py_stack_floor = bottom = 0; /* if it cannot be told */
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    reserve = size / RESERVE_PART < RESERVE ? size / RESERVE_PART : RESERVE;
    bottom = (uintptr_t)lowest;
    tm_py_stack_floor = bottom + reserve;
}

#else

static void measure(void)
{
    tm_py_stack_floor = bottom = 0;
}

#endif

/* Below the bottom it is another stack, of which nothing is known. The limit of the main thread's may have been raised. */
bool tm_py_stack_ends_here(uintptr_t here)
{
    if (here >= bottom)
        measure();
    if (here < bottom || here >= tm_py_stack_floor)
        return false;
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded: the stack is full");
    return true;
}
