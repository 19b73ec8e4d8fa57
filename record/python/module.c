/* tidemark: records what the plugins of a Python program cost. docs/python.md says how it is used. */
#include "record/python/module.h"

PyObject *tm_py_error, *tm_py_partial;
static PyObject *published; /* a dict */

static PyMethodDef functions[] = {
    {"start", TM_PY_METHOD(tm_py_start), METH_VARARGS | METH_KEYWORDS, tm_py_start_doc},
    {"stop", tm_py_stop, METH_NOARGS,
     "stop()\n--\n\nEnds recording and forgets what was not flushed. Calls under way are not counted."},
    {"enabled", tm_py_enabled, METH_NOARGS, "enabled()\n--\n\nIs recording on?"},
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

static int make_names(void)
{
    const struct {
        PyObject **name;
        const char *text;
    } all[] = {
        {&tm_py_names.send, "send"},          {&tm_py_names.throw_, "throw"},          {&tm_py_names.close, "close"},
        {&tm_py_names.asend, "asend"},        {&tm_py_names.athrow, "athrow"},         {&tm_py_names.aclose, "aclose"},
        {&tm_py_names.class_, "__class__"},   {&tm_py_names.qualname, "__qualname__"}, {&tm_py_names.gi_code, "gi_code"},
        {&tm_py_names.cr_await, "cr_await"},  {&tm_py_names.module, "__module__"},     {&tm_py_names.code, "__code__"},
        {&tm_py_names.doc, "__doc__"},        {&tm_py_names.wrapped, "__wrapped__"},   {&tm_py_names.signature, "__signature__"},
        {&tm_py_names.co_flags, "co_flags"},  {&tm_py_names.call, "__call__"},         {&tm_py_names.frame[0], "cr_frame"},
        {&tm_py_names.frame[1], "gi_frame"},  {&tm_py_names.frame[2], "ag_frame"},     {&tm_py_names.func, "func"},
        {&tm_py_names.register_, "register"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!*all[i].name && !(*all[i].name = PyUnicode_InternFromString(all[i].text)))
            return -1;
    return 0;
}

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

PyTypeObject *tm_py_type(PyObject *module, PyType_Spec *spec)
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

int tm_py_publish(const char *name, PyObject *object)
{
    int result = object ? PyDict_SetItemString(published, name, object) : -1;
    Py_XDECREF(object);
    return result;
}

static int make_common(void)
{
    PyObject *functools = PyImport_ImportModule("functools");
    tm_py_partial = functools ? PyObject_GetAttrString(functools, "partial") : NULL;
    Py_XDECREF(functools);
    published = PyDict_New();
    if (!tm_py_partial || !published)
        return -1;
    tm_py_error = PyErr_NewExceptionWithDoc("tidemark.Error", "Recording, or writing what was recorded, has failed.",
                                            PyExc_RuntimeError, NULL);
    return tm_py_publish("Error", Py_XNewRef(tm_py_error)) == 0 ? make_names() : -1;
}

/* Once for the process: what is made here stays when the module is imported a second time. */
static int make_all(PyObject *module)
{
    int (*const parts[])(PyObject *) = {tm_py_follow_init,      tm_py_asyncgen_init, tm_py_wrapper_init,
                                        tm_py_bind_init,        tm_py_tasks_init,    tm_py_loader_init,
                                        tm_py_profile_run_init, tm_py_ready_init,    register_exit};
    if (make_common() != 0)
        return -1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i](module) != 0)
            return -1;
    return 0;
}

static int execute(PyObject *module)
{
    static bool made;
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0)
        return PyErr_SetString(PyExc_ImportError, "tidemark works in the main interpreter only: a process has one recorder"), -1;
    if (!made && make_all(module) != 0)
        return -1;
    made = true;
    return PyDict_Update(PyModule_GetDict(module), published) == 0 ? PyModule_AddStringConstant(module, "__version__", TM_VERSION)
                                                                   : -1;
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
