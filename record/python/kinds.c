/* What kind of callable a plugin is: does a call run it, or only make what then runs step by step? Methods, partials and objects
 * with a
 * __call__ are as what is inside them. */
#include "record/python/wrapper.h"

/* The one inside that decides the kind; NULL: `fn` itself does, or with a MemoryError. */
static PyObject *inside(PyObject *fn)
{
    PyObject *inner = NULL;
    if (PyMethod_Check(fn))
        inner = Py_NewRef(PyMethod_GET_FUNCTION(fn));
    else if (PyObject_IsInstance(fn, tm_py.partial) > 0)
        inner = PyObject_GetAttr(fn, tm_py.names.func);
    else if (!PyFunction_Check(fn) && !PyType_Check(fn)) {
        inner = PyObject_GetAttr((PyObject *)Py_TYPE(fn), tm_py.names.call);
        if (inner && !PyFunction_Check(inner))
            Py_CLEAR(inner);
    }
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_MemoryError))
        PyErr_Clear();
    return inner;
}

/* What is this deep inside partials and callables goes for a plain function; so does a chain of objects that never ends. */
enum { DEEPEST = 100 };

int tm_py_is_stepwise(PyObject *fn)
{
    PyObject *at = Py_NewRef(fn), *inner = NULL;
    for (int depth = 0; depth < DEEPEST && !tm_py_is_wrapper(at) && (inner = inside(at)); depth++)
        Py_SETREF(at, inner);
    int result = -1;
    if (!PyErr_Occurred())
        result = tm_py_is_wrapper(at) ? ((struct tm_py_wrapper *)at)->stepwise
                                      : tm_py_code_has(at, tm_py.names.code, CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR);
    Py_DECREF(at);
    return result;
}
