/* PluginLoader: plugins by name, each wrapped. All that it adds to wrap() is the table, and reports of the plugins in it. */
#include "base/builder.h"
#include "record/outlet/bottlenecks.h"
#include "record/python/growth.h"
#include "record/python/module.h"

#include <stdlib.h>

#include "base/nearest.h"

struct loader {
    PyObject_HEAD
    PyObject *plugins, *dict, *weak; /* name: wrapper, in order */
};

static struct loader *loader_of(PyObject *self)
{
    return (struct loader *)self;
}

/* Profiling that the environment asks for begins with the first loader. */
static PyObject *new_loader(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    if (type->tp_init == PyBaseObject_Type.tp_init && (PyTuple_GET_SIZE(arguments) > 0 || (keywords && PyDict_Size(keywords) > 0)))
        return PyErr_Format(PyExc_TypeError, "PluginLoader() takes no arguments");
    PyObject *self = type->tp_alloc(type, 0);
    if (!self || !(loader_of(self)->plugins = PyDict_New())) {
        Py_XDECREF(self);
        return NULL;
    }
    if (!tm_rec_is_on) {
        PyObject *nothing = PyTuple_New(0), *started = nothing ? tm_py_start(NULL, nothing, NULL) : NULL;
        Py_XDECREF(nothing);
        if (!started)
            Py_CLEAR(self);
        Py_XDECREF(started);
    }
    return self;
}

/* ---- register ---- */

/* register(name, version=version), waiting for the function */
static PyObject *as_decorator(PyObject *self, PyObject *name, PyObject *version)
{
    PyObject *method = PyObject_GetAttr(self, tm_py.names.register_);
    PyObject *arguments = method ? PyTuple_Pack(2, method, name) : NULL, *keywords = Py_BuildValue("{s:O}", "version", version);
    PyObject *decorator = arguments && keywords ? PyObject_Call(tm_py.partial, arguments, keywords) : NULL;
    Py_XDECREF(keywords);
    Py_XDECREF(arguments);
    Py_XDECREF(method);
    return decorator;
}

static PyObject *register_(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *options[] = {"name", "fn", "version", NULL};
    PyObject *name, *fn = Py_None, *version = Py_None;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O|OO:register", options, &name, &fn, &version))
        return NULL;
    if (!tm_py_plugin_name(name))
        return NULL;
    if (fn == Py_None)
        return as_decorator(self, name, version);
    PyObject *wrapper = tm_py_wrap(name, fn, version, false);
    if (wrapper && PyDict_SetItem(loader_of(self)->plugins, name, wrapper) != 0)
        Py_CLEAR(wrapper);
    return wrapper;
}

/* ---- invoke ---- */

/* Raises UnknownPlugin, with the registered name that is nearest. NULL, to be returned. */
static PyObject *raise_unknown(PyObject *self, PyObject *name)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    const char *asked = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    struct tm_nearest nearest = tm_nearest_to(asked ? asked : "");
    PyErr_Clear();
    while (asked && PyDict_Next(loader_of(self)->plugins, &at, &key, &value))
        tm_nearest_offer(&nearest, PyUnicode_AsUTF8(key)); /* never NULL: register() has had it in UTF-8, which str objects keep */
    if (*nearest.found)
        PyErr_Format(tm_py.unknown_plugin, "no plugin %.80A; did you mean '%s'?", name, nearest.found);
    else
        PyErr_Format(tm_py.unknown_plugin, "no plugin %.80A", name);
    return NULL;
}

/* The wrapper is held: the plugin may register another one of its name. */
static PyObject *invoke(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords)
{
    if (count < 1)
        return PyErr_Format(PyExc_TypeError, "invoke() needs the plugin's name");
    PyObject *plugin = PyDict_GetItemWithError(loader_of(self)->plugins, arguments[0]);
    if (!plugin)
        return PyErr_Occurred() ? NULL : raise_unknown(self, arguments[0]);
    Py_INCREF(plugin);
    PyObject *result = PyObject_Vectorcall(plugin, arguments + 1, (size_t)(count - 1), keywords);
    Py_DECREF(plugin);
    return result;
}

static PyObject *names(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyDict_Keys(loader_of(self)->plugins);
}

/* ---- report ---- */

static int is_registered(void *self, const char *plugin)
{
    PyObject *wrapper;
    return tm_py_dict_get(loader_of(self)->plugins, plugin, &wrapper);
}

/* A line that has grown, as tm_py_growth_of has it; -1 with an exception. */
static int put_grower(FILE *out, const char *plugin, PyObject *grower)
{
    static char *keys[] = {"where", "size_kb", "size_diff_kb", "count", "count_diff", NULL};
    const char *where;
    double size_kb, size_diff_kb;
    long long count, count_diff;
    PyObject *nothing = PyTuple_New(0);
    int parsed = nothing &&
                 PyArg_ParseTupleAndKeywords(nothing, grower, "sddLL", keys, &where, &size_kb, &size_diff_kb, &count, &count_diff);
    if (parsed)
        fprintf(out, "[GROWTH] %s | %s | +%.1fKB in %+lld blocks | now %.1fKB in %lld\n", plugin, where, size_diff_kb, count_diff,
                size_kb, count);
    Py_XDECREF(nothing);
    return parsed ? 0 : -1;
}

/* [GROWTH] lines of the plugins that are chosen for tracemalloc; -1 with an exception. */
static int put_growth(FILE *out, PyObject *self)
{
    PyObject *name, *plugin;
    Py_ssize_t at = 0;
    while (PyDict_Next(loader_of(self)->plugins, &at, &name, &plugin)) {
        const char *text = PyUnicode_AsUTF8(name);
        PyObject *growers = text ? tm_py_growth_of(text) : NULL;
        int result = growers ? 0 : -1;
        for (Py_ssize_t i = 0; result == 0 && growers != Py_None && i < PyList_GET_SIZE(growers); i++)
            result = put_grower(out, text, PyList_GET_ITEM(growers, i));
        Py_XDECREF(growers);
        if (result != 0)
            return -1;
    }
    return 0;
}

/* The report as text; NULL with an exception. */
static PyObject *report_of(PyObject *self, const struct tm_rec_snapshot *snapshot, bool all)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    int failed = !out || tm_snapshot_put_bottlenecks(out, snapshot, all, is_registered, self) != 0 || put_growth(out, self) != 0;
    char *text = tm_built(&builder);
    PyObject *result = failed || !text ? NULL : PyUnicode_DecodeUTF8(text, (Py_ssize_t)builder.size, "replace");
    if (!result && !PyErr_Occurred())
        PyErr_NoMemory();
    free(text);
    return result;
}

static PyObject *report(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *option[] = {"all", NULL};
    int all = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|p:report", option, &all))
        return NULL;
    struct tm_rec_snapshot *snapshot = tm_py_take();
    if (!snapshot && !PyErr_Occurred())
        return PyUnicode_FromString("profiling is off (PLUGIN_PROFILING=1, or tidemark.start(on=True))\n");
    PyObject *result = snapshot ? report_of(self, snapshot, all) : NULL;
    tm_rec_snapshot_free(snapshot);
    return result;
}

static PyObject *report_dict(PyObject *self, PyObject *unused)
{
    PyObject *list = tm_py_snapshot(NULL, unused), *dict = list ? PyDict_New() : NULL;
    for (Py_ssize_t i = 0; dict && i < PyList_GET_SIZE(list); i++) {
        PyObject *entry = PyList_GET_ITEM(list, i), *name = NULL;
        int ours = tm_py_dict_get(entry, "plugin", &name);
        if (ours > 0)
            ours = PyDict_Contains(loader_of(self)->plugins, name);
        if (ours < 0 || (ours > 0 && PyDict_SetItem(dict, name, entry) != 0))
            Py_CLEAR(dict);
    }
    Py_XDECREF(list);
    return dict;
}

/* ---- the type ---- */

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(loader_of(self)->plugins);
    Py_VISIT(loader_of(self)->dict);
    return 0;
}

static int clear(PyObject *self)
{
    Py_CLEAR(loader_of(self)->dict);
    if (loader_of(self)->plugins)
        PyDict_Clear(loader_of(self)->plugins);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (loader_of(self)->weak)
        PyObject_ClearWeakRefs(self);
    Py_CLEAR(loader_of(self)->dict);
    Py_CLEAR(loader_of(self)->plugins);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"register", TM_PY_METHOD(register_), METH_VARARGS | METH_KEYWORDS,
     "register(name, fn=None, version=None)\n--\n\nWraps fn as the plugin `name`, in place of an earlier one, and returns it. "
     "Without fn: a "
     "decorator."},
    {"invoke", TM_PY_METHOD(invoke), METH_FASTCALL | METH_KEYWORDS,
     "invoke(name, /, *args, **kwargs)\n--\n\nCalls the plugin; for a coroutine function this gives its coroutine, to be awaited."},
    {"names", names, METH_NOARGS, "names()\n--\n\nThe registered names, in order."},
    {"report", TM_PY_METHOD(report), METH_VARARGS | METH_KEYWORDS,
     "report(all=False)\n--\n\n[BOTTLENECK] lines of the plugins that are outliers among those of this loader, or of all, as "
     "text."},
    {"report_dict", report_dict, METH_NOARGS, "report_dict()\n--\n\nWhat snapshot() says of this loader's plugins, by name."},
    {0},
};

static PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(struct loader, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct loader, weak), READONLY, NULL},
    {0},
};

static const char doc[] =
    "PluginLoader()\n--\n\nPlugins by name. Their calls are recorded while recording is on; if it is off, making a\n"
    "loader starts it where the environment says PLUGIN_PROFILING=1.";

static PyType_Slot slots[] = {
    {Py_tp_new, TM_PY_SLOT(new_loader)},
    {Py_tp_traverse, TM_PY_SLOT(traverse)},
    {Py_tp_clear, TM_PY_SLOT(clear)},
    {Py_tp_dealloc, TM_PY_SLOT(dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_doc, TM_PY_SLOT(doc)},
    {0, NULL},
};

enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE };
PyType_Spec tm_py_loader_spec = {"tidemark.PluginLoader", sizeof(struct loader), 0, FLAGS, slots};
