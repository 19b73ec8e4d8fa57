/* What kind of callable a plugin is. */
#include "record/python/wrapper.h"

/* The one inside that decides the kind; NULL, without an exception, if `fn` itself does. */
static PyObject *inside(PyObject *fn)
{
    PyObject *inner = NULL;
    if (PyMethod_Check(fn))
        inner = Py_NewRef(PyMethod_GET_FUNCTION(fn));
    else if (PyObject_IsInstance(fn, tm_py_partial) > 0)
        inner = PyObject_GetAttr(fn, tm_py_names.func);
    else if (!PyFunction_Check(fn) && !PyType_Check(fn)) {
        inner = PyObject_GetAttr((PyObject *)Py_TYPE(fn), tm_py_names.call);
        if (inner && !PyFunction_Check(inner))
            Py_CLEAR(inner);
    }
    PyErr_Clear();
    return inner;
}

static bool is_stepwise_code(PyObject *fn)
{
    PyObject *code = PyObject_GetAttr(fn, tm_py_names.code);
    PyObject *flags = code ? PyObject_GetAttr(code, tm_py_names.co_flags) : NULL;
    long known = flags ? PyLong_AsLong(flags) : 0;
    PyErr_Clear();
    Py_XDECREF(flags);
    Py_XDECREF(code);
    return known > 0 && (known & (CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR));
}

bool tm_py_is_stepwise(PyObject *fn)
{
    PyObject *at = Py_NewRef(fn);
    for (int depth = 0; depth < 100 && !tm_py_is_wrapper(at); depth++) {
        PyObject *inner = inside(at);
        if (!inner)
            break;
        Py_DECREF(at);
        at = inner;
    }
    bool is = tm_py_is_wrapper(at) ? tm_py_wraps_stepwise(at) : is_stepwise_code(at);
    Py_DECREF(at);
    return is;
}
