/* The callable that stands for a plugin's: everything about it is the plugin's own, except that calls are recorded. While recording
 * is off, a call goes straight through. */
#include "ingest/python/growth.h"
#include "ingest/python/module.h"
#include "ingest/python/step.h"

struct wrapper {
    PyObject_HEAD PyObject *callee, *name, *version, *dict, *weak;
    vectorcallfunc vectorcall;
    tm_rec_plugin *plugin;
    uint32_t session; /* that plugin is of */
    bool tracemalloc;
};

static PyTypeObject *plain_type, *binding_type; /* the latter becomes a method in a class body */

static struct wrapper *wrapper_of(PyObject *self)
{
    return (struct wrapper *)self;
}

/* ---- calls ---- */

static tm_rec_plugin *find_plugin(struct wrapper *wrapper)
{
    wrapper->session = tm_py_session;
    wrapper->plugin =
        tm_rec_register(PyUnicode_AsUTF8(wrapper->name), wrapper->version ? PyUnicode_AsUTF8(wrapper->version) : NULL);
    tm_py_growth_meet(wrapper->name, wrapper->plugin, wrapper->tracemalloc);
    return wrapper->plugin;
}

static inline tm_rec_plugin *plugin_of(struct wrapper *wrapper)
{
    return wrapper->session == tm_py_session ? wrapper->plugin : find_plugin(wrapper);
}

/* A call of what runs at once. If its result goes on step by step, so does the call. */
static PyObject *call_whole(PyObject *self, PyObject *const *arguments, size_t count, PyObject *keywords)
{
    struct wrapper *wrapper = wrapper_of(self);
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
    struct wrapper *wrapper = wrapper_of(self);
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

/* ---- what kind of callable ---- */

static bool is_wrapper(PyObject *object)
{
    return Py_TYPE(object) == plain_type || Py_TYPE(object) == binding_type;
}

/* The one inside that decides the kind; NULL, without an exception, if `fn` itself does. */
static PyObject *inside(PyObject *fn)
{
    PyObject *inner = NULL;
    if (PyMethod_Check(fn))
        inner = Py_NewRef(PyMethod_GET_FUNCTION(fn));
    else if (is_wrapper(fn))
        inner = Py_NewRef(wrapper_of(fn)->callee);
    else if (PyObject_IsInstance(fn, tm_py_partial) > 0)
        inner = PyObject_GetAttr(fn, tm_py_names.func);
    else if (!PyFunction_Check(fn) && !PyType_Check(fn)) {
        inner = PyObject_GetAttr((PyObject *)Py_TYPE(fn), tm_py_names.call);
        if (inner && !PyFunction_Check(inner))
            Py_CLEAR(inner);
    }
    PyErr_Clear();
    return inner;
}

static long flags_of(PyObject *fn)
{
    PyObject *code = PyObject_GetAttr(fn, tm_py_names.code);
    PyObject *flags = code ? PyObject_GetAttr(code, tm_py_names.co_flags) : NULL;
    long known = flags ? PyLong_AsLong(flags) : 0;
    PyErr_Clear();
    Py_XDECREF(flags);
    Py_XDECREF(code);
    return known;
}

static bool is_stepwise(PyObject *fn)
{
    PyObject *at = Py_NewRef(fn);
    for (int depth = 0; depth < 100; depth++) {
        PyObject *inner = inside(at);
        if (!inner)
            break;
        Py_DECREF(at);
        at = inner;
    }
    long flags = flags_of(at);
    Py_DECREF(at);
    return flags > 0 && (flags & (CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR));
}

/* ---- making one ---- */

static PyObject *new_wrapper(PyObject *name, PyObject *fn, PyObject *version, bool tracemalloc)
{
    struct wrapper *wrapper = PyObject_GC_New(struct wrapper, Py_TYPE(fn)->tp_descr_get ? binding_type : plain_type);
    if (!wrapper)
        return NULL;
    wrapper->callee = Py_NewRef(fn);
    wrapper->name = Py_NewRef(name);
    wrapper->version = Py_XNewRef(version);
    wrapper->dict = wrapper->weak = NULL;
    wrapper->vectorcall = is_stepwise(fn) ? call_stepwise : call_whole;
    wrapper->plugin = NULL;
    wrapper->session = 0;
    wrapper->tracemalloc = tracemalloc;
    tm_py_growth_wrappers += tracemalloc;
    PyObject_GC_Track(wrapper);
    return (PyObject *)wrapper;
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
    return new_wrapper(name, fn, version, tracemalloc);
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
    Py_CLEAR(wrapper_of(self)->callee);
    Py_CLEAR(wrapper_of(self)->dict);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (wrapper_of(self)->weak)
        PyObject_ClearWeakRefs(self);
    clear(self);
    tm_py_growth_wrappers -= wrapper_of(self)->tracemalloc;
    Py_CLEAR(wrapper_of(self)->name);
    Py_CLEAR(wrapper_of(self)->version);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static bool is(PyObject *name, PyObject *other)
{
    return PyObject_RichCompareBool(name, other, Py_EQ) > 0;
}

/* Is it what the wrapper's type has an attribute of, which is not the plugin's? */
static bool is_hidden(PyObject *self, PyObject *name)
{
    PyObject *own = wrapper_of(self)->dict;
    return (is(name, tm_py_names.module) || is(name, tm_py_names.doc)) && !(own && PyDict_Contains(own, name) > 0);
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
static PyObject *getattro(PyObject *self, PyObject *name)
{
    PyObject *callee = wrapper_of(self)->callee;
    if (is_hidden(self, name))
        return PyObject_GetAttr(callee, name);
    PyObject *own = PyObject_GenericGetAttr(self, name);
    if (own || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return own;
    PyErr_Clear();
    if (is(name, tm_py_names.wrapped))
        return Py_NewRef(callee);
    return PyType_Check(callee) && is(name, tm_py_names.signature) ? signature_of(callee) : PyObject_GetAttr(callee, name);
}

/* In a class body: what would become a method does, what would stay as it is does. */
static PyObject *get(PyObject *self, PyObject *object, PyObject *type)
{
    struct wrapper *wrapper = wrapper_of(self);
    PyTypeObject *kind = Py_TYPE(wrapper->callee);
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

static PyObject *repr(PyObject *self)
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
static PyObject *reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    struct wrapper *wrapper = wrapper_of(self);
    PyObject *module = PyObject_GetAttr(self, tm_py_names.module), *qualname = PyObject_GetAttr(self, tm_py_names.qualname);
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

static PyObject *get_class(PyObject *self, void *closure)
{
    (void)closure;
    return PyObject_GetAttr(wrapper_of(self)->callee, tm_py_names.class_);
}

static PyGetSetDef getset[] = {{"__class__", get_class, NULL, NULL, NULL}, {0}};

static PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(struct wrapper, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct wrapper, weak), READONLY, NULL},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(struct wrapper, vectorcall), READONLY, NULL},
    {0},
};

static PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, NULL}, {0}};

#define COMMON                                                                                                                     \
    {Py_tp_traverse, TM_PY_SLOT(traverse)}, {Py_tp_clear, TM_PY_SLOT(clear)}, {Py_tp_dealloc, TM_PY_SLOT(dealloc)},                \
        {Py_tp_getattro, TM_PY_SLOT(getattro)}, {Py_tp_repr, TM_PY_SLOT(repr)}, {Py_tp_call, TM_PY_SLOT(PyVectorcall_Call)},       \
        {Py_tp_getset, getset}, {Py_tp_members, members},                                                                          \
    {                                                                                                                              \
        Py_tp_methods, methods                                                                                                     \
    }

static PyType_Slot plain_slots[] = {COMMON, {0, NULL}};
static PyType_Slot binding_slots[] = {COMMON, {Py_tp_descr_get, TM_PY_SLOT(get)}, {0, NULL}};

int tm_py_wrapper_init(PyObject *module)
{
    enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL };
    static PyType_Spec plain = {"tidemark.plugin", sizeof(struct wrapper), 0, FLAGS, plain_slots};
    static PyType_Spec binding = {"tidemark.plugin_method", sizeof(struct wrapper), 0, FLAGS, binding_slots};
    plain_type = tm_py_type(module, &plain);
    binding_type = plain_type ? tm_py_type(module, &binding) : NULL;
    return binding_type ? 0 : -1;
}

const char tm_py_wrap_doc[] = "wrap(name, fn, version=None, tracemalloc=False)\n--\n\n"
                              "A callable like fn whose calls are recorded as those of the plugin `name` while recording is on.\n"
                              "tracemalloc: tell which of its lines hold more and more memory (slow; goes with memory='owner').";

PyObject *tm_py_wrap_method(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"name", "fn", "version", "tracemalloc", NULL};
    PyObject *name, *fn, *version = NULL;
    int tracemalloc = 0;
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|Op:wrap", names, &name, &fn, &version, &tracemalloc))
        return NULL;
    if (tracemalloc && tm_py_growth_check() != 0)
        return NULL;
    return tm_py_wrap(name, fn, version, tracemalloc);
}
