/* profile_run: recording for the length of a with block, written at its end. One at a time. Recording may have been on before; only
 * what the block has started, told by the session, is stopped by it, and only once it is written. */
#include "record/python/loops.h"
#include "record/python/module.h"

#include <time.h>

#include "base/timestamp.h"

struct profile_run {
    PyObject_HEAD
    PyObject *path;    /* bytes */
    PyObject *run;     /* tuple: key, started_at, project, branch, commit, host, version; None: not said */
    PyObject *options; /* of start(), a dict */
    uint32_t started;  /* the session that this one is to stop; 0: none */
};

enum { KEY, STARTED_AT, PROJECT, BRANCH, COMMIT, HOST, VERSION, RUN_FIELDS };
static const char *const run_fields[RUN_FIELDS] = {"key", "started_at", "project", "branch", "commit", "host", "version"};

static struct profile_run *under_way;

/* A recording that a profile_run had started and could not write. It goes on, so that nothing is lost: the next one takes it over.
 */
static struct {
    uint32_t session; /* 0: none */
    PyObject *options;
} unwritten;

static bool is_csv(const struct profile_run *self)
{
    Py_ssize_t size = PyBytes_GET_SIZE(self->path);
    return size >= 4 && PyOS_stricmp(PyBytes_AS_STRING(self->path) + size - 4, ".csv") == 0;
}

/* ---- what it is told ---- */

/* The value goes from the keywords into the tuple. */
static int take_field(struct profile_run *self, int field)
{
    PyObject *value;
    int given = tm_py_dict_get(self->options, run_fields[field], &value);
    if (given < 0)
        return -1;
    if (!given)
        return PyTuple_SetItem(self->run, field, Py_NewRef(Py_None));
    if (is_csv(self))
        return PyErr_Format(PyExc_ValueError, "%s: belongs to a run in a store; a CSV file says nothing of its run",
                            run_fields[field]),
               -1;
    if (field != STARTED_AT && value != Py_None && !PyUnicode_Check(value))
        return PyErr_Format(PyExc_TypeError, "%s must be a str, not '%.200s'", run_fields[field], Py_TYPE(value)->tp_name), -1;
    if (PyTuple_SetItem(self->run, field, Py_NewRef(value)) != 0)
        return -1;
    return PyDict_DelItemString(self->options, run_fields[field]);
}

/* Fields of the run go into the tuple, what is left are options of start(). */
static int parse_arguments(struct profile_run *self, PyObject *arguments, PyObject *keywords)
{
    PyObject *key = NULL;
    if (!PyArg_ParseTuple(arguments, "O&|O:profile_run", PyUnicode_FSConverter, &self->path, &key))
        return -1;
    self->options = keywords ? PyDict_Copy(keywords) : PyDict_New();
    self->run = PyTuple_New(RUN_FIELDS);
    if (!self->options || !self->run || (key && PyDict_SetItemString(self->options, "key", key) != 0))
        return -1;
    for (int field = 0; field < RUN_FIELDS; field++)
        if (take_field(self, field) != 0)
            return -1;
    return 0;
}

static PyObject *new_run(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    struct profile_run *self = (struct profile_run *)type->tp_alloc(type, 0);
    if (self && parse_arguments(self, arguments, keywords) != 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

/* ---- begin and end ---- */

static int start(struct profile_run *self)
{
    PyObject *nothing = PyTuple_New(0), *started = nothing ? tm_py_start(NULL, nothing, self->options) : NULL;
    Py_XDECREF(nothing);
    Py_XDECREF(started);
    if (!started)
        return -1;
    self->started = tm_rec_is_on ? tm_py.session : 0;
    return 0;
}

/* Options are those of a start, so other ones have to wait for the next. */
static int take_over(struct profile_run *self)
{
    int same = PyDict_GET_SIZE(self->options) == 0 ? 1 : PyObject_RichCompareBool(self->options, unwritten.options, Py_EQ);
    if (same < 0 ||
        (!same && PyErr_WarnEx(PyExc_RuntimeWarning,
                               "a profile_run could not be written, so its recording goes on with the options it had", 1) != 0))
        return -1;
    Py_SETREF(self->options, Py_NewRef(unwritten.options));
    self->started = unwritten.session;
    return 0;
}

/* Joins a recording that is on already, takes over one that could not be written, or starts one. */
static int begin(struct profile_run *self)
{
    int result = 0;
    if (under_way)
        return PyErr_Format(tm_py.error, "a profile_run is under way already, into '%s'", PyBytes_AS_STRING(under_way->path)), -1;
    under_way = (struct profile_run *)Py_NewRef((PyObject *)self);
    if (tm_rec_is_on && unwritten.session == tm_py.session)
        result = take_over(self);
    else if (!tm_rec_is_on || PyDict_GET_SIZE(self->options) > 0)
        result = start(self);
    if (result != 0)
        Py_CLEAR(under_way);
    return result;
}

static const char *field_text(const struct profile_run *self, int field)
{
    PyObject *value = PyTuple_GET_ITEM(self->run, field);
    return value == Py_None ? NULL : PyUnicode_AsUTF8(value);
}

/* A key that no other run of this machine has: the start with microseconds. */
enum { KEY_SIZE = 64 }; /* a time takes 20 bytes, its microseconds 7 more */
static const char *own_key(int64_t started_at, char key[KEY_SIZE])
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    tm_time_format(started_at, key);
    size_t size = strlen(key) - 1;
    snprintf(key + size, KEY_SIZE - size, ".%06ldZ", now.tv_nsec / 1000);
    return key;
}

static int write_run(const struct profile_run *self)
{
    char key[KEY_SIZE];
    if (is_csv(self))
        return tm_py_write_csv(PyBytes_AS_STRING(self->path));
    struct tm_run run = {.key = field_text(self, KEY),
                         .project = field_text(self, PROJECT),
                         .branch = field_text(self, BRANCH),
                         .commit_id = field_text(self, COMMIT),
                         .host = field_text(self, HOST),
                         .version = field_text(self, VERSION)};
    if (PyErr_Occurred() || tm_py_time(PyTuple_GET_ITEM(self->run, STARTED_AT), &run.started_at) != 0)
        return -1;
    if (!run.key)
        run.key = own_key(run.started_at, key);
    return tm_py_write_store(PyBytes_AS_STRING(self->path), &run);
}

/* Stops what this one has started, if it is written; else the next one will. */
static int stop(struct profile_run *self, bool written)
{
    bool own = tm_rec_is_on && self->started == tm_py.session;
    self->started = 0;
    unwritten.session = own && !written ? tm_py.session : 0;
    Py_XSETREF(unwritten.options, unwritten.session ? Py_NewRef(self->options) : NULL);
    PyObject *stopped = own && written ? tm_py_stop(NULL, NULL) : Py_NewRef(Py_None);
    Py_XDECREF(stopped);
    return stopped ? 0 : -1;
}

/* What the body raised goes on; a failure to write is then told on the side. */
static int end(struct profile_run *self, bool raised)
{
    if (under_way != self)
        return PyErr_Format(tm_py.error, "this profile_run has not begun"), -1;
    int result = tm_rec_is_on ? write_run(self) : 0;
    if (stop(self, result == 0) != 0)
        result = -1;
    Py_CLEAR(under_way);
    if (result != 0 && raised)
        PyErr_WriteUnraisable((PyObject *)self);
    return raised ? 0 : result;
}

/* ---- with and async with ---- */

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return begin((struct profile_run *)self) == 0 ? Py_NewRef(self) : NULL;
}

static PyObject *exit_(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    if (end((struct profile_run *)self, count > 0 && arguments[0] != Py_None) != 0)
        return NULL;
    return Py_NewRef(Py_None);
}

static PyObject *aenter(PyObject *self, PyObject *unused)
{
    PyObject *loop = tm_py_running_loop();
    if (!loop || !enter(self, unused))
        return Py_XDECREF(loop), NULL;
    if (tm_rec_is_on)
        tm_py_follow_loop(loop);
    Py_DECREF(loop);
    return tm_py_ready(self);
}

static PyObject *aexit(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *result = exit_(self, arguments, count);
    return result ? tm_py_ready(result) : NULL;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    struct profile_run *run = (struct profile_run *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(run->run);
    Py_VISIT(run->options);
    return 0;
}

static int clear(PyObject *self)
{
    struct profile_run *run = (struct profile_run *)self;
    Py_CLEAR(run->options);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    clear(self);
    Py_XDECREF(((struct profile_run *)self)->run);
    Py_XDECREF(((struct profile_run *)self)->path);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", TM_PY_METHOD(exit_), METH_FASTCALL, NULL},
    {"__aenter__", aenter, METH_NOARGS, NULL},
    {"__aexit__", TM_PY_METHOD(aexit), METH_FASTCALL, NULL},
    {0},
};

static const char doc[] =
    "profile_run(path, key=None, *, started_at=None, project=None, branch=None, commit=None, host=None, version=None, "
    "**options)\n--\n\n"
    "Records what runs in the with block, or async with block, and writes it when the block ends, also by an exception: to a CSV "
    "file\n"
    "if `path` ends in .csv, otherwise as a run to the store in that file. Starts recording with the options of start() if it is "
    "off,\n"
    "and then stops it as well; if that leaves it off (no PLUGIN_PROFILING=1, no on=True), nothing is written. What cannot be\n"
    "written is kept: recording goes on, and the next profile_run takes it over and writes it as well.";

static PyType_Slot slots[] = {
    {Py_tp_new, TM_PY_SLOT(new_run)},
    {Py_tp_traverse, TM_PY_SLOT(traverse)},
    {Py_tp_clear, TM_PY_SLOT(clear)},
    {Py_tp_dealloc, TM_PY_SLOT(dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_doc, TM_PY_SLOT(doc)},
    {0, NULL},
};

PyType_Spec tm_py_profile_run_spec = {"tidemark.profile_run", sizeof(struct profile_run), 0,
                                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
