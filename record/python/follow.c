/* Followers of coroutines and generators: each stands for the one it follows, passes every step on, and tells the recorder when one
 * begins and ends. What may be followed is decided here, also for asynchronous generators (asyncgen.c). */
#include <string.h>

#include "record/python/module.h"
#include "record/python/step.h"

static struct tm_py_follower *follower_of(PyObject *self)
{
    return (struct tm_py_follower *)self;
}

static PySendResult step(PyObject *self, PyObject *value, PyObject **result)
{
    bool recorded = tm_py_enter(follower_of(self));
    PySendResult how = tm_py_send(follower_of(self)->inner, value, result);
    if (recorded)
        tm_py_leave(follower_of(self), how);
    return how;
}

static PyObject *next_value(PyObject *self)
{
    PyObject *result = NULL;
    PySendResult how = step(self, Py_None, &result);
    return tm_py_as_next(how, result);
}

/* Here a return without a value has to be told from an exception, so it raises. */
static PyObject *send(PyObject *self, PyObject *value)
{
    PyObject *result = NULL;
    PySendResult how = step(self, value, &result);
    bool bare = how == PYGEN_RETURN && result == Py_None;
    result = tm_py_as_next(how, result);
    if (bare)
        PyErr_SetNone(PyExc_StopIteration);
    return result;
}

static PyObject *throw_(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    bool recorded = tm_py_enter(follower_of(self));
    PyObject *result = tm_py_call_method(follower_of(self)->inner, tm_py.names.throw_, arguments, count);
    if (recorded)
        tm_py_leave(follower_of(self), tm_py_how(result));
    return result;
}

/* One that has not begun is closed without ever having been a call. */
static PyObject *close_(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct tm_py_follower *follower = follower_of(self);
    bool recorded = follower->state != TM_PY_NEW && tm_py_enter(follower);
    PyObject *result = tm_py_call_method(follower->inner, tm_py.names.close, NULL, 0);
    if (recorded && result)
        tm_py_end(follower, TM_REC_CANCELLED);
    else if (recorded)
        tm_py_leave(follower, PYGEN_ERROR);
    else if (follower->state == TM_PY_NEW)
        follower->state = TM_PY_OVER;
    return result;
}

/* A coroutine that somebody awaits already must not be stepped by a second one. */
static PyObject *await(PyObject *self)
{
    struct tm_py_follower *follower = follower_of(self);
    if (follower->state == TM_PY_WAITING) {
        PyObject *awaited = PyObject_GetAttr(follower->inner, tm_py.names.cr_await);
        if (awaited && awaited != Py_None)
            PyErr_SetString(PyExc_RuntimeError, "coroutine is being awaited already");
        bool clash = awaited && awaited != Py_None;
        Py_XDECREF(awaited);
        if (clash)
            return NULL;
        PyErr_Clear();
    }
    return Py_NewRef(self);
}

static PyMethodDef methods[] = {
    {"send", send, METH_O, NULL},
    {"throw", TM_PY_METHOD(throw_), METH_FASTCALL, NULL},
    {"close", close_, METH_NOARGS, NULL},
    {0},
};

/* What goes on by next() alone: its work is done there. */
static PyObject *repr_of_iterator(PyObject *self)
{
    return PyObject_Repr(follower_of(self)->inner);
}

#define COMMON                                                                                                                     \
    {Py_tp_traverse, TM_PY_SLOT(tm_py_follower_traverse)}, {Py_tp_clear, TM_PY_SLOT(tm_py_follower_clear)},                        \
        {Py_tp_dealloc, TM_PY_SLOT(tm_py_follower_dealloc)}, {Py_tp_getattro, TM_PY_SLOT(tm_py_follower_getattr)},                 \
        {Py_tp_setattro, TM_PY_SLOT(tm_py_follower_setattr)}, {Py_tp_getset, tm_py_follower_getset},                               \
        {Py_tp_members, tm_py_follower_members},                                                                                   \
    {                                                                                                                              \
        Py_tp_iternext, TM_PY_SLOT(next_value)                                                                                     \
    }
#define SENT_TO COMMON, {Py_tp_repr, TM_PY_SLOT(tm_py_follower_repr)}, {Py_tp_methods, methods}, COMMON_SEND
#if PY_VERSION_HEX >= 0x030A0000
#define COMMON_SEND                                                                                                                \
    {                                                                                                                              \
        Py_am_send, TM_PY_SLOT(step)                                                                                               \
    }
#else
#define COMMON_SEND                                                                                                                \
    {                                                                                                                              \
        0, NULL                                                                                                                    \
    }
#endif

static PyType_Slot coroutine_slots[] = {{Py_am_await, TM_PY_SLOT(await)}, SENT_TO, {0, NULL}};
static PyType_Slot generator_slots[] = {{Py_tp_iter, TM_PY_SLOT(PyObject_SelfIter)}, SENT_TO, {0, NULL}};
static PyType_Slot awaitable_generator_slots[] = {
    {Py_tp_iter, TM_PY_SLOT(PyObject_SelfIter)}, {Py_am_await, TM_PY_SLOT(await)}, SENT_TO, {0, NULL}};
static PyType_Slot iterator_slots[] = {
    {Py_tp_iter, TM_PY_SLOT(PyObject_SelfIter)}, {Py_tp_repr, TM_PY_SLOT(repr_of_iterator)}, COMMON, {0, NULL}};

enum { SIZE = sizeof(struct tm_py_follower), FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC };
PyType_Spec tm_py_coroutine_spec = {"tidemark.coroutine", SIZE, 0, FLAGS, coroutine_slots};
PyType_Spec tm_py_generator_spec = {"tidemark.generator", SIZE, 0, FLAGS, generator_slots};
PyType_Spec tm_py_awaitable_generator_spec = {"tidemark.awaitable_generator", SIZE, 0, FLAGS, awaitable_generator_slots};
PyType_Spec tm_py_iterator_spec = {"tidemark.iterator", SIZE, 0, FLAGS, iterator_slots};

/* A coroutine of another make, or a follower: what can be awaited and sent to. */
static bool acts_as_coroutine(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    return type->tp_as_async && type->tp_as_async->am_await && PyObject_HasAttr((PyObject *)type, tm_py.names.send);
}

/* The language's own iterators, which call the plugin's functions while they are iterated. Of another class it is not known what
 * else is done with its objects. */
static bool is_lazy(const PyTypeObject *type)
{
    static const char own[] = "itertools.";
    return type->tp_iternext && (type == &PyMap_Type || type == &PyFilter_Type || type == &PyZip_Type || type == &PyEnum_Type ||
                                 (strncmp(type->tp_name, own, sizeof own - 1) == 0 && type->tp_name[sizeof own - 1] != '_'));
}

/* NULL: it is not to be followed, or with a MemoryError. Generators made awaitable by types.coroutine() are both. */
static PyTypeObject *follower_type(PyObject *inner)
{
    if (PyCoro_CheckExact(inner))
        return tm_py.types.coroutine;
    if (PyGen_CheckExact(inner)) {
        int awaitable = tm_py_code_has(inner, tm_py.names.gi_code, CO_ITERABLE_COROUTINE);
        return awaitable < 0 ? NULL : awaitable ? tm_py.types.awaitable_generator : tm_py.types.generator;
    }
    if (PyAsyncGen_CheckExact(inner))
        return tm_py.types.async_generator;
    PyTypeObject *type = Py_TYPE(inner);
    if (type == tm_py.types.generator || type == tm_py.types.awaitable_generator || type == tm_py.types.async_generator ||
        type == tm_py.types.iterator)
        return type;
    if (is_lazy(type))
        return tm_py.types.iterator;
    return acts_as_coroutine(inner) ? tm_py.types.coroutine : NULL;
}

bool tm_py_followed(PyObject *result)
{
    bool followed = follower_type(result) || PyErr_Occurred();
    PyErr_Clear(); /* tm_py_follow meets it again */
    return followed;
}

/* Takes the reference of inner, also where it fails. */
static struct tm_py_follower *new_follower(PyObject *inner, tm_rec_plugin *plugin)
{
    PyTypeObject *type = follower_type(inner);
    struct tm_py_follower *follower = type ? PyObject_GC_New(struct tm_py_follower, type) : NULL;
    if (!follower)
        return Py_DECREF(inner), NULL;
    follower->inner = inner;
    follower->weak = NULL;
    follower->plugin = plugin;
    follower->session = tm_py.session;
    follower->state = TM_PY_NEW;
    follower->helper = false;
    PyObject_GC_Track(follower);
    return follower;
}

/* begun: the call that the first step belongs to; it ends here where there is no follower to go
 * on with it. */
PyObject *tm_py_follow(PyObject *inner, tm_rec_plugin *plugin, struct tm_rec_call *begun)
{
    struct tm_py_follower *follower = new_follower(inner, plugin);
    if (begun && !follower)
        tm_rec_end(begun, TM_REC_ERROR);
    if (begun && follower) {
        follower->call = *begun;
        follower->state = TM_PY_WAITING;
    }
    return (PyObject *)follower;
}

/* Its steps are a helper's, of the call that it works for. */
PyObject *tm_py_follow_for(PyObject *inner, const struct tm_rec_call *call)
{
    struct tm_py_follower *follower = new_follower(inner, call->plugin);
    if (follower) {
        follower->helper = true;
        follower->helped = call->generation;
        memcpy(follower->trace, call->trace, sizeof follower->trace);
        follower->call.plugin = NULL;
    }
    return (PyObject *)follower;
}
