/* Work that a plugin hands to others: to threads of an executor, or to tasks of the event loop. It is done for the plugin's call.
 */
#include "record/python/module.h"

/* A callable that stands for fn: what it does is done for the call that was under way when it was bound. */
struct bound {
    PyObject_HEAD
    PyObject *fn, *weak;
    vectorcallfunc vectorcall;
    struct tm_rec_call call; /* a copy of the one it is done for */
};

static struct bound *bound_of(PyObject *self)
{
    return (struct bound *)self;
}

/* The call that it works for may be over by now, or its recording; then nothing is recorded. */
static PyObject *call_bound(PyObject *self, PyObject *const *arguments, size_t count, PyObject *keywords)
{
    struct bound *bound = bound_of(self);
    struct tm_rec_call helper;
    tm_rec_adopt(&helper, &bound->call);
    PyObject *result = PyObject_Vectorcall(bound->fn, arguments, count, keywords);
    tm_rec_release(&helper);
    return result && tm_py_followed(result) ? tm_py_follow_for(result, &bound->call) : result;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(bound_of(self)->fn);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (bound_of(self)->weak)
        PyObject_ClearWeakRefs(self);
    Py_DECREF(bound_of(self)->fn);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/* Whatever it lacks itself is fn's: name, signature, attributes. */
static PyObject *getattro(PyObject *self, PyObject *name)
{
    PyObject *own = PyObject_GenericGetAttr(self, name);
    if (own || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return own;
    PyErr_Clear();
    return PyObject_GetAttr(bound_of(self)->fn, name);
}

static PyObject *repr(PyObject *self)
{
    return PyUnicode_FromFormat("<for plugin '%s': %R>", tm_rec_plugin_name(bound_of(self)->call.plugin), bound_of(self)->fn);
}

static PyMemberDef members[] = {
    {"__wrapped__", T_OBJECT, offsetof(struct bound, fn), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct bound, weak), READONLY, NULL},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(struct bound, vectorcall), READONLY, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_traverse, TM_PY_SLOT(traverse)},
    {Py_tp_dealloc, TM_PY_SLOT(dealloc)},
    {Py_tp_getattro, TM_PY_SLOT(getattro)},
    {Py_tp_repr, TM_PY_SLOT(repr)},
    {Py_tp_call, TM_PY_SLOT(PyVectorcall_Call)},
    {Py_tp_members, members},
    {0, NULL},
};

enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL };
PyType_Spec tm_py_bound_spec = {"tidemark.bound", sizeof(struct bound), 0, FLAGS, slots};

static PyObject *new_bound(PyObject *fn, const struct tm_rec_call *call)
{
    struct bound *bound = PyObject_GC_New(struct bound, tm_py.types.bound);
    if (!bound)
        return NULL;
    bound->fn = Py_NewRef(fn);
    bound->weak = NULL;
    bound->vectorcall = call_bound;
    bound->call = *call;
    PyObject_GC_Track(bound);
    return (PyObject *)bound;
}

const char tm_py_bind_doc[] =
    "bind(fn)\n--\n\n"
    "What fn does when it is called, in whichever thread or task, is done for the plugin call under way here and now:\n"
    "loop.run_in_executor(None, tidemark.bind(work)). fn may be a coroutine function, or a coroutine. Outside of plugins it is fn.";

PyObject *tm_py_bind(PyObject *module, PyObject *fn)
{
    struct tm_rec_call call = tm_rec_current();
    bool followed = tm_py_followed(fn);
    (void)module;
    if (!followed && !PyCallable_Check(fn))
        return PyErr_Format(PyExc_TypeError, "bind: cannot call a '%.200s'", Py_TYPE(fn)->tp_name);
    if (!call.plugin)
        return Py_NewRef(fn);
    return followed ? tm_py_follow_for(Py_NewRef(fn), &call) : new_bound(fn, &call);
}
