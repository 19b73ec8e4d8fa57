/* Event loops as they begin to run: each gets our task factory, so that what a plugin starts there is the plugin's. A loop tells
 * asyncio that it runs by _set_running_loop, however it was started, so a function of our own stands in its place while recording
 * is on. A loop that runs already, or has a way of its own, is met where a plugin's coroutine takes its first step on it. */
#include "record/python/loops.h"

#include "record/python/module.h"

#include <string.h>

static PyObject *original; /* asyncio.events._set_running_loop, while ours is in its place */
static PyObject *followed; /* a weakref.WeakSet of the loops that have our factory; NULL: none yet */

/* asyncio.events if the program has imported it, borrowed; else NULL, without an exception. */
static PyObject *events_module(void)
{
    PyObject *module = PyDict_GetItemWithError(PyImport_GetModuleDict(), tm_py.names.asyncio_events);
    if (!module)
        PyErr_Clear();
    return module;
}

/* ---- a loop's own methods, with ours before them ---- */

/* Where an argument is, by position or by name; -1: nowhere. */
static Py_ssize_t place_of(const char *name, Py_ssize_t position, Py_ssize_t count, PyObject *keywords)
{
    if (position < count)
        return position;
    for (Py_ssize_t i = 0; keywords && i < PyTuple_GET_SIZE(keywords); i++)
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, i), name) == 0)
            return count + i;
    return -1;
}

/* before(*arguments, **keywords), with another object in the place `at`, whose reference it takes; NULL: an exception is set. */
static PyObject *call_with(PyObject *before, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords, Py_ssize_t at,
                           PyObject *other)
{
    size_t total = (size_t)(count + (keywords ? PyTuple_GET_SIZE(keywords) : 0));
    PyObject **all = other ? PyMem_New(PyObject *, total) : NULL, *result = NULL;
    if (all) {
        memcpy(all, arguments, total * sizeof *all);
        all[at] = other;
        result = PyObject_Vectorcall(before, all, (size_t)count, keywords);
    } else if (other)
        PyErr_NoMemory();
    PyMem_Free(all);
    Py_XDECREF(other);
    return result;
}

/* call_at(when, ...): a timer of the loop's clock, the monotonic one. */
static PyObject *call_at(PyObject *before, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords)
{
    Py_ssize_t when = place_of("when", 0, count, keywords);
    if (when >= 0 && PyFloat_CheckExact(arguments[when]))
        tm_rec_due(PyFloat_AS_DOUBLE(arguments[when]));
    return PyObject_Vectorcall(before, arguments, (size_t)count, keywords);
}

/* set_task_factory(factory): ours stays before it. */
static PyObject *set_task_factory(PyObject *before, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords)
{
    Py_ssize_t factory = place_of("factory", 0, count, keywords);
    if (factory < 0)
        return PyObject_Vectorcall(before, arguments, (size_t)count, keywords);
    return call_with(before, arguments, count, keywords, factory, tm_py_task_factory_before(arguments[factory]));
}

/* Threads share memory: what they are given may be bound. None is the loop's own pool of threads. */
static bool is_of_threads(PyObject *executor)
{
    PyObject *mro = Py_TYPE(executor)->tp_mro;
    for (Py_ssize_t i = 0; mro && i < PyTuple_GET_SIZE(mro); i++)
        if (strcmp(((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_name, "ThreadPoolExecutor") == 0)
            return true;
    return executor == Py_None;
}

/* run_in_executor(executor, func, *arguments): what a plugin hands to a thread is done for the plugin; asyncio.to_thread comes
 * here.
 */
static PyObject *run_in_executor(PyObject *before, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords)
{
    Py_ssize_t executor = place_of("executor", 0, count, keywords), fn = place_of("func", 1, count, keywords);
    if (executor < 0 || fn < 0 || !is_of_threads(arguments[executor]) || !PyCallable_Check(arguments[fn]))
        return PyObject_Vectorcall(before, arguments, (size_t)count, keywords);
    return call_with(before, arguments, count, keywords, fn, tm_py_bind(NULL, arguments[fn]));
}

/* selector.select(timeout): with 0 the loop has something to do, and only looks. */
static PyObject *select_(PyObject *before, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords)
{
    Py_ssize_t timeout = place_of("timeout", 0, count, keywords);
    bool looks = timeout >= 0 && arguments[timeout] != Py_None && PyObject_IsTrue(arguments[timeout]) == 0;
    int64_t began = tm_rec_is_on ? tm_rec_waits() : 0;
    PyObject *result = PyObject_Vectorcall(before, arguments, (size_t)count, keywords);
    if (began && !looks)
        tm_rec_waited(began);
    return result;
}

static PyMethodDef call_at_method = {"call_at", TM_PY_METHOD(call_at), METH_FASTCALL | METH_KEYWORDS, NULL},
                   executor_method = {"run_in_executor", TM_PY_METHOD(run_in_executor), METH_FASTCALL | METH_KEYWORDS, NULL},
                   factory_method = {"set_task_factory", TM_PY_METHOD(set_task_factory), METH_FASTCALL | METH_KEYWORDS, NULL},
                   select_method = {"select", TM_PY_METHOD(select_), METH_FASTCALL | METH_KEYWORDS, NULL};

static bool is_ours(PyObject *function, const PyMethodDef *method)
{
    return function && PyCFunction_Check(function) && PyCFunction_GET_FUNCTION(function) == method->ml_meth;
}

/* Once. An object that takes no attributes goes without. Leaves no exception. */
static void put_method(PyObject *object, PyMethodDef *method)
{
    PyObject *before = object ? PyObject_GetAttrString(object, method->ml_name) : NULL;
    PyObject *ours = before && !is_ours(before, method) ? PyCFunction_New(method, before) : NULL;
    if (ours)
        PyObject_SetAttrString(object, method->ml_name, ours);
    PyErr_Clear();
    Py_XDECREF(ours);
    Py_XDECREF(before);
}

/* If it is still ours. Leaves no exception. */
static void take_method(PyObject *object, const PyMethodDef *method)
{
    PyObject *now = object ? PyObject_GetAttrString(object, method->ml_name) : NULL;
    if (is_ours(now, method))
        PyObject_DelAttrString(object, method->ml_name);
    PyErr_Clear();
    Py_XDECREF(now);
}

static void put_methods(PyObject *loop)
{
    PyObject *selector = PyObject_GetAttrString(loop, "_selector");
    put_method(loop, &call_at_method);
    put_method(loop, &factory_method);
    put_method(loop, &executor_method);
    put_method(selector, &select_method);
    Py_XDECREF(selector);
}

static void take_methods(PyObject *loop)
{
    PyObject *selector = PyObject_GetAttrString(loop, "_selector");
    take_method(loop, &call_at_method);
    take_method(loop, &factory_method);
    take_method(loop, &executor_method);
    take_method(selector, &select_method);
    Py_XDECREF(selector);
}

/* ---- which loops ---- */

/* A loop that cannot be kept is still followed; it keeps our factory, which does nothing once recording is off. */
static void remember(PyObject *loop)
{
    PyObject *weakref = followed ? NULL : PyImport_ImportModule("weakref");
    if (weakref)
        followed = PyObject_CallMethod(weakref, "WeakSet", NULL);
    PyObject *added = followed ? PyObject_CallMethod(followed, "add", "O", loop) : NULL;
    Py_XDECREF(added);
    Py_XDECREF(weakref);
    PyErr_Clear();
}

/* Our factory may be there already, by follow_tasks(), and the methods not. */
void tm_py_follow_loop(PyObject *loop)
{
    if (tm_py_follow_tasks_of(loop) == 0) {
        remember(loop);
        put_methods(loop);
    } else if (PyErr_ExceptionMatches(PyExc_AttributeError) || PyErr_ExceptionMatches(PyExc_NotImplementedError))
        PyErr_Clear(); /* a loop without task factories */
    else
        PyErr_WriteUnraisable(loop); /* recording goes on without the tasks */
}

/* In place of asyncio's own. None: the loop has ended. */
static PyObject *loop_runs(PyObject *self, PyObject *loop)
{
    (void)self;
    PyObject *result = original ? PyObject_CallOneArg(original, loop) : Py_NewRef(Py_None);
    if (result && loop != Py_None && tm_rec_is_on)
        tm_py_follow_loop(loop);
    return result;
}

static PyMethodDef loop_runs_method = {"_set_running_loop", loop_runs, METH_O, NULL};

/* 0 or -1 */
static int watch(PyObject *events)
{
    PyObject *ours = PyCFunction_New(&loop_runs_method, NULL);
    original = ours ? PyObject_GetAttrString(events, loop_runs_method.ml_name) : NULL;
    int result = original ? PyObject_SetAttrString(events, loop_runs_method.ml_name, ours) : -1;
    if (result != 0)
        Py_CLEAR(original);
    Py_XDECREF(ours);
    return result;
}

/* The loop that runs on this thread; NULL, without an exception: none. */
static PyObject *running_loop(PyObject *events)
{
    PyObject *loop = PyObject_CallMethod(events, "_get_running_loop", NULL);
    PyErr_Clear();
    if (loop == Py_None)
        Py_CLEAR(loop);
    return loop;
}

/* Does asyncio tell us of the loops of that kind? Those written in C may call its function without asking for it by name. */
static bool tells(PyObject *loop)
{
    PyObject *base = PyObject_GetAttrString((PyObject *)Py_TYPE(loop), "_run_once");
    PyErr_Clear();
    Py_XDECREF(base);
    return base;
}

void tm_py_meet_loops(void)
{
    PyObject *events = events_module(), *loop = NULL;
    if (!events)
        return;
    Py_INCREF(events);
    if (!original && watch(events) != 0)
        PyErr_WriteUnraisable(events);
    loop = running_loop(events);
    if (loop)
        tm_py_follow_loop(loop);
    if (!loop || tells(loop))
        tm_py_loops_seen = tm_py.session;
    Py_XDECREF(loop);
    Py_DECREF(events);
}

/* Nobody else's function is taken away. */
static void leave_events(void)
{
    PyObject *events = events_module(), *now = events ? PyObject_GetAttrString(events, loop_runs_method.ml_name) : NULL;
    if (is_ours(now, &loop_runs_method) && PyObject_SetAttrString(events, loop_runs_method.ml_name, original) == 0)
        Py_CLEAR(original);
    Py_XDECREF(now);
}

void tm_py_leave_loops(void)
{
    PyObject *exception = PyErr_GetRaisedException(), *loops = followed ? PySequence_List(followed) : NULL;
    for (Py_ssize_t i = 0; loops && i < PyList_GET_SIZE(loops); i++) {
        take_methods(PyList_GET_ITEM(loops, i));
        if (tm_py_leave_tasks_of(PyList_GET_ITEM(loops, i)) != 0)
            PyErr_Clear();
    }
    Py_XDECREF(loops);
    Py_CLEAR(followed);
    if (original)
        leave_events();
    PyErr_Clear();
    if (exception)
        PyErr_SetRaisedException(exception);
}
