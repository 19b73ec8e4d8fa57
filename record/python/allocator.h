#ifndef TM_RECORD_PYTHON_ALLOCATOR_H
#define TM_RECORD_PYTHON_ALLOCATOR_H

#include "record/memory.h"

/* Python's allocators, for the recorder; all functions need the interpreter's lock. */
extern const struct tm_memory_hooks tm_memory_hooks;

/* Takes the hooks out of Python's allocators, where they are off and nobody has set others before them. */
void tm_py_allocator_restore(void);

/* Owners have numbers while the hooks are on. 0: no room. */
uint16_t tm_py_owner_number(struct tm_memory_owner *owner);

/* From now on tracemalloc knows the owner's new blocks a second time, in the domain TM_PY_TRACE_DOMAIN + number. */
enum { TM_PY_TRACE_DOMAIN = 0x746d0000 };
void tm_py_trace_owner(uint16_t number);

#endif
