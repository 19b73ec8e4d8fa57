/* Followers of asynchronous generators. Each of their steps is an awaitable, which itself takes several steps. The generator itself
 * stays known to the event loop's hooks (sys.set_asyncgen_hooks), which close it when nobody else does. */
#include "record/python/module.h"
#include "record/python/step.h"

/* What asend(), athrow(), aclose() and __anext__() of a follower give. */
struct step {
    PyObject_HEAD
    PyObject *inner; /* what the generator's own method gave */
    struct tm_py_follower *generator;
    bool closing; /* aclose(): its return is the end */
};

static struct step *step_of(PyObject *self)
{
    return (struct step *)self;
}

/* One that has not begun is closed without ever having been a call. */
static bool enter(struct step *step)
{
    return !(step->closing && step->generator->state == TM_PY_NEW) && tm_py_enter(step->generator);
}

/* To return from a step is to yield a value, unless it closes. */
static void leave(struct step *step, PySendResult how)
{
    bool stopped = how == PYGEN_ERROR && (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_StopIteration));
    if (how != PYGEN_RETURN && !stopped)
        tm_py_leave(step->generator, how);
    else if (step->closing)
        tm_py_end(step->generator, TM_REC_CANCELLED);
    else
        tm_py_leave(step->generator, PYGEN_NEXT);
}

static PySendResult advance(PyObject *self, PyObject *value, PyObject **result)
{
    bool recorded = enter(step_of(self));
    PySendResult how = tm_py_send(step_of(self)->inner, value, result);
    if (recorded)
        leave(step_of(self), how);
    return how;
}

static PyObject *next_value(PyObject *self)
{
    PyObject *result = NULL;
    PySendResult how = advance(self, Py_None, &result);
    return tm_py_as_next(how, result);
}

/* inner.NAME(...), as a part of the generator's step. */
static PyObject *call_recorded(PyObject *self, PyObject *name, PyObject *const *arguments, Py_ssize_t count)
{
    bool recorded = enter(step_of(self));
    PyObject *result = tm_py_call_method(step_of(self)->inner, name, arguments, count);
    if (recorded)
        leave(step_of(self), tm_py_how(result));
    return result;
}

static PyObject *send(PyObject *self, PyObject *value)
{
    return call_recorded(self, tm_py.names.send, &value, 1);
}

static PyObject *throw_(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    return call_recorded(self, tm_py.names.throw_, arguments, count);
}

static PyObject *close_(PyObject *self, PyObject *unused)
{
    (void)unused;
    return call_recorded(self, tm_py.names.close, NULL, 0);
}

static int step_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(step_of(self)->inner);
    Py_VISIT(step_of(self)->generator);
    return 0;
}

static int step_clear(PyObject *self)
{
    Py_SETREF(step_of(self)->inner, Py_NewRef(Py_None));
    return 0;
}

static void step_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_DECREF(step_of(self)->inner);
    Py_DECREF(step_of(self)->generator);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyMethodDef step_methods[] = {
    {"send", send, METH_O, NULL},
    {"throw", TM_PY_METHOD(throw_), METH_FASTCALL, NULL},
    {"close", close_, METH_NOARGS, NULL},
    {0},
};

static PyType_Slot step_slots[] = {
    {Py_tp_traverse, TM_PY_SLOT(step_traverse)},
    {Py_tp_clear, TM_PY_SLOT(step_clear)},
    {Py_tp_dealloc, TM_PY_SLOT(step_dealloc)},
    {Py_tp_methods, step_methods},
    {Py_tp_iter, TM_PY_SLOT(PyObject_SelfIter)},
    {Py_tp_iternext, TM_PY_SLOT(next_value)},
    {Py_am_await, TM_PY_SLOT(PyObject_SelfIter)},
#if PY_VERSION_HEX >= 0x030A0000
    {Py_am_send, TM_PY_SLOT(advance)},
#endif
    {0, NULL},
};

/* ---- the generator ---- */

/* Takes the reference of inner, which may be NULL. */
static PyObject *new_step(PyObject *generator, PyObject *inner, bool closing)
{
    struct step *step = inner ? PyObject_GC_New(struct step, tm_py.types.async_generator_step) : NULL;
    if (!step) {
        Py_XDECREF(inner);
        return NULL;
    }
    step->inner = inner;
    step->generator = (struct tm_py_follower *)Py_NewRef(generator);
    step->closing = closing;
    PyObject_GC_Track(step);
    return (PyObject *)step;
}

static PyObject *inner_of(PyObject *self)
{
    return ((struct tm_py_follower *)self)->inner;
}

static PyObject *anext(PyObject *self)
{
    PyObject *inner = inner_of(self);
    const PyAsyncMethods *methods_of = Py_TYPE(inner)->tp_as_async;
    if (!methods_of || !methods_of->am_anext)
        return PyErr_Format(PyExc_RuntimeError, "the generator is gone");
    return new_step(self, methods_of->am_anext(inner), false);
}

static PyObject *asend(PyObject *self, PyObject *value)
{
    return new_step(self, tm_py_call_method(inner_of(self), tm_py.names.asend, &value, 1), false);
}

static PyObject *athrow(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    return new_step(self, tm_py_call_method(inner_of(self), tm_py.names.athrow, arguments, count), false);
}

static PyObject *aclose(PyObject *self, PyObject *unused)
{
    (void)unused;
    return new_step(self, tm_py_call_method(inner_of(self), tm_py.names.aclose, NULL, 0), true);
}

static PyMethodDef methods[] = {
    {"asend", asend, METH_O, NULL},
    {"athrow", TM_PY_METHOD(athrow), METH_FASTCALL, NULL},
    {"aclose", aclose, METH_NOARGS, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_traverse, TM_PY_SLOT(tm_py_follower_traverse)},
    {Py_tp_clear, TM_PY_SLOT(tm_py_follower_clear)},
    {Py_tp_dealloc, TM_PY_SLOT(tm_py_follower_dealloc)},
    {Py_tp_getattro, TM_PY_SLOT(tm_py_follower_getattr)},
    {Py_tp_setattro, TM_PY_SLOT(tm_py_follower_setattr)},
    {Py_tp_repr, TM_PY_SLOT(tm_py_follower_repr)},
    {Py_tp_getset, tm_py_follower_getset},
    {Py_tp_members, tm_py_follower_members},
    {Py_tp_methods, methods},
    {Py_am_aiter, TM_PY_SLOT(PyObject_SelfIter)},
    {Py_am_anext, TM_PY_SLOT(anext)},
    {0, NULL},
};

enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC };
PyType_Spec tm_py_async_generator_spec = {"tidemark.async_generator", sizeof(struct tm_py_follower), 0, FLAGS, slots};
PyType_Spec tm_py_async_generator_step_spec = {"tidemark.async_generator_step", sizeof(struct step), 0, FLAGS, step_slots};
