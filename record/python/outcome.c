/* How a call ended, by the exception that leaves it: cancelled and timed out are told from errors, of which type and message are
 * noted. Nothing here may change the exception, or fail. */
#include "record/python/python.h"

/* Exceptions that are no errors. A module that nobody has imported has raised none. */
static struct meaning {
    const char *module, *name;
    enum tm_rec_status status;
    PyObject *type; /* once it was found */
} meanings[] = {
    {"builtins", "GeneratorExit", TM_REC_CANCELLED, NULL},
    {"asyncio.exceptions", "CancelledError", TM_REC_CANCELLED, NULL},
    {"builtins", "TimeoutError", TM_REC_TIMEOUT, NULL},
#if PY_VERSION_HEX < 0x030B0000 /* since then they are the one above */
    {"asyncio.exceptions", "TimeoutError", TM_REC_TIMEOUT, NULL},
    {"concurrent.futures._base", "TimeoutError", TM_REC_TIMEOUT, NULL},
    {"socket", "timeout", TM_REC_TIMEOUT, NULL},
#endif
};

static PyObject *type_of(struct meaning *meaning)
{
    if (meaning->type)
        return meaning->type;
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *module = PyDict_GetItemString(modules, meaning->module);
    if (module)
        meaning->type = PyObject_GetAttrString(module, meaning->name);
    PyErr_Clear();
    return meaning->type;
}

/* As a traceback names it: with the module, unless that is the language's own or the program's. NULL, without an exception, if it
 * cannot be told. */
static PyObject *type_name(PyObject *type)
{
    PyObject *name = PyObject_GetAttr(type, tm_py.names.qualname), *module = PyObject_GetAttr(type, tm_py.names.module);
    PyObject *whole = name;
    if (name && module && PyUnicode_Check(module) && PyUnicode_CompareWithASCIIString(module, "builtins") != 0 &&
        PyUnicode_CompareWithASCIIString(module, "__main__") != 0) {
        whole = PyUnicode_FromFormat("%U.%S", module, name);
        Py_DECREF(name);
    }
    Py_XDECREF(module);
    PyErr_Clear();
    return whole;
}

/* Of `text`, whatever is in it; NULL, without an exception, if there is none. */
static PyObject *bytes_of(PyObject *text)
{
    PyObject *bytes = text && PyUnicode_Check(text) ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
    PyErr_Clear();
    return bytes;
}

static void note(struct tm_rec_call *call, PyObject *exception)
{
    PyObject *name = type_name((PyObject *)Py_TYPE(exception)), *name_bytes = bytes_of(name);
    PyObject *text = PyObject_Str(exception), *bytes = bytes_of(text);
    tm_rec_error(call, name_bytes ? PyBytes_AS_STRING(name_bytes) : Py_TYPE(exception)->tp_name,
                 bytes ? PyBytes_AS_STRING(bytes) : "");
    Py_XDECREF(bytes);
    Py_XDECREF(text);
    Py_XDECREF(name_bytes);
    Py_XDECREF(name);
}

enum tm_rec_status tm_py_outcome(struct tm_rec_call *call)
{
    PyObject *exception = PyErr_GetRaisedException();
    enum tm_rec_status status = TM_REC_ERROR;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings && status == TM_REC_ERROR; i++) {
        PyObject *type = type_of(&meanings[i]);
        if (type && PyErr_GivenExceptionMatches(exception, type))
            status = meanings[i].status;
    }
    if (status == TM_REC_ERROR && call->plugin)
        note(call, exception);
    PyErr_Clear();
    PyErr_SetRaisedException(exception);
    return status;
}
