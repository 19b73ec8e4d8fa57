/* How a call ended, by the exception that leaves it: what is control flow, cancelled or timed out is told from errors, of which
 * type and message are noted. Nothing here may change the exception, or fail. */
#include <string.h>

#include "record/python/python.h"

/* Exceptions that are no errors, or a kind of their own. A module that nobody has imported has raised none. */
static struct meaning {
    const char *module, *name;
    enum tm_rec_status status;
    PyObject *type; /* once it was found */
} meanings[] = {
    {"builtins", "GeneratorExit", TM_REC_CANCELLED, NULL},
    {"asyncio.exceptions", "CancelledError", TM_REC_CANCELLED, NULL},
    {"builtins", "KeyboardInterrupt", TM_REC_CANCELLED, NULL},
    {"trio", "Cancelled", TM_REC_CANCELLED, NULL},
    {"_pytest.outcomes", "Skipped", TM_REC_OK, NULL},
    {"unittest.case", "SkipTest", TM_REC_OK, NULL},
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

/* An attribute that is a whole number; -1, without an exception: there is none. None is 0. */
static long number_of(PyObject *object, const char *name)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    long number = value == Py_None ? 0 : value && PyLong_Check(value) ? PyLong_AsLong(value) : -1;
    Py_XDECREF(value);
    PyErr_Clear();
    return number;
}

/* Is the type of a package that answers requests? A client's exception may have the same name, and is a failure. */
static bool is_of_server(PyObject *type)
{
    static const char *const packages[] = {"aiohttp.", "django.",    "fastapi.", "litestar.",
                                           "pyramid.", "starlette.", "webob.",   "werkzeug."};
    PyObject *module = PyObject_GetAttr(type, tm_py.names.module);
    const char *name = module && PyUnicode_Check(module) ? PyUnicode_AsUTF8(module) : NULL;
    bool found = false;
    for (size_t i = 0; name && i < sizeof packages / sizeof *packages && !found; i++)
        found = strncmp(name, packages[i], strlen(packages[i])) == 0;
    Py_XDECREF(module);
    PyErr_Clear();
    return found;
}

/* A response that web frameworks raise: HTTPException of aiohttp, Starlette, Werkzeug and others and what is made of it, Django's
 * Http404. Below 500 it is an answer like any other. */
static bool is_response(PyObject *exception)
{
    PyObject *mro = Py_TYPE(exception)->tp_mro;
    for (Py_ssize_t i = 0; mro && i < PyTuple_GET_SIZE(mro); i++) {
        const char *name = ((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_name, *dot = strrchr(name, '.');
        name = dot ? dot + 1 : name;
        bool missing = strcmp(name, "Http404") == 0;
        if ((!missing && strcmp(name, "HTTPException") != 0) || !is_of_server(PyTuple_GET_ITEM(mro, i)))
            continue;
        if (missing)
            return true;
        long status = number_of(exception, "status_code");
        status = status >= 0 ? status : number_of(exception, "status");
        status = status >= 0 ? status : number_of(exception, "code");
        return status >= 100 && status < 500;
    }
    return false;
}

/* By what is known of exceptions. */
static enum tm_rec_status usual_status(PyObject *exception)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        PyObject *type = type_of(&meanings[i]);
        if (type && PyErr_GivenExceptionMatches(exception, type))
            return meanings[i].status;
    }
    if (PyErr_GivenExceptionMatches(exception, PyExc_SystemExit) && number_of(exception, "code") == 0)
        return TM_REC_OK;
    return is_response(exception) ? TM_REC_OK : TM_REC_ERROR;
}

/* What the host says is an error: types, or a function that is asked. 1, 0, or -1: it says nothing. */
static int said_error(PyObject *exception)
{
    PyObject *errors = tm_py.errors;
    if (!errors)
        return -1;
    if (PyType_Check(errors) || PyTuple_Check(errors))
        return PyErr_GivenExceptionMatches(exception, errors);
    Py_INCREF(errors); /* it may stop the recording */
    PyObject *answer = PyObject_CallOneArg(errors, exception);
    int result = !answer || answer == Py_None ? -1 : PyObject_IsTrue(answer);
    if (!answer || PyErr_Occurred())
        PyErr_WriteUnraisable(errors);
    Py_XDECREF(answer);
    Py_DECREF(errors);
    return result;
}

enum tm_rec_status tm_py_outcome(struct tm_rec_call *call)
{
    PyObject *exception = PyErr_GetRaisedException();
    enum tm_rec_status status = usual_status(exception);
    int said = status == TM_REC_CANCELLED ? -1 : said_error(exception);
    if (said == 0)
        status = TM_REC_OK;
    else if (said > 0 && status == TM_REC_OK)
        status = TM_REC_ERROR;
    if (status == TM_REC_ERROR && call->plugin)
        note(call, exception);
    PyErr_Clear();
    PyErr_SetRaisedException(exception);
    return status;
}
