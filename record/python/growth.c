/* Growth by line, told by tracemalloc. A watched plugin waits for the end of a call and the begin of the next one, when its
 * baseline is taken; the answer is what a snapshot of now has more. Taking one runs Python code and lets other threads run, so
 * whatever was looked up before is looked up again. */
#include "record/python/growth.h"

#include "record/python/allocator.h"

enum {
    SHOWN = 10,        /* lines of a plugin: the largest, for people */
    WATCHED_MAX = 256, /* plugins; each has its domain in every one of tracemalloc's snapshots */
};

/* What is waited for: the end of a call; the begin of another one; nothing, there is a baseline. */
enum moment { FIRST_END, NEXT_BEGIN, WATCHING };

static struct watch {
    tm_rec_plugin *plugin;
    uint16_t owner;
    enum moment moment;
    PyObject *baseline; /* a Snapshot of the plugin's domain; NULL: none yet */
} watched[WATCHED_MAX];
static size_t n_watched;

int tm_py_growth_waiting, tm_py_growth_wrappers;
static PyObject *chosen;    /* a set of names; NULL: none */
static bool tracing;        /* tracemalloc was started here */
static unsigned begun_anew; /* how often all baselines have become void: a snapshot that was being taken then is void as well */
static enum tm_rec_memory memory_mode;

/* tracemalloc.name(), for what it returns; NULL with an exception. */
static PyObject *ask_tracemalloc(const char *name)
{
    PyObject *tracemalloc = PyImport_ImportModule("tracemalloc");
    PyObject *answer = tracemalloc ? PyObject_CallMethod(tracemalloc, name, NULL) : NULL;
    Py_XDECREF(tracemalloc);
    return answer;
}

/* Sets the exception of before again. What has gone wrong meanwhile, with tracemalloc or for want of memory, is told on the side
 * (sys.unraisablehook): a plugin's call is not to fail by it. */
static void put_back(PyObject *exception)
{
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(NULL);
    if (exception)
        PyErr_SetRaisedException(exception);
}

/* ---- who is watched ---- */

int tm_py_growth_choose(PyObject *name)
{
    if (!tm_py_plugin_name(name) || (!chosen && !(chosen = PySet_New(NULL))))
        return -1;
    return PySet_Add(chosen, name);
}

int tm_py_growth_check(void)
{
    if (!tm_rec_is_on || memory_mode == TM_REC_MEMORY_OWNER)
        return 0;
    return PyErr_SetString(PyExc_ValueError, "tracemalloc needs memory='owner', and recording is on without it"), -1;
}

bool tm_py_growth_chosen(void)
{
    return chosen || tm_py_growth_wrappers > 0;
}

/* Unless it traces already, for somebody else: then it is left on at the end. */
static int start_tracing(void)
{
    PyObject *traces = ask_tracemalloc("is_tracing"), *started = NULL;
    if (traces == Py_False) {
        started = ask_tracemalloc("start");
        tracing = started != NULL;
    }
    bool failed = !traces || (traces == Py_False && !started);
    Py_XDECREF(started);
    Py_XDECREF(traces);
    return failed ? -1 : 0;
}

int tm_py_growth_start(enum tm_rec_memory memory)
{
    memory_mode = memory;
    return memory == TM_REC_MEMORY_OWNER && tm_py_growth_chosen() ? start_tracing() : 0;
}

void tm_py_growth_stop(void)
{
    begun_anew++;
    tm_py_growth_waiting = 0;
    while (n_watched > 0) {
        n_watched--;
        Py_CLEAR(watched[n_watched].baseline);
    }
    Py_CLEAR(chosen);
    if (!tracing)
        return;
    tracing = false;
    PyObject *exception = PyErr_GetRaisedException(), *stopped = ask_tracemalloc("stop");
    Py_XDECREF(stopped);
    put_back(exception);
    tm_py_allocator_restore(); /* if tracemalloc's hooks were before ours */
}

/* NULL: it is not watched. */
static struct watch *watch_of(const tm_rec_plugin *plugin)
{
    for (size_t i = 0; i < n_watched; i++)
        if (watched[i].plugin == plugin)
            return &watched[i];
    return NULL;
}

void tm_py_growth_meet(PyObject *name, tm_rec_plugin *plugin, bool asked)
{
    if (!plugin || memory_mode != TM_REC_MEMORY_OWNER || !(asked || chosen) || n_watched == WATCHED_MAX || watch_of(plugin))
        return;
    PyObject *exception = PyErr_GetRaisedException();
    uint32_t session = tm_py.session;
    int wanted = asked ? 1 : PySet_Contains(chosen, name);
    uint16_t owner = wanted > 0 && start_tracing() == 0 ? tm_py_owner_number(tm_rec_owner(plugin)) : 0;
    put_back(exception);
    if (owner == 0 || session != tm_py.session || n_watched == WATCHED_MAX || watch_of(plugin))
        return;
    tm_py_trace_owner(owner);
    watched[n_watched++] = (struct watch){.plugin = plugin, .owner = owner};
    tm_py_growth_waiting++;
}

/* ---- snapshots ---- */

/* tracemalloc.take_snapshot().filter_traces([DomainFilter(True, domain)]), which lets other threads run: they may flush, or stop */
static PyObject *take_snapshot(uint16_t owner)
{
    PyObject *tracemalloc = PyImport_ImportModule("tracemalloc"), *all = ask_tracemalloc("take_snapshot"), *own = NULL;
    PyObject *filter =
        tracemalloc ? PyObject_CallMethod(tracemalloc, "DomainFilter", "OI", Py_True, TM_PY_TRACE_DOMAIN + (unsigned)owner) : NULL;
    if (all && filter)
        own = PyObject_CallMethod(all, "filter_traces", "[O]", filter);
    Py_XDECREF(filter);
    Py_XDECREF(all);
    Py_XDECREF(tracemalloc);
    return own;
}

void tm_py_growth_ended(const tm_rec_plugin *plugin)
{
    struct watch *watch = watch_of(plugin);
    if (watch && watch->moment == FIRST_END)
        watch->moment = NEXT_BEGIN;
}

void tm_py_growth_begun(const tm_rec_plugin *plugin)
{
    struct watch *watch = watch_of(plugin);
    if (!watch || watch->moment != NEXT_BEGIN)
        return;
    PyObject *exception = PyErr_GetRaisedException();
    unsigned before = begun_anew;
    watch->moment = WATCHING;
    tm_py_growth_waiting--;
    PyObject *baseline = take_snapshot(watch->owner);
    if (before != begun_anew)
        Py_XDECREF(baseline);
    else if (baseline)
        watch->baseline = baseline; /* there was none */
    else {                          /* another try when the next call begins */
        watch->moment = NEXT_BEGIN;
        tm_py_growth_waiting++;
    }
    put_back(exception);
}

/* Baselines are taken anew at the next calls. */
void tm_py_growth_flushed(void)
{
    begun_anew++;
    for (size_t i = 0; i < n_watched; i++) {
        tm_py_growth_waiting += watched[i].moment == WATCHING;
        watched[i].moment = NEXT_BEGIN;
        Py_CLEAR(watched[i].baseline);
    }
}

/* ---- the answer ---- */

/* object.NAME, a whole number; 0 with an exception. */
static long long whole(PyObject *object, const char *name)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    long long number = value ? PyLong_AsLongLong(value) : 0;
    Py_XDECREF(value);
    return number;
}

/* str(difference.traceback[0]), which is file:line */
static PyObject *place_of(PyObject *difference)
{
    PyObject *traceback = PyObject_GetAttrString(difference, "traceback");
    PyObject *frame = traceback ? PySequence_GetItem(traceback, 0) : NULL, *text = frame ? PyObject_Str(frame) : NULL;
    Py_XDECREF(frame);
    Py_XDECREF(traceback);
    return text;
}

/* A StatisticDiff as a dict. */
static PyObject *grower(PyObject *difference)
{
    PyObject *place = place_of(difference);
    double size = (double)whole(difference, "size") / 1024, grown = (double)whole(difference, "size_diff") / 1024;
    long long count = whole(difference, "count"), more = whole(difference, "count_diff");
    if (!PyErr_Occurred() && place)
        return Py_BuildValue("{s:N,s:d,s:d,s:L,s:L}", "where", place, "size_kb", size, "size_diff_kb", grown, "count", count,
                             "count_diff", more);
    Py_XDECREF(place);
    return NULL;
}

/* The differences come with the largest first, whichever sign they have. */
static PyObject *largest(PyObject *differences)
{
    PyObject *growers = PyList_New(0);
    for (Py_ssize_t i = 0; growers && i < PyList_GET_SIZE(differences) && PyList_GET_SIZE(growers) < SHOWN; i++) {
        PyObject *difference = PyList_GET_ITEM(differences, i);
        if (whole(difference, "size_diff") <= 0)
            continue;
        PyObject *item = grower(difference);
        if (!item || PyList_Append(growers, item) != 0)
            Py_CLEAR(growers);
        Py_XDECREF(item);
    }
    return growers;
}

PyObject *tm_py_growth_of(const char *plugin)
{
    struct watch *watch = NULL;
    for (size_t i = 0; i < n_watched; i++)
        if (strcmp(tm_rec_plugin_name(watched[i].plugin), plugin) == 0)
            watch = &watched[i];
    if (!watch || !watch->baseline)
        return Py_NewRef(Py_None);
    unsigned before = begun_anew;
    PyObject *baseline = Py_NewRef(watch->baseline), *now = take_snapshot(watch->owner), *growers = NULL;
    PyObject *differences = now ? PyObject_CallMethod(now, "compare_to", "Os", baseline, "lineno") : NULL;
    if (differences && PyList_Check(differences))
        growers = largest(differences);
    Py_XDECREF(differences);
    Py_XDECREF(now);
    Py_DECREF(baseline);
    if (growers || before == begun_anew)
        return growers;
    PyErr_Clear(); /* tracing has ended meanwhile */
    return Py_NewRef(Py_None);
}
