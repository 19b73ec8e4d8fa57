/* A task that a plugin starts works for the plugin. The event loop's task factory is where tasks begin, so a factory of our own
 * goes before the one that is there. */
#include "record/python/module.h"

struct factory {
    PyObject_HEAD
    PyObject *before; /* the loop's factory before this one; None: asyncio.Task */
    vectorcallfunc vectorcall;
};

/* asyncio.Task(coroutine, loop=loop, **keywords) */
static PyObject *new_task(PyObject *const *arguments, PyObject *coroutine, PyObject *keywords)
{
    PyObject *asyncio = PyImport_ImportModule("asyncio"), *task_type = asyncio ? PyObject_GetAttrString(asyncio, "Task") : NULL;
    PyObject *named = PyDict_New(), *positional = PyTuple_Pack(1, coroutine), *task = NULL;
    bool ready = task_type && named && positional && PyDict_SetItemString(named, "loop", arguments[0]) == 0;
    for (Py_ssize_t i = 0; ready && keywords && i < PyTuple_GET_SIZE(keywords); i++)
        ready = PyDict_SetItem(named, PyTuple_GET_ITEM(keywords, i), arguments[2 + i]) == 0;
    if (ready)
        task = PyObject_Call(task_type, positional, named);
    Py_XDECREF(positional);
    Py_XDECREF(named);
    Py_XDECREF(task_type);
    Py_XDECREF(asyncio);
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

int tm_py_follow_tasks_of(PyObject *loop)
{
    PyObject *before = PyObject_CallMethod(loop, "get_task_factory", NULL);
    if (!before)
        return -1;
    if (Py_TYPE(before) == tm_py.types.task_factory)
        return Py_DECREF(before), 0;
    struct factory *factory = PyObject_GC_New(struct factory, tm_py.types.task_factory);
    if (!factory)
        return Py_DECREF(before), -1;
    factory->before = before;
    factory->vectorcall = call;
    PyObject_GC_Track(factory);
    int result = set_factory(loop, (PyObject *)factory);
    Py_DECREF(factory);
    return result == 0 ? 1 : -1;
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
    "plugin's. `async with profile_run(...)` does this by itself.";

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
    if (result < 0)
        return NULL;
    return Py_NewRef(Py_None);
}
