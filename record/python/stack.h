/* How much of the C stack is left. In Python 3.11, functions that call each other take none of it, so that a program may set the
 * recursion limit as high as it likes; through a wrapper each call takes some. Later versions look after their C stack themselves,
 * earlier ones end like any C program. */
#ifndef TM_RECORD_PYTHON_STACK_H
#define TM_RECORD_PYTHON_STACK_H

#include "record/python/python.h"

/* The lowest address that the thread's stack may be used down to; 0: not known yet. Read at every
 * call, hence initial-exec. */
extern _Thread_local uintptr_t tm_py_stack_floor __attribute__((tls_model("initial-exec")));

/* Below the floor, or the floor is not known yet. True with a RecursionError. */
bool tm_py_stack_ends_here(uintptr_t here);

/* True with a RecursionError: not enough for another call. */
static inline bool tm_py_stack_ends(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return __builtin_expect(here < tm_py_stack_floor, 0) && tm_py_stack_ends_here(here);
}

#endif
