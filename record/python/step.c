/* A follower's steps are steps of its call: entering begins or resumes it, leaving suspends or ends it. Whether an exception was
 * the end is asked of the frame, for "already executing" is raised by one that goes on. */
#include "record/python/step.h"

#include <string.h>

#include "record/python/growth.h"

/* A helper's step: what it calls is called by the one that it works for, also in the trace. */
static void adopt(struct tm_py_follower *follower)
{
    struct tm_rec_call helped = {.plugin = follower->plugin, .generation = follower->helped};
    memcpy(helped.trace, follower->trace, sizeof helped.trace);
    tm_rec_adopt_step(&follower->call, &helped);
}

bool tm_py_enter(struct tm_py_follower *follower)
{
    if (follower->session != tm_py.session || follower->state >= TM_PY_RUNNING)
        return false;
    if (follower->helper)
        adopt(follower);
    else if (follower->state == TM_PY_NEW) {
        if (tm_py_growth_waiting)
            tm_py_growth_begun(follower->plugin);
        if (__builtin_expect(tm_py_loops_seen != tm_py.session, 0))
            tm_py.meet_loops();
        tm_rec_begin(&follower->call, follower->plugin);
    } else
        tm_rec_resume(&follower->call);
    follower->state = TM_PY_RUNNING;
    return true;
}

void tm_py_end(struct tm_py_follower *follower, enum tm_rec_status status)
{
    bool begun = follower->state == TM_PY_WAITING || follower->state == TM_PY_RUNNING;
    follower->state = TM_PY_OVER;
    if (!begun || follower->session != tm_py.session)
        return;
    if (follower->helper)
        tm_rec_release(&follower->call);
    else
        tm_rec_end(&follower->call, status);
    if (tm_py_growth_waiting && !follower->helper)
        tm_py_growth_ended(follower->plugin);
}

/* Does it go on after an exception? "already executing", or a wrong first value, leave it as it was. What has no frame to ask for
 * is taken to be over. */
static bool goes_on(PyObject *inner)
{
    PyObject *frame = NULL;
    for (size_t i = 0; i < sizeof tm_py.names.frame / sizeof *tm_py.names.frame && !frame; i++)
        if (PyObject_GetOptionalAttr(inner, tm_py.names.frame[i], &frame) < 0)
            PyErr_Clear();
    bool there = frame && frame != Py_None;
    Py_XDECREF(frame);
    return there;
}

static void raised(struct tm_py_follower *follower)
{
    if (PyErr_ExceptionMatches(PyExc_StopIteration) || PyErr_ExceptionMatches(PyExc_StopAsyncIteration)) {
        tm_py_end(follower, TM_REC_OK);
        return;
    }
    PyObject *exception = PyErr_GetRaisedException();
    bool open = goes_on(follower->inner);
    PyErr_SetRaisedException(exception);
    if (open)
        tm_py_leave(follower, PYGEN_NEXT);
    else
        tm_py_end(follower, follower->helper ? TM_REC_ERROR : tm_py_outcome(&follower->call));
}

void tm_py_leave(struct tm_py_follower *follower, PySendResult how)
{
    if (how == PYGEN_NEXT && follower->session == tm_py.session) {
        follower->state = TM_PY_WAITING;
        if (follower->helper)
            tm_rec_release(&follower->call);
        else
            tm_rec_suspend(&follower->call);
    } else if (how == PYGEN_ERROR && PyErr_Occurred())
        raised(follower);
    else
        tm_py_end(follower, TM_REC_OK);
}

PySendResult tm_py_send(PyObject *inner, PyObject *value, PyObject **result)
{
#if PY_VERSION_HEX >= 0x030A0000
    return PyIter_Send(inner, value, result);
#else
    if (value == Py_None && PyIter_Check(inner))
        *result = Py_TYPE(inner)->tp_iternext(inner);
    else
        *result = PyObject_CallMethodOneArg(inner, tm_py.names.send, value);
    if (*result)
        return PYGEN_NEXT;
    if (PyErr_Occurred())
        return PYGEN_ERROR;
    *result = Py_NewRef(Py_None);
    return PYGEN_RETURN;
#endif
}

PyObject *tm_py_as_next(PySendResult how, PyObject *result)
{
    if (how != PYGEN_RETURN)
        return result;
    if (result != Py_None) { /* a tuple or an exception would be taken for the arguments of StopIteration */
        PyObject *stop = PyObject_CallOneArg(PyExc_StopIteration, result);
        if (stop)
            PyErr_SetObject(PyExc_StopIteration, stop);
        Py_XDECREF(stop);
    }
    Py_DECREF(result);
    return NULL;
}

PyObject *tm_py_call_method(PyObject *inner, PyObject *name, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *all[5] = {NULL, inner}; /* throw() takes three: type, value, traceback */
    if (count > 3)
        return PyErr_Format(PyExc_TypeError, "%U expected at most 3 arguments, got %zd", name, count);
    for (Py_ssize_t i = 0; i < count; i++)
        all[i + 2] = arguments[i];
    return PyObject_VectorcallMethod(name, all + 1, (size_t)(count + 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

/* ---- slots that all followers have ---- */

static struct tm_py_follower *follower_of(PyObject *self)
{
    return (struct tm_py_follower *)self;
}

int tm_py_follower_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(follower_of(self)->inner);
    return 0;
}

/* What is thrown away halfway may still have something to do: that is the end of its call. */
int tm_py_follower_clear(PyObject *self)
{
    struct tm_py_follower *follower = follower_of(self);
    bool recorded = follower->state == TM_PY_WAITING && tm_py_enter(follower);
    Py_SETREF(follower->inner, Py_NewRef(Py_None));
    if (recorded)
        tm_py_end(follower, TM_REC_CANCELLED);
    return 0;
}

void tm_py_follower_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (follower_of(self)->weak)
        PyObject_ClearWeakRefs(self);
    tm_py_follower_clear(self);
    Py_DECREF(follower_of(self)->inner);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

PyObject *tm_py_follower_getattr(PyObject *self, PyObject *name)
{
    PyObject *own = PyObject_GenericGetAttr(self, name);
    if (own || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return own;
    PyErr_Clear();
    return PyObject_GetAttr(follower_of(self)->inner, name);
}

int tm_py_follower_setattr(PyObject *self, PyObject *name, PyObject *value)
{
    return PyObject_SetAttr(follower_of(self)->inner, name, value);
}

PyObject *tm_py_follower_repr(PyObject *self)
{
    PyObject *inner = follower_of(self)->inner, *class = PyObject_GetAttr(self, tm_py.names.class_);
    PyObject *name = class ? PyObject_GetAttr(inner, tm_py.names.qualname) : NULL, *repr = NULL;
    if (name)
        repr = PyUnicode_FromFormat("<%s object %S at %p>", ((PyTypeObject *)class)->tp_name, name, (void *)self);
    Py_XDECREF(name);
    Py_XDECREF(class);
    return repr;
}

/* isinstance() goes by it where the type itself does not fit: a followed coroutine is a coroutine to everybody who asks. */
static PyObject *get_class(PyObject *self, void *closure)
{
    (void)closure;
    return PyObject_GetAttr(follower_of(self)->inner, tm_py.names.class_);
}

PyGetSetDef tm_py_follower_getset[] = {{"__class__", get_class, NULL, NULL, NULL}, {0}};

PyMemberDef tm_py_follower_members[] = {{"__weaklistoffset__", T_PYSSIZET, offsetof(struct tm_py_follower, weak), READONLY, NULL},
                                        {0}};
