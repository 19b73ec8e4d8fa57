/* Event loops whose tasks are followed by themselves, while recording is on. */
#ifndef TM_RECORD_PYTHON_LOOPS_H
#define TM_RECORD_PYTHON_LOOPS_H

#include "record/python/python.h"

/* Follows the loop that runs on this thread, and all that begin to run from now on. Leaves no exception. */
void tm_py_meet_loops(void);

/* Follows that one. Leaves no exception. */
void tm_py_follow_loop(PyObject *loop);

/* At the end of recording: all loops are as they were. Keeps an exception that is set. */
void tm_py_leave_loops(void);

#endif
