/* What Python calls. */
#ifndef TM_RECORD_PYTHON_MODULE_H
#define TM_RECORD_PYTHON_MODULE_H

#include "record/python/python.h"

extern const char tm_py_start_doc[], tm_py_flush_csv_doc[], tm_py_flush_store_doc[], tm_py_wrap_doc[], tm_py_bind_doc[],
    tm_py_follow_tasks_doc[];

PyObject *tm_py_start(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *tm_py_stop(PyObject *module, PyObject *unused);
PyObject *tm_py_enabled(PyObject *module, PyObject *unused);
PyObject *tm_py_leave_interpreter(PyObject *module, PyObject *unused);
PyObject *tm_py_snapshot(PyObject *module, PyObject *unused);
PyObject *tm_py_spikes(PyObject *module, PyObject *unused);
PyObject *tm_py_flush_csv(PyObject *module, PyObject *path);
PyObject *tm_py_flush_store(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *tm_py_wrap_method(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *tm_py_bind(PyObject *module, PyObject *fn);
PyObject *tm_py_follow_tasks(PyObject *module, PyObject *arguments, PyObject *keywords);

int tm_py_asyncgen_init(PyObject *module);
int tm_py_bind_init(PyObject *module);
int tm_py_tasks_init(PyObject *module);
int tm_py_loader_init(PyObject *module);
int tm_py_profile_run_init(PyObject *module);
int tm_py_ready_init(PyObject *module);

#endif
