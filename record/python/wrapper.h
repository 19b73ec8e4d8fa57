/* The callable that stands for a plugin's: everything about it is the plugin's own, except that calls are recorded. */
#ifndef TM_RECORD_PYTHON_WRAPPER_H
#define TM_RECORD_PYTHON_WRAPPER_H

#include "record/python/python.h"

struct tm_py_wrapper {
    PyObject_HEAD
    PyObject *callee, *name, *version, *dict, *weak;
    vectorcallfunc vectorcall;
    tm_rec_plugin *plugin;
    uint32_t session; /* that plugin is of */
    bool tracemalloc;
    bool stepwise; /* tm_py_is_stepwise of what it wraps */
};

static inline bool tm_py_is_wrapper(const PyObject *object)
{
    return Py_TYPE(object) == tm_py.types.plugin || Py_TYPE(object) == tm_py.types.plugin_method;
}

/* kinds.c: does nothing of a call run before the first step of what it returns? 1, 0, or -1 with a MemoryError. */
int tm_py_is_stepwise(PyObject *fn);

/* looks.c: slots that make a wrapper look like what is wrapped */
PyObject *tm_py_wrapper_getattr(PyObject *self, PyObject *name);
PyObject *tm_py_wrapper_repr(PyObject *self);
PyObject *tm_py_wrapper_reduce(PyObject *self, PyObject *unused);
PyObject *tm_py_wrapper_class(PyObject *self, void *closure);

#endif
