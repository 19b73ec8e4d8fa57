/* One thread at a time starts or stops recording. */
#ifndef TM_RECORD_PYTHON_TURNS_H
#define TM_RECORD_PYTHON_TURNS_H

#include "record/python/python.h"

/* Waits until no other thread is at it. -1 with an Error: this thread is at it already, below on the stack, or it is in on_spike,
 * for whose end those wait that stop. */
int tm_py_take_turn(void);
void tm_py_end_turn(void);

extern _Thread_local bool tm_py_in_on_spike; /* this thread */

#endif
