/* Calls of plugins, and the objects that are called. While recording is off, a call goes straight through. */
#include "record/python/wrapper.h"

#include "record/python/growth.h"
#include "record/python/module.h"
#include "record/python/stack.h"

static struct tm_py_wrapper *wrapper_of(PyObject *self)
{
    return (struct tm_py_wrapper *)self;
}

/* ---- calls ---- */

/* Once a session, of the first plugin that cannot be recorded. A warning that is an error is told on the side: the host goes on. */
static void warn_once(void)
{
    static uint32_t warned; /* the session */
    if (!tm_rec_is_on || warned == tm_py.session)
        return;
    warned = tm_py.session;
    PyObject *exception = PyErr_GetRaisedException();
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "%s; its calls, and those of further ones, are not recorded", tm_rec_message()) !=
        0)
        PyErr_WriteUnraisable(NULL);
    if (exception)
        PyErr_SetRaisedException(exception);
}

/* At the first call of a session. NULL: it is not recorded. */
static tm_rec_plugin *find_plugin(struct tm_py_wrapper *wrapper)
{
    wrapper->plugin =
        tm_rec_register(PyUnicode_AsUTF8(wrapper->name), wrapper->version ? PyUnicode_AsUTF8(wrapper->version) : NULL);
    if (!wrapper->plugin) /* asked again at the next call, when there may be memory */
        return warn_once(), NULL;
    wrapper->session = tm_py.session;
    tm_py_growth_meet(wrapper->name, wrapper->plugin, wrapper->tracemalloc);
    return wrapper->plugin;
}

static inline tm_rec_plugin *plugin_of(struct tm_py_wrapper *wrapper)
{
    return wrapper->session == tm_py.session ? wrapper->plugin : find_plugin(wrapper);
}

/* A call of what runs at once. If its result goes on step by step, so does the call. */
static PyObject *call_whole(PyObject *self, PyObject *const *arguments, size_t count, PyObject *keywords)
{
    struct tm_py_wrapper *wrapper = wrapper_of(self);
    if (tm_py_stack_ends())
        return NULL;
    if (!tm_rec_is_on)
        return PyObject_Vectorcall(wrapper->callee, arguments, count, keywords);
    tm_rec_plugin *plugin = plugin_of(wrapper);
    struct tm_rec_call call;
    if (tm_py_growth_waiting)
        tm_py_growth_begun(plugin);
    tm_rec_begin(&call, plugin);
    PyObject *result = PyObject_Vectorcall(wrapper->callee, arguments, count, keywords);
    if (!result)
        tm_rec_end(&call, tm_py_outcome(&call));
    else if (!tm_py_followed(result))
        tm_rec_end(&call, TM_REC_OK);
    else {
        tm_rec_suspend(&call);
        return tm_py_follow(result, plugin, &call);
    }
    if (tm_py_growth_waiting)
        tm_py_growth_ended(plugin);
    return result;
}

/* A call of a coroutine function or a generator function: nothing of it runs before the first step. */
static PyObject *call_stepwise(PyObject *self, PyObject *const *arguments, size_t count, PyObject *keywords)
{
    struct tm_py_wrapper *wrapper = wrapper_of(self);
    PyObject *result = PyObject_Vectorcall(wrapper->callee, arguments, count, keywords);
    if (!tm_rec_is_on)
        return result;
    if (result)
        return tm_py_followed(result) ? tm_py_follow(result, plugin_of(wrapper), NULL) : result;
    struct tm_rec_call call; /* wrong arguments */
    tm_rec_begin(&call, plugin_of(wrapper));
    tm_rec_end(&call, tm_py_outcome(&call));
    return NULL;
}

/* ---- making one ---- */

/* version may be NULL. A plugin that would become a method in a class body does so through its wrapper. */
static PyObject *new_wrapper(PyObject *name, PyObject *fn, PyObject *version, bool tracemalloc)
{
    int stepwise = tm_py_is_stepwise(fn);
    PyTypeObject *type = Py_TYPE(fn)->tp_descr_get ? tm_py.types.plugin_method : tm_py.types.plugin;
    struct tm_py_wrapper *wrapper = stepwise < 0 ? NULL : PyObject_GC_New(struct tm_py_wrapper, type);
    if (!wrapper)
        return NULL;
    wrapper->callee = Py_NewRef(fn);
    wrapper->name = Py_NewRef(name);
    wrapper->version = Py_XNewRef(version);
    wrapper->dict = wrapper->weak = NULL;
    wrapper->vectorcall = stepwise ? call_stepwise : call_whole;
    wrapper->plugin = NULL;
    wrapper->session = 0;
    wrapper->tracemalloc = tracemalloc;
    wrapper->stepwise = stepwise;
    tm_py_growth_wrappers += tracemalloc;
    PyObject_GC_Track(wrapper);
    return (PyObject *)wrapper;
}

/* One plugin's call is one call, however often it was wrapped: what is wrapped under this name already is given back if it is
 * the same, and else made anew with the version and the attributes that it has. NULL, without an exception: it is not wrapped. */
static PyObject *wrap_again(PyObject *name, PyObject *fn, PyObject *version, bool tracemalloc)
{
    if (!tm_py_is_wrapper(fn) || PyUnicode_Compare(wrapper_of(fn)->name, name) != 0)
        return NULL;
    struct tm_py_wrapper *former = wrapper_of(fn);
    bool same_version = !version || (former->version && PyUnicode_Compare(version, former->version) == 0);
    if (same_version && (former->tracemalloc || !tracemalloc))
        return Py_NewRef(fn);
    PyObject *wrapper = new_wrapper(name, former->callee, version ? version : former->version, tracemalloc || former->tracemalloc);
    if (wrapper && former->dict && !(wrapper_of(wrapper)->dict = PyDict_Copy(former->dict)))
        Py_CLEAR(wrapper);
    return wrapper;
}

/* staticmethod and classmethod stay on the outside. */
static PyObject *wrap_method_object(PyObject *name, PyObject *fn, PyObject *version, bool tracemalloc)
{
    PyObject *function = PyObject_GetAttrString(fn, "__func__");
    PyObject *wrapper = function ? tm_py_wrap(name, function, version, tracemalloc) : NULL;
    PyObject *outer = wrapper ? PyObject_CallOneArg((PyObject *)Py_TYPE(fn), wrapper) : NULL;
    Py_XDECREF(wrapper);
    Py_XDECREF(function);
    return outer;
}

PyObject *tm_py_wrap(PyObject *name, PyObject *fn, PyObject *version, bool tracemalloc)
{
    if (version == Py_None)
        version = NULL;
    if (!tm_py_plugin_name(name) || (version && !tm_py_version_name(version)))
        return NULL;
    if (PyObject_TypeCheck(fn, &PyStaticMethod_Type) || PyObject_TypeCheck(fn, &PyClassMethod_Type))
        return wrap_method_object(name, fn, version, tracemalloc);
    if (!PyCallable_Check(fn))
        return PyErr_Format(PyExc_TypeError, "plugin %.80R: cannot call a '%.200s'", name, Py_TYPE(fn)->tp_name);
    PyObject *again = wrap_again(name, fn, version, tracemalloc);
    return again || PyErr_Occurred() ? again : new_wrapper(name, fn, version, tracemalloc);
}

/* ---- as an object ---- */

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(wrapper_of(self)->callee);
    Py_VISIT(wrapper_of(self)->dict);
    return 0;
}

static int clear(PyObject *self)
{
    Py_SETREF(wrapper_of(self)->callee, Py_NewRef(Py_None)); /* somebody might still call it */
    Py_CLEAR(wrapper_of(self)->dict);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, dealloc); /* many of them may be around each other */
    if (wrapper_of(self)->weak)
        PyObject_ClearWeakRefs(self);
    clear(self);
    Py_DECREF(wrapper_of(self)->callee);
    tm_py_growth_wrappers -= wrapper_of(self)->tracemalloc;
    Py_CLEAR(wrapper_of(self)->name);
    Py_CLEAR(wrapper_of(self)->version);
    PyObject_GC_Del(self);
    Py_DECREF(type);
    Py_TRASHCAN_END;
}

/* In a class body: what would become a method does, what would stay as it is does. */
static PyObject *get(PyObject *self, PyObject *object, PyObject *type)
{
    struct tm_py_wrapper *wrapper = wrapper_of(self);
    PyTypeObject *kind = Py_TYPE(wrapper->callee);
    if (!kind->tp_descr_get)
        return Py_NewRef(self);
    if (PyType_HasFeature(kind, Py_TPFLAGS_METHOD_DESCRIPTOR))
        return object && object != Py_None ? PyMethod_New(self, object) : Py_NewRef(self);
    PyObject *bound = kind->tp_descr_get(wrapper->callee, object, type);
    if (!bound || bound == wrapper->callee || !PyCallable_Check(bound)) {
        Py_XDECREF(bound);
        return bound ? Py_NewRef(self) : NULL;
    }
    PyObject *result = new_wrapper(wrapper->name, bound, wrapper->version, wrapper->tracemalloc);
    Py_DECREF(bound);
    return result;
}

static PyGetSetDef getset[] = {{"__class__", tm_py_wrapper_class, NULL, NULL, NULL}, {0}};

static PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(struct tm_py_wrapper, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct tm_py_wrapper, weak), READONLY, NULL},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(struct tm_py_wrapper, vectorcall), READONLY, NULL},
    {0},
};

static PyMethodDef methods[] = {{"__reduce__", tm_py_wrapper_reduce, METH_NOARGS, NULL}, {0}};

#define COMMON                                                                                                                     \
    {Py_tp_traverse, TM_PY_SLOT(traverse)}, {Py_tp_clear, TM_PY_SLOT(clear)}, {Py_tp_dealloc, TM_PY_SLOT(dealloc)},                \
        {Py_tp_getattro, TM_PY_SLOT(tm_py_wrapper_getattr)}, {Py_tp_repr, TM_PY_SLOT(tm_py_wrapper_repr)},                         \
        {Py_tp_call, TM_PY_SLOT(PyVectorcall_Call)}, {Py_tp_getset, getset}, {Py_tp_members, members},                             \
    {                                                                                                                              \
        Py_tp_methods, methods                                                                                                     \
    }

static PyType_Slot plain_slots[] = {COMMON, {0, NULL}};
static PyType_Slot binding_slots[] = {COMMON, {Py_tp_descr_get, TM_PY_SLOT(get)}, {0, NULL}};

enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL };
PyType_Spec tm_py_plugin_spec = {"tidemark.plugin", sizeof(struct tm_py_wrapper), 0, FLAGS, plain_slots};
PyType_Spec tm_py_plugin_method_spec = {"tidemark.plugin_method", sizeof(struct tm_py_wrapper), 0, FLAGS, binding_slots};

const char tm_py_wrap_doc[] = "wrap(name, fn=None, version=None, tracemalloc=False)\n--\n\n"
                              "A callable like fn whose calls are recorded as those of the plugin `name` while recording is on.\n"
                              "tracemalloc: tell which of its lines hold more and more memory (slow; goes with memory='owner').\n"
                              "Without fn: a decorator.";

/* wrap(name, version=version, tracemalloc=tracemalloc), waiting for the function */
static PyObject *as_decorator(PyObject *module, PyObject *name, PyObject *version, int tracemalloc)
{
    PyObject *wrap = tm_py_plugin_name(name) ? PyObject_GetAttrString(module, "wrap") : NULL;
    PyObject *arguments = wrap ? PyTuple_Pack(2, wrap, name) : NULL;
    PyObject *keywords =
        Py_BuildValue("{s:O,s:O}", "version", version ? version : Py_None, "tracemalloc", tracemalloc ? Py_True : Py_False);
    PyObject *decorator = arguments && keywords ? PyObject_Call(tm_py.partial, arguments, keywords) : NULL;
    Py_XDECREF(keywords);
    Py_XDECREF(arguments);
    Py_XDECREF(wrap);
    return decorator;
}

PyObject *tm_py_wrap_method(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"name", "fn", "version", "tracemalloc", NULL};
    PyObject *name, *fn = NULL, *version = NULL;
    int tracemalloc = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|OOp:wrap", names, &name, &fn, &version, &tracemalloc))
        return NULL;
    if (!fn)
        return as_decorator(module, name, version, tracemalloc);
    if (tracemalloc && tm_py_growth_check() != 0)
        return NULL;
    return tm_py_wrap(name, fn, version, tracemalloc);
}
