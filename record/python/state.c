/* What the extension's parts share. It calls none of them, so that all of them may use it; the types are put into it by module.c.
 */
#include "record/python/python.h"

struct tm_py_state tm_py = {.session = 1};

_Thread_local uint32_t tm_py_loops_seen;

static int make_names(void)
{
    const struct {
        PyObject **name;
        const char *text;
    } all[] = {
        {&tm_py.names.send, "send"},
        {&tm_py.names.throw_, "throw"},
        {&tm_py.names.close, "close"},
        {&tm_py.names.asend, "asend"},
        {&tm_py.names.athrow, "athrow"},
        {&tm_py.names.aclose, "aclose"},
        {&tm_py.names.class_, "__class__"},
        {&tm_py.names.qualname, "__qualname__"},
        {&tm_py.names.gi_code, "gi_code"},
        {&tm_py.names.cr_await, "cr_await"},
        {&tm_py.names.module, "__module__"},
        {&tm_py.names.code, "__code__"},
        {&tm_py.names.doc, "__doc__"},
        {&tm_py.names.wrapped, "__wrapped__"},
        {&tm_py.names.signature, "__signature__"},
        {&tm_py.names.co_flags, "co_flags"},
        {&tm_py.names.call, "__call__"},
        {&tm_py.names.frame[0], "cr_frame"},
        {&tm_py.names.frame[1], "gi_frame"},
        {&tm_py.names.frame[2], "ag_frame"},
        {&tm_py.names.func, "func"},
        {&tm_py.names.register_, "register"},
        {&tm_py.names.asyncio_events, "asyncio.events"},
        {&tm_py.names.loop, "loop"},
        {&tm_py.names.task, "Task"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!*all[i].name && !(*all[i].name = PyUnicode_InternFromString(all[i].text)))
            return -1;
    return 0;
}

/* KeyError shows its argument's repr; this one shows the message. */
static PyObject *make_unknown_plugin(void)
{
    PyObject *str = PyObject_GetAttrString(PyExc_Exception, "__str__"), *dict = str ? Py_BuildValue("{s:O}", "__str__", str) : NULL;
    PyObject *exception =
        dict ? PyErr_NewExceptionWithDoc("tidemark.UnknownPlugin", "No plugin of that name is registered.", PyExc_KeyError, dict)
             : NULL;
    Py_XDECREF(dict);
    Py_XDECREF(str);
    return exception;
}

int tm_py_state_make(void)
{
    PyObject *functools = tm_py.partial ? NULL : PyImport_ImportModule("functools");
    if (functools)
        tm_py.partial = PyObject_GetAttrString(functools, "partial");
    Py_XDECREF(functools);
    if (!tm_py.error)
        tm_py.error = PyErr_NewExceptionWithDoc("tidemark.Error", "Recording, or writing what was recorded, has failed.",
                                                PyExc_RuntimeError, NULL);
    if (!tm_py.unknown_plugin)
        tm_py.unknown_plugin = make_unknown_plugin();
    return tm_py.partial && tm_py.error && tm_py.unknown_plugin ? make_names() : -1;
}

int tm_py_dict_get(PyObject *dict, const char *key, PyObject **value)
{
    PyObject *name = PyUnicode_FromString(key);
    *value = name ? PyDict_GetItemWithError(dict, name) : NULL;
    Py_XDECREF(name);
    return *value ? 1 : PyErr_Occurred() ? -1 : 0;
}

/* Whatever else an attribute's getter raises is as good as no attribute. */
int tm_py_code_has(PyObject *owner, PyObject *name, long flags)
{
    PyObject *code = PyObject_GetAttr(owner, name);
    PyObject *number = code ? PyObject_GetAttr(code, tm_py.names.co_flags) : NULL;
    long known = number ? PyLong_AsLong(number) : 0;
    Py_XDECREF(number);
    Py_XDECREF(code);
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_MemoryError))
        return -1;
    PyErr_Clear();
    return known > 0 && (known & flags);
}
