/* An awaitable that is ready: what __aenter__ and __aexit__ return, which have nothing to wait for. */
#include "record/python/module.h"
#include "record/python/step.h"

struct ready {
    PyObject_HEAD
    PyObject *value;
};

PyObject *tm_py_ready(PyObject *value)
{
    struct ready *ready = PyObject_New(struct ready, tm_py.types.ready);
    if (ready)
        ready->value = value;
    else
        Py_DECREF(value);
    return (PyObject *)ready;
}

static PyObject *ready_next(PyObject *self)
{
    return tm_py_as_next(PYGEN_RETURN, Py_NewRef(((struct ready *)self)->value));
}

static void ready_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_DECREF(((struct ready *)self)->value);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyType_Slot ready_slots[] = {
    {Py_am_await, TM_PY_SLOT(PyObject_SelfIter)},
    {Py_tp_iter, TM_PY_SLOT(PyObject_SelfIter)},
    {Py_tp_iternext, TM_PY_SLOT(ready_next)},
    {Py_tp_dealloc, TM_PY_SLOT(ready_dealloc)},
    {0, NULL},
};

PyType_Spec tm_py_ready_spec = {"tidemark.ready", sizeof(struct ready), 0, Py_TPFLAGS_DEFAULT, ready_slots};
