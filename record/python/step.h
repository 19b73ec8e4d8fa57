/* What runs step by step: a coroutine, a generator or an asynchronous generator, and its call, which is suspended between steps.
 * The call begins with the first step. It ends with the last one, or when it is closed or thrown away. A helper's steps are no call
 * of their own: they are done for the one that is called under way. */
#ifndef TM_RECORD_PYTHON_STEP_H
#define TM_RECORD_PYTHON_STEP_H

#include "record/python/python.h"

enum tm_py_progress { TM_PY_NEW, TM_PY_WAITING, TM_PY_RUNNING, TM_PY_OVER };

struct tm_py_follower {
    PyObject_HEAD
    PyObject *inner;
    PyObject *weak;
    tm_rec_plugin *plugin;
    uint32_t session, helped; /* helped: the generation of the call that a helper works for */
    uint64_t trace[3];        /* of that call */
    enum tm_py_progress state;
    bool helper;
    struct tm_rec_call call;
};

/* Before and after a step. enter tells whether the step is recorded: only then does leave follow. */
bool tm_py_enter(struct tm_py_follower *follower);

/* The step gave something out (PYGEN_NEXT), returned, or raised what is set now and stays set. */
void tm_py_leave(struct tm_py_follower *follower, PySendResult how);

/* The call ends, if it has begun. */
void tm_py_end(struct tm_py_follower *follower, enum tm_rec_status status);

/* One step of anything: sends `value`. A return without a value, or by StopIteration, may also come as PYGEN_ERROR with
 * StopIteration set. */
PySendResult tm_py_send(PyObject *inner, PyObject *value, PyObject **result);

/* How a method of that kind (throw, __next__) ended that returned `result`. */
static inline PySendResult tm_py_how(const PyObject *result)
{
    return result ? PYGEN_NEXT : PYGEN_ERROR;
}

/* Returns from tp_iternext what PyIter_Send gave. */
PyObject *tm_py_as_next(PySendResult how, PyObject *result);

/* inner.name(*arguments) */
PyObject *tm_py_call_method(PyObject *inner, PyObject *name, PyObject *const *arguments, Py_ssize_t count);

/* Slots that all followers have. */
int tm_py_follower_traverse(PyObject *self, visitproc visit, void *arg);
int tm_py_follower_clear(PyObject *self);
void tm_py_follower_dealloc(PyObject *self);
PyObject *tm_py_follower_getattr(PyObject *self, PyObject *name);
int tm_py_follower_setattr(PyObject *self, PyObject *name, PyObject *value);
PyObject *tm_py_follower_repr(PyObject *self);
extern PyGetSetDef tm_py_follower_getset[];
extern PyMemberDef tm_py_follower_members[];

#endif
