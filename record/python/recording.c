/* start, stop and what they are asked for. Both run Python code and wait without the interpreter's lock, so they take turns
 * (turns.c), and each begins a new session: wrappers and followers of another one do nothing. */
#include "record/python/growth.h"
#include "record/python/loops.h"
#include "record/python/module.h"
#include "record/python/turns.h"

#include <stdlib.h>
#include <string.h>

static PyObject *on_spike; /* the user's function; NULL: none */
static bool leaving;       /* the interpreter is about to end: nobody may wait for its lock any more */
static bool stopping;      /* there is somebody who waits for the monitor's end: it need not tell any more */

/* One line on standard error, like those of the report. */
static PyObject *print_spike(const struct tm_spike *spike)
{
    PySys_FormatStderr("[CPU SPIKE] %d.%d%% | active plugin: %s\n", (int)spike->cpu_percent, (int)(10 * spike->cpu_percent) % 10,
                       spike->plugin ? spike->plugin : "none");
    return Py_NewRef(Py_None);
}

/* By the monitor's thread. */
static void tell_spike(void *context, const struct tm_spike *spike)
{
    (void)context;
    if (leaving || stopping)
        return;
    PyGILState_STATE state = PyGILState_Ensure();
    tm_py_in_on_spike = true;
    PyObject *function = Py_XNewRef(on_spike), *told = function ? tm_py_spike(spike) : NULL;
    PyObject *result = !told ? NULL : function == Py_True ? print_spike(spike) : PyObject_CallOneArg(function, told);
    if (function && !result)
        PyErr_WriteUnraisable(function);
    Py_XDECREF(result);
    Py_XDECREF(told);
    Py_XDECREF(function);
    tm_py_in_on_spike = false;
    PyGILState_Release(state);
}

/* ---- start and stop ---- */

/* The value of the word among the words, the last of which is NULL; -1 with a ValueError that lists them. */
static int word_index(const char *what, const char *word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    PyErr_Format(PyExc_ValueError, "%s '%.80s': expected %s, %s or %s", what, word, words[0], words[1], words[2]);
    return -1;
}

struct options {
    struct tm_rec_config config;
    PyObject *on, *on_spike, *trace, *tracemalloc_plugins, *errors;
    const char *clock, *memory;
};

/* Whose growth is asked for needs to be known by owner. */
static int choose_plugins(struct options *w)
{
    PyObject *names = w->tracemalloc_plugins == Py_None ? PyTuple_New(0) : PySequence_Tuple(w->tracemalloc_plugins);
    int result = names ? 0 : -1;
    for (Py_ssize_t i = 0; result == 0 && i < PyTuple_GET_SIZE(names); i++)
        result = tm_py_growth_choose(PyTuple_GET_ITEM(names, i));
    Py_XDECREF(names);
    if (result != 0 || !tm_py_growth_chosen())
        return result;
    if (w->config.memory == TM_REC_MEMORY_NET)
        return PyErr_Format(PyExc_ValueError, "tracemalloc needs memory='owner', not '%s'", w->memory), -1;
    w->config.memory = TM_REC_MEMORY_OWNER;
    return 0;
}

/* Types, or a function. 0, or -1 with a TypeError. */
static int check_errors(PyObject *errors)
{
    bool good = errors == Py_None || PyTuple_Check(errors) || PyExceptionClass_Check(errors) ||
                (PyCallable_Check(errors) && !PyType_Check(errors));
    for (Py_ssize_t i = 0; good && PyTuple_Check(errors) && i < PyTuple_GET_SIZE(errors); i++)
        good = PyExceptionClass_Check(PyTuple_GET_ITEM(errors, i));
    if (!good)
        PyErr_Format(PyExc_TypeError, "errors must be an exception type, a tuple of them or a function, not %.80R", errors);
    return good ? 0 : -1;
}

/* Checks everything that Python says, before anything is started. *trace_path: to be released. */
static int fill_config(struct options *w, PyObject **trace_path)
{
    static const char *const clocks[] = {"best", "syscall", "rseq", NULL};
    static const char *const memories[] = {"off", "count", "owner", "net", NULL};
    static const enum tm_rec_memory modes[] = {TM_REC_MEMORY_OFF, TM_REC_MEMORY_NET, TM_REC_MEMORY_OWNER, TM_REC_MEMORY_NET};
    int clock = word_index("clock", w->clock, clocks), memory = clock < 0 ? -1 : word_index("memory", w->memory, memories);
    if (memory < 0)
        return -1;
    w->config.clock = (enum tm_rec_clock)clock;
    w->config.memory = modes[memory];
    w->config.on = w->on == Py_None ? tm_rec_wished() : PyObject_IsTrue(w->on);
    if (w->config.on < 0)
        return -1;
    if (!(w->config.spike_interval >= 0) || !(w->config.spike_percent >= 0) ||
        !(w->config.trace_share >= 0 && w->config.trace_share <= 1))
        return PyErr_SetString(PyExc_ValueError,
                               "spike_interval and spike_percent may not be negative; trace_share is from 0 to 1"),
               -1;
    if (check_errors(w->errors) != 0)
        return -1;
    if (w->on_spike == Py_False)
        w->on_spike = Py_None;
    if (w->on_spike != Py_None && w->on_spike != Py_True && !PyCallable_Check(w->on_spike))
        return PyErr_Format(PyExc_TypeError, "on_spike must be a function or True, not a '%.200s'", Py_TYPE(w->on_spike)->tp_name),
               -1;
    w->config.on_spike = w->on_spike == Py_None ? NULL : tell_spike;
    if (w->trace != Py_None && !PyUnicode_FSConverter(w->trace, trace_path))
        return -1;
    w->config.trace = *trace_path ? PyBytes_AS_STRING(*trace_path) : NULL;
    return choose_plugins(w);
}

/* The monitor may be waiting for the interpreter's lock in tell_spike, so it is stopped without it. */
static void stop_monitor(void)
{
    stopping = true;
    Py_BEGIN_ALLOW_THREADS;
    tm_rec_monitor_stop();
    Py_END_ALLOW_THREADS;
    stopping = false;
}

/* Keeps an exception that is set. */
static void stop(void)
{
    stop_monitor();
    tm_rec_stop();
    tm_py.session++;
    tm_py_leave_loops();
    tm_py_growth_stop();
    Py_CLEAR(on_spike);
    Py_CLEAR(tm_py.errors);
}

/* 0 or -1 */
static int start_with(const struct options *wishes)
{
    Py_XSETREF(tm_py.errors, wishes->errors == Py_None ? NULL : Py_NewRef(wishes->errors));
    tm_py.meet_loops = tm_py_meet_loops;
    stopping = false; /* a child may have been forked meanwhile */
    Py_XSETREF(on_spike, wishes->on_spike == Py_None ? NULL : Py_NewRef(wishes->on_spike));
    if (tm_rec_start(&wishes->config) != 0)
        return PyErr_SetString(tm_py.error, tm_rec_message()), -1;
    tm_py.session++;
    if (tm_rec_is_on && tm_py_growth_start(wishes->config.memory) != 0)
        return stop(), -1;
    if (tm_rec_is_on)
        tm_py_meet_loops();
    return 0;
}

/* Is there anything in the module's attribute, that says what was patched? */
static bool has_patched(const char *name, const char *attribute)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), name);
    PyObject *patched = module ? PyObject_GetAttrString(module, attribute) : NULL;
    bool any = patched && PyObject_IsTrue(patched) == 1;
    Py_XDECREF(patched);
    PyErr_Clear();
    return any;
}

/* Greenlets take their stacks away in the middle of a call, with what is recorded of it. 0, or -1 with an Error. */
static int refuse_greenlets(void)
{
    const char *who = has_patched("gevent.monkey", "saved")                ? "gevent"
                      : has_patched("eventlet.patcher", "already_patched") ? "eventlet"
                                                                           : NULL;
    if (who)
        PyErr_Format(
            tm_py.error,
            "cannot record under %s: it switches greenlets inside of calls, so that errors and CPU would be told of the wrong "
            "plugin; record the plugins in a process that is not patched by it",
            who);
    return who ? -1 : 0;
}

/* 0 or -1 */
static int start(struct options *wishes)
{
    PyObject *trace_path = NULL;
    if (tm_rec_is_on)
        return PyErr_SetString(tm_py.error, "recording is on already"), -1;
    int result = fill_config(wishes, &trace_path);
    if (result == 0 && wishes->config.on)
        result = refuse_greenlets();
    if (result == 0)
        result = start_with(wishes);
    Py_XDECREF(trace_path);
    if (!tm_rec_is_on)
        tm_py_growth_stop();
    return result;
}

const char tm_py_start_doc[] =
    "start(on=None, clock='best', memory='off', spike_interval=1.0, spike_percent=80, on_spike=None, trace=None,\n"
    "      trace_share=1.0, tracemalloc_plugins=None, errors=None)\n"
    "--\n\n"
    "Begins to record, if `on` is true, or by default if the environment says PLUGIN_PROFILING=1. Returns whether it records.\n"
    "clock: best, syscall or rseq. memory: off, count or net (both: net by thread), or owner (by plugin, with the exact peak).\n"
    "A spike is a spike_interval in which the process used more than spike_percent of one CPU, or of its quota if that is less;\n"
    "on_spike gets it as a dict, from another thread, and True prints a line. trace: a file for spans of a share of the calls, "
    "OTLP as JSON lines.\n"
    "tracemalloc_plugins: names of plugins of which to tell the lines that hold more and more memory (slow).\n"
    "errors: which exceptions are errors: types, or a function of the exception that returns True, False, or None for the usual.";

PyObject *tm_py_start(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"on",       "clock", "memory",      "spike_interval",      "spike_percent",
                            "on_spike", "trace", "trace_share", "tracemalloc_plugins", "errors",
                            NULL};
    struct options w = {.config = TM_REC_CONFIG_INIT,
                        .on = Py_None,
                        .on_spike = Py_None,
                        .trace = Py_None,
                        .tracemalloc_plugins = Py_None,
                        .errors = Py_None,
                        .clock = "best",
                        .memory = "off"};
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|OssddOOdOO:start", names, &w.on, &w.clock, &w.memory,
                                     &w.config.spike_interval, &w.config.spike_percent, &w.on_spike, &w.trace,
                                     &w.config.trace_share, &w.tracemalloc_plugins, &w.errors))
        return NULL;
    if (tm_py_take_turn() != 0)
        return NULL;
    int failed = start(&w) != 0;
    tm_py_end_turn();
    return failed ? NULL : PyBool_FromLong(tm_rec_is_on);
}

PyObject *tm_py_stop(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (tm_py_take_turn() != 0)
        return NULL;
    if (tm_rec_is_on)
        stop();
    tm_py_end_turn();
    return Py_NewRef(Py_None);
}

/* Before the interpreter goes: afterwards no thread may ask for its lock. */
PyObject *tm_py_leave_interpreter(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (tm_py_take_turn() != 0)
        return NULL;
    leaving = true;
    if (tm_rec_is_on)
        stop_monitor();
    tm_py_end_turn();
    return Py_NewRef(Py_None);
}

PyObject *tm_py_enabled(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyBool_FromLong(tm_rec_is_on);
}

PyObject *tm_py_info(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    const char *why = tm_rec_clock_why();
    return Py_BuildValue("{s:s,s:N,s:s,s:s,s:d}", "version", TM_VERSION, "on", PyBool_FromLong(tm_rec_is_on), "clock",
                         *why ? "thread_cputime" : "rseq", "why_not_rseq", why, "drift_ppm", tm_rec_clock_drift());
}

PyObject *tm_py_current_span(PyObject *module, PyObject *unused)
{
    char text[TM_REC_SPAN_SIZE];
    (void)module;
    (void)unused;
    return tm_rec_is_on && tm_rec_current_span(text) ? PyUnicode_FromString(text) : Py_NewRef(Py_None);
}
