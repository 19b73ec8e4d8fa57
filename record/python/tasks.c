/* A task that a plugin starts works for the plugin. The event loop's task factory is where tasks begin, so a factory of our own
 * goes before the one that is there. */
#include "record/python/module.h"

struct factory {
    PyObject_HEAD
    PyObject *before; /* the loop's factory before this one; None: asyncio.Task */
    vectorcallfunc vectorcall;
};

/* asyncio.Task(coroutine, loop=loop, **keywords); names: of the keywords, with "loop" before them. */
static PyObject *call_task(PyObject *type, PyObject *const *arguments, PyObject *coroutine, PyObject *names)
{
    PyObject *all[8] = {NULL, coroutine, arguments[0]};
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    if (count > 6)
        return PyErr_Format(PyExc_TypeError, "a task takes at most 5 keywords, not %zd", count - 1);
    for (Py_ssize_t i = 1; i < count; i++)
        all[2 + i] = arguments[1 + i];
    return PyObject_Vectorcall(type, all + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
}

/* ("loop", *keywords), of which the first is made once. */
static PyObject *task_names(PyObject *keywords)
{
    static PyObject *loop_alone;
    if (!loop_alone && !(loop_alone = PyTuple_Pack(1, tm_py.names.loop)))
        return NULL;
    return keywords ? PySequence_Concat(loop_alone, keywords) : Py_NewRef(loop_alone);
}

/* The type is asked for each time: the program may have put another one in its place. */
static PyObject *new_task(PyObject *const *arguments, PyObject *coroutine, PyObject *keywords)
{
    static PyObject *asyncio;
    if (!asyncio && !(asyncio = PyImport_ImportModule("asyncio")))
        return NULL;
    PyObject *type = PyObject_GetAttr(asyncio, tm_py.names.task), *names = type ? task_names(keywords) : NULL;
    PyObject *task = names ? call_task(type, arguments, coroutine, names) : NULL;
    Py_XDECREF(names);
    Py_XDECREF(type);
    return task;
}

/* The loop's own factory, for the coroutine that may now be a follower. */
static PyObject *call_before(PyObject *before, PyObject *const *arguments, PyObject *coroutine, PyObject *keywords)
{
    Py_ssize_t total = 2 + (keywords ? PyTuple_GET_SIZE(keywords) : 0);
    PyObject **all = PyMem_New(PyObject *, (size_t)total);
    if (!all)
        return PyErr_NoMemory();
    memcpy(all, arguments, (size_t)total * sizeof *all);
    all[1] = coroutine;
    PyObject *task = PyObject_Vectorcall(before, all, 2, keywords);
    PyMem_Free(all);
    return task;
}

/* factory(loop, coroutine, **keywords) */
static PyObject *call(PyObject *self, PyObject *const *arguments, size_t count, PyObject *keywords)
{
    PyObject *before = ((struct factory *)self)->before;
    if (PyVectorcall_NARGS(count) != 2)
        return PyErr_Format(PyExc_TypeError, "a task factory takes a loop and a coroutine");
    struct tm_rec_call current = tm_rec_current();
    PyObject *coroutine = Py_NewRef(arguments[1]);
    if (current.plugin && tm_py_followed(coroutine))
        coroutine = tm_py_follow_for(coroutine, &current);
    if (!coroutine)
        return NULL;
    PyObject *task =
        before == Py_None ? new_task(arguments, coroutine, keywords) : call_before(before, arguments, coroutine, keywords);
    Py_DECREF(coroutine);
    return task;
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct factory *)self)->before);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_DECREF(((struct factory *)self)->before);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(struct factory, vectorcall), READONLY, NULL}, {0}};

static PyType_Slot slots[] = {
    {Py_tp_traverse, TM_PY_SLOT(traverse)},
    {Py_tp_dealloc, TM_PY_SLOT(dealloc)},
    {Py_tp_call, TM_PY_SLOT(PyVectorcall_Call)},
    {Py_tp_members, members},
    {0, NULL},
};

enum { FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL };
PyType_Spec tm_py_task_factory_spec = {"tidemark.task_factory", sizeof(struct factory), 0, FLAGS, slots};

static int set_factory(PyObject *loop, PyObject *factory)
{
    PyObject *result = PyObject_CallMethod(loop, "set_task_factory", "O", factory);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

PyObject *tm_py_task_factory_before(PyObject *before)
{
    if (Py_TYPE(before) == tm_py.types.task_factory)
        return Py_NewRef(before);
    struct factory *factory = PyObject_GC_New(struct factory, tm_py.types.task_factory);
    if (!factory)
        return NULL;
    factory->before = Py_NewRef(before);
    factory->vectorcall = call;
    PyObject_GC_Track(factory);
    return (PyObject *)factory;
}

int tm_py_follow_tasks_of(PyObject *loop)
{
    PyObject *before = PyObject_CallMethod(loop, "get_task_factory", NULL);
    PyObject *factory = before ? tm_py_task_factory_before(before) : NULL;
    int result = !factory ? -1 : factory == before ? 0 : set_factory(loop, factory);
    Py_XDECREF(factory);
    Py_XDECREF(before);
    return result;
}

/* Only a factory of ours is taken away, and only where nobody has put another one before it. */
int tm_py_leave_tasks_of(PyObject *loop)
{
    PyObject *factory = PyObject_CallMethod(loop, "get_task_factory", NULL);
    int result = factory ? 0 : -1;
    if (factory && Py_TYPE(factory) == tm_py.types.task_factory)
        result = set_factory(loop, ((struct factory *)factory)->before);
    Py_XDECREF(factory);
    return result;
}

PyObject *tm_py_running_loop(void)
{
    PyObject *asyncio = PyImport_ImportModule("asyncio");
    PyObject *loop = asyncio ? PyObject_CallMethod(asyncio, "get_running_loop", NULL) : NULL;
    Py_XDECREF(asyncio);
    return loop;
}

const char tm_py_follow_tasks_doc[] =
    "follow_tasks(loop=None)\n--\n\n"
    "From now on, a task that a plugin starts on that event loop (default: the running one) works for the plugin: its CPU is the\n"
    "plugin's. While recording is on, every asyncio loop is followed by itself; this is for one of another make.";

PyObject *tm_py_follow_tasks(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"loop", NULL};
    PyObject *loop = Py_None;
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|O:follow_tasks", names, &loop))
        return NULL;
    loop = loop == Py_None ? tm_py_running_loop() : Py_NewRef(loop);
    int result = loop ? tm_py_follow_tasks_of(loop) : -1;
    Py_XDECREF(loop);
    return result == 0 ? Py_NewRef(Py_None) : NULL;
}
