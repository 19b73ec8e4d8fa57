/* Names that a Python program gives, as the recorder takes them: what is wrong with one is told here, before there is a recording
 * to refuse it. */
#include "record/python/python.h"

#include "schema/valid.h"

/* fault_of: as tm_plugin_name_fault; `what` goes before what is wrong. */
static const char *checked(PyObject *text, const char *what, const char *(*fault_of)(const char *, size_t))
{
    if (!PyUnicode_Check(text))
        return PyErr_Format(PyExc_TypeError, "%s must be a str, not '%.200s'", what, Py_TYPE(text)->tp_name), NULL;
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (!utf8 && PyErr_ExceptionMatches(PyExc_MemoryError))
        return NULL;
    const char *fault = utf8 ? fault_of(utf8, (size_t)size) : "cannot be encoded in UTF-8";
    if (!fault)
        return utf8;
    PyErr_Clear();
    PyErr_Format(PyExc_ValueError, "%s %.80A %s", what, text, fault);
    return NULL;
}

const char *tm_py_plugin_name(PyObject *name)
{
    return checked(name, "plugin name", tm_plugin_name_fault);
}

const char *tm_py_version_name(PyObject *version)
{
    return checked(version, "version", tm_name_fault);
}
