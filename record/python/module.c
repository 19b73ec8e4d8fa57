/* tidemark: records what the plugins of a Python program cost; docs/python.md says how it is used. This is the top: the table of
 * what Python calls, and the making of all types, which the parts find in tm_py (state.c). */
#include "record/python/module.h"

static PyObject *published; /* a dict of what lasts, for every import of the module */

/* Names that the package has in Python, found when they are asked for. A module that was copied alone has none of them. */
static PyObject *get_attribute(PyObject *module, PyObject *name)
{
    static const char *const names[] = {
        "instrument_object", "instrument_pluggy", "instrument_module", "instrument_entry_points", "instrument", "wsgi", "asgi",
        "follow_threads"};
    PyObject *hosts = NULL, *found = NULL;
    (void)module;
    for (size_t i = 0; i < sizeof names / sizeof *names && !hosts; i++)
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0 && !(hosts = PyImport_ImportModule("tidemark.hosts")) &&
            !PyErr_ExceptionMatches(PyExc_ModuleNotFoundError))
            return NULL;
    PyErr_Clear();
    if (hosts)
        found = PyObject_GetAttr(hosts, name);
    else
        PyErr_Format(PyExc_AttributeError, "module 'tidemark' has no attribute '%U'", name);
    Py_XDECREF(hosts);
    return found;
}

/* TIDEMARK_OUT, TIDEMARK_INSTRUMENT: the program is recorded as it is. 0 or -1 */
static int follow_environment(void)
{
    const char *out = getenv("TIDEMARK_OUT"), *instrument = getenv("TIDEMARK_INSTRUMENT");
    if (!(out && *out) && !(instrument && *instrument))
        return 0;
    PyObject *hosts = PyImport_ImportModule("tidemark.hosts");
    PyObject *done = hosts ? PyObject_CallMethod(hosts, "from_environment", NULL) : NULL;
    Py_XDECREF(done);
    Py_XDECREF(hosts);
    return done ? 0 : -1;
}

static PyMethodDef functions[] = {
    {"__getattr__", get_attribute, METH_O, NULL},
    {"start", TM_PY_METHOD(tm_py_start), METH_VARARGS | METH_KEYWORDS, tm_py_start_doc},
    {"stop", tm_py_stop, METH_NOARGS,
     "stop()\n--\n\nEnds recording and forgets what was not flushed. Calls under way are not counted."},
    {"enabled", tm_py_enabled, METH_NOARGS, "enabled()\n--\n\nIs recording on?"},
    {"info", tm_py_info, METH_NOARGS,
     "info()\n--\n\nHow it is measured here, as a dict: clock ('rseq' is the fast one) and why_not_rseq, a few words or ''; "
     "drift_ppm of\n"
     "the wall clock since the start; version; on."},
    {"current_span", tm_py_current_span, METH_NOARGS,
     "current_span()\n--\n\nThe span of the plugin call under way here, as a W3C traceparent to hand on, or None: it has none."},
    {"snapshot", tm_py_snapshot, METH_NOARGS,
     "snapshot()\n--\n\nWhat has been recorded since the start or the last flush: a list of dicts, one a plugin, by name."},
    {"spikes", tm_py_spikes, METH_NOARGS, "spikes()\n--\n\nThe CPU spikes since the start or the last flush: a list of dicts."},
    {"flush_csv", tm_py_flush_csv, METH_O, tm_py_flush_csv_doc},
    {"flush_store", TM_PY_METHOD(tm_py_flush_store), METH_VARARGS | METH_KEYWORDS, tm_py_flush_store_doc},
    {"wrap", TM_PY_METHOD(tm_py_wrap_method), METH_VARARGS | METH_KEYWORDS, tm_py_wrap_doc},
    {"bind", tm_py_bind, METH_O, tm_py_bind_doc},
    {"follow_tasks", TM_PY_METHOD(tm_py_follow_tasks), METH_VARARGS | METH_KEYWORDS, tm_py_follow_tasks_doc},
    {"_leave_interpreter", tm_py_leave_interpreter, METH_NOARGS, NULL},
    {0},
};

/* atexit.register(_leave_interpreter) */
static int register_exit(PyObject *module)
{
    PyObject *atexit = PyImport_ImportModule("atexit"), *leave = PyObject_GetAttrString(module, "_leave_interpreter");
    PyObject *result = atexit && leave ? PyObject_CallMethod(atexit, "register", "O", leave) : NULL;
    Py_XDECREF(result);
    Py_XDECREF(leave);
    Py_XDECREF(atexit);
    return result ? 0 : -1;
}

/* A type that only C makes objects of. */
static PyTypeObject *make_type(PyObject *module, PyType_Spec *spec)
{
#if PY_VERSION_HEX >= 0x030A0000
    spec->flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
#endif
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
#if PY_VERSION_HEX < 0x030A0000
    if (type)
        type->tp_new = NULL;
#endif
    return type;
}

static int make_types(PyObject *module)
{
    const struct {
        PyTypeObject **type;
        PyType_Spec *spec;
    } all[] = {
        {&tm_py.types.coroutine, &tm_py_coroutine_spec},
        {&tm_py.types.generator, &tm_py_generator_spec},
        {&tm_py.types.awaitable_generator, &tm_py_awaitable_generator_spec},
        {&tm_py.types.iterator, &tm_py_iterator_spec},
        {&tm_py.types.async_generator, &tm_py_async_generator_spec},
        {&tm_py.types.async_generator_step, &tm_py_async_generator_step_spec},
        {&tm_py.types.plugin, &tm_py_plugin_spec},
        {&tm_py.types.plugin_method, &tm_py_plugin_method_spec},
        {&tm_py.types.bound, &tm_py_bound_spec},
        {&tm_py.types.task_factory, &tm_py_task_factory_spec},
        {&tm_py.types.ready, &tm_py_ready_spec},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!*all[i].type && !(*all[i].type = make_type(module, all[i].spec)))
            return -1;
    return 0;
}

/* The module will have it under that name. Takes the reference of object, which may be NULL with an exception. */
static int publish(const char *name, PyObject *object)
{
    int result = object ? PyDict_SetItemString(published, name, object) : -1;
    Py_XDECREF(object);
    return result;
}

/* Once for the process: what is made here stays when the module is imported a second time. */
static int make_all(PyObject *module)
{
    if (tm_py_state_make() != 0 || make_types(module) != 0 || (!published && !(published = PyDict_New())))
        return -1;
    if (publish("Error", Py_NewRef(tm_py.error)) != 0 || publish("UnknownPlugin", Py_NewRef(tm_py.unknown_plugin)) != 0 ||
        publish("PluginLoader", PyType_FromModuleAndSpec(module, &tm_py_loader_spec, NULL)) != 0 ||
        publish("call", PyType_FromModuleAndSpec(module, &tm_py_call_spec, NULL)) != 0 ||
        publish("profile_run", PyType_FromModuleAndSpec(module, &tm_py_profile_run_spec, NULL)) != 0)
        return -1;
    return register_exit(module);
}

static int execute(PyObject *module)
{
    static bool made;
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0)
        return PyErr_SetString(PyExc_ImportError, "tidemark works in the main interpreter only: a process has one recorder"), -1;
    if (!made && make_all(module) != 0)
        return -1;
    bool first = !made;
    made = true;
    if (PyDict_Update(PyModule_GetDict(module), published) != 0 ||
        PyModule_AddStringConstant(module, "__version__", TM_VERSION) != 0)
        return -1;
    return first ? follow_environment() : 0;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, TM_PY_SLOT(execute)},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tidemark",
    .m_doc = "Records what the plugins of a program cost: time, CPU, waiting, memory, errors.",
    .m_methods = functions,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit_tidemark(void);

PyMODINIT_FUNC PyInit_tidemark(void)
{
    return PyModuleDef_Init(&definition);
}
