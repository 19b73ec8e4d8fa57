/* What makes a wrapper look like the plugin's own callable: attributes that it does not have itself are the plugin's, and so are
 * those that every object has (__module__, __doc__, __class__). */
#include "record/python/stack.h"
#include "record/python/wrapper.h"

static struct tm_py_wrapper *wrapper_of(PyObject *self)
{
    return (struct tm_py_wrapper *)self;
}

static bool same_name(PyObject *a, PyObject *b)
{
    return PyObject_RichCompareBool(a, b, Py_EQ) > 0;
}

/* Is it what the wrapper's type has an attribute of, which is not the plugin's? */
static bool is_hidden(PyObject *self, PyObject *name)
{
    PyObject *own = wrapper_of(self)->dict;
    return (same_name(name, tm_py.names.module) || same_name(name, tm_py.names.doc)) && !(own && PyDict_Contains(own, name) > 0);
}

/* inspect.signature() would look for a class's constructor in the wrapper's type. */
static PyObject *signature_of(PyObject *class)
{
    PyObject *inspect = PyImport_ImportModule("inspect"),
             *signature = inspect ? PyObject_CallMethod(inspect, "signature", "O", class) : NULL;
    Py_XDECREF(inspect);
    if (!signature && PyErr_ExceptionMatches(PyExc_ValueError))
        PyErr_Format(PyExc_AttributeError, "no signature");
    return signature;
}

/* What was set on the wrapper itself, and otherwise the plugin's. */
PyObject *tm_py_wrapper_getattr(PyObject *self, PyObject *name)
{
    PyObject *callee = wrapper_of(self)->callee;
    if (tm_py_stack_ends())
        return NULL;
    if (is_hidden(self, name))
        return PyObject_GetAttr(callee, name);
    PyObject *own = PyObject_GenericGetAttr(self, name);
    if (own || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return own;
    PyErr_Clear();
    if (same_name(name, tm_py.names.wrapped))
        return Py_NewRef(callee);
    return PyType_Check(callee) && same_name(name, tm_py.names.signature) ? signature_of(callee) : PyObject_GetAttr(callee, name);
}

PyObject *tm_py_wrapper_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<plugin %R: %R>", wrapper_of(self)->name, wrapper_of(self)->callee);
}

/* Is it what `module.qualname` names, as after a decorator? */
static bool is_global(const PyObject *self, PyObject *module_name, PyObject *qualname)
{
    PyObject *at = PyImport_GetModule(module_name), *parts = PyObject_CallMethod(qualname, "split", "s", ".");
    for (Py_ssize_t i = 0; at && parts && i < PyList_GET_SIZE(parts); i++) {
        PyObject *next = PyObject_GetAttr(at, PyList_GET_ITEM(parts, i));
        Py_DECREF(at);
        at = next;
    }
    bool same = parts && at == self;
    Py_XDECREF(parts);
    Py_XDECREF(at);
    PyErr_Clear();
    return same;
}

/* By its name where that leads to it, as functions are pickled; otherwise the plugin's callable is pickled and wrapped again. */
PyObject *tm_py_wrapper_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct tm_py_wrapper *wrapper = wrapper_of(self);
    PyObject *module = PyObject_GetAttr(self, tm_py.names.module), *qualname = PyObject_GetAttr(self, tm_py.names.qualname);
    PyErr_Clear();
    bool global = module && qualname && PyUnicode_Check(module) && PyUnicode_Check(qualname) && is_global(self, module, qualname);
    Py_XDECREF(module);
    if (global)
        return qualname;
    Py_XDECREF(qualname);
    PyObject *tidemark = PyImport_ImportModule("tidemark"), *wrap = tidemark ? PyObject_GetAttrString(tidemark, "wrap") : NULL;
    PyObject *how = wrap ? Py_BuildValue("O(OOOO)", wrap, wrapper->name, wrapper->callee,
                                         wrapper->version ? wrapper->version : Py_None, wrapper->tracemalloc ? Py_True : Py_False)
                         : NULL;
    Py_XDECREF(wrap);
    Py_XDECREF(tidemark);
    return how;
}

PyObject *tm_py_wrapper_class(PyObject *self, void *closure)
{
    (void)closure;
    return PyObject_GetAttr(wrapper_of(self)->callee, tm_py.names.class_);
}
