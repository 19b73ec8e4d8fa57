/* What Python calls, and what module.c makes of it. Functions of the module take and return what Python's method table says. */
#ifndef TM_RECORD_PYTHON_MODULE_H
#define TM_RECORD_PYTHON_MODULE_H

#include "record/python/python.h"

extern const char tm_py_start_doc[], tm_py_flush_csv_doc[], tm_py_flush_store_doc[], tm_py_wrap_doc[], tm_py_bind_doc[],
    tm_py_follow_tasks_doc[];

PyObject *tm_py_start(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *tm_py_stop(PyObject *module, PyObject *unused);
PyObject *tm_py_info(PyObject *module, PyObject *unused);
PyObject *tm_py_current_span(PyObject *module, PyObject *unused);
PyObject *tm_py_enabled(PyObject *module, PyObject *unused);
PyObject *tm_py_leave_interpreter(PyObject *module, PyObject *unused);
PyObject *tm_py_snapshot(PyObject *module, PyObject *unused);
PyObject *tm_py_spikes(PyObject *module, PyObject *unused);
PyObject *tm_py_flush_csv(PyObject *module, PyObject *path);
PyObject *tm_py_flush_store(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *tm_py_wrap_method(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *tm_py_bind(PyObject *module, PyObject *fn);
PyObject *tm_py_follow_tasks(PyObject *module, PyObject *arguments, PyObject *keywords);

/* The types that module.c makes. */
extern PyType_Spec tm_py_coroutine_spec, tm_py_generator_spec, tm_py_awaitable_generator_spec, tm_py_iterator_spec,
    tm_py_async_generator_spec, tm_py_async_generator_step_spec, tm_py_plugin_spec, tm_py_plugin_method_spec, tm_py_bound_spec,
    tm_py_task_factory_spec, tm_py_ready_spec, tm_py_loader_spec, tm_py_profile_run_spec, tm_py_call_spec;

#endif
