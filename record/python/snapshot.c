/* What has been recorded, as dictionaries: an entry of a snapshot has its figures in milliseconds and kilobytes, None where nothing
 * is known. */
#include "record/python/growth.h"
#include "record/python/module.h"
#include "schema/fields.h"

/* In the given unit; NAN: None */
static PyObject *number(double value, double unit)
{
    if (isnan(value))
        return Py_NewRef(Py_None);
    return PyFloat_FromDouble(value / unit);
}

static PyObject *count(int64_t value)
{
    if (value == TM_UNKNOWN)
        return Py_NewRef(Py_None);
    return PyLong_FromLongLong(value);
}

/* Text that may have been cut in the middle of a character. */
static PyObject *text(const char *value)
{
    if (!value)
        return Py_NewRef(Py_None);
    return PyUnicode_DecodeUTF8(value, (Py_ssize_t)strlen(value), "backslashreplace");
}

/* Takes the reference of value, which may be NULL with an exception. */
static int put(PyObject *dict, const char *key, PyObject *value)
{
    int result = value ? PyDict_SetItemString(dict, key, value) : -1;
    Py_XDECREF(value);
    return result;
}

static PyObject *errors_of(const struct tm_rec_entry *entry)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < entry->n_errors; i++) {
        const struct tm_rec_error_count *error = &entry->errors[i];
        PyObject *kind = Py_BuildValue("{s:N,s:N,s:N}", "type", text(error->type), "message", text(error->message), "count",
                                       count(error->count));
        if (!kind || PyList_Append(list, kind) != 0)
            Py_CLEAR(list);
        Py_XDECREF(kind);
    }
    return list;
}

/* Of a reading that may be missing: 0. */
static double reading_ns(const struct tm_profile *profile, const char *metric)
{
    double ms = tm_reading_of(profile, metric);
    return isnan(ms) ? 0 : ms * 1e6;
}

static int put_times(PyObject *dict, const struct tm_rec_entry *entry)
{
    const struct tm_profile *p = &entry->profile;
    const struct {
        const char *key;
        double ns;
    } times[] = {
        {"wall_ms", p->wall_ns},
        {"cpu_ms", p->cpu_ns},
        {"occupied_ms", p->occupied_ns},
        {"self_wall_ms", entry->self_wall_ns},
        {"self_cpu_ms", entry->self_cpu_ns},
        {"wall_p50_ms", p->wall_p50_ns},
        {"wall_p95_ms", p->wall_p95_ns},
        {"wall_p99_ms", p->wall_p99_ns},
        {"wall_max_ms", p->wall_max_ns},
        {"p50_ms", p->wall_p50_ns}, /* the names that they had: programs may ask for them */
        {"p95_ms", p->wall_p95_ns},
        {"p99_ms", p->wall_p99_ns},
        {"max_ms", p->wall_max_ns},
        {"longest_step_ms", p->longest_step_ns},
        {"held_ms", reading_ns(p, TM_METRIC_HELD)},
        {"held_others_ms", reading_ns(p, TM_METRIC_HELD_OTHERS)},
        {"preempted_ms", reading_ns(p, TM_METRIC_PREEMPTED)},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (put(dict, times[i].key, number(times[i].ns, 1e6)) != 0)
            return -1;
    return 0;
}

PyObject *tm_py_spike(const struct tm_spike *spike)
{
    return Py_BuildValue("{s:d,s:N,s:d,s:s}", "at_ms", spike->at_ms, "duration_ms", number(spike->duration_ms, 1), "cpu_percent",
                         spike->cpu_percent, "plugin", spike->plugin);
}

static PyObject *entry_dict(const struct tm_rec_entry *entry)
{
    static PyObject *keys; /* of the first one, kept so that they stay the same strings for all */
    const struct tm_profile *p = &entry->profile;
    PyObject *dict = PyDict_New();
    if (!dict)
        return NULL;
    if (put(dict, "plugin", text(p->plugin)) == 0 && put(dict, "version", text(p->plugin_version)) == 0 &&
        put(dict, "calls", count(p->calls)) == 0 && put(dict, "errors", count(p->errors)) == 0 &&
        put(dict, "cancelled", count(p->cancelled)) == 0 && put(dict, "timeouts", count(p->timeouts)) == 0 &&
        put_times(dict, entry) == 0 && put(dict, "mem_delta_kb", number(p->mem_delta_bytes, 1024)) == 0 &&
        put(dict, "peak_mem_kb", number(p->peak_mem_bytes, 1024)) == 0 && put(dict, "clock", text(p->clock)) == 0 &&
        put(dict, "kinds_of_errors", errors_of(entry)) == 0 && put(dict, "other_errors", count(entry->other_errors)) == 0 &&
        put(dict, "growers", tm_py_growth_of(p->plugin)) == 0 && (keys || (keys = PyDict_Keys(dict))))
        return dict;
    Py_DECREF(dict);
    return NULL;
}

struct tm_rec_snapshot *tm_py_take(void)
{
    struct tm_rec_snapshot *snapshot;
    uint32_t session = tm_py.session;
    Py_BEGIN_ALLOW_THREADS;
    snapshot = tm_rec_take();
    Py_END_ALLOW_THREADS;
    if (!snapshot && tm_rec_is_on && session == tm_py.session)
        PyErr_SetString(tm_py.error, tm_rec_message());
    return snapshot;
}

/* A list of what `make` makes of each of n; NULL with an exception. Frees the snapshot. */
static PyObject *list_of(struct tm_rec_snapshot *snapshot, size_t n, PyObject *(*make)(const struct tm_rec_snapshot *, size_t))
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < n; i++) {
        PyObject *item = make(snapshot, i);
        if (!item || PyList_Append(list, item) != 0)
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    tm_rec_snapshot_free(snapshot);
    return list;
}

static PyObject *make_entry(const struct tm_rec_snapshot *snapshot, size_t i)
{
    return entry_dict(&snapshot->entries[i]);
}

static PyObject *make_spike(const struct tm_rec_snapshot *snapshot, size_t i)
{
    return tm_py_spike(&snapshot->spikes[i]);
}

/* While off, or where the recording has ended meanwhile, the list is empty. */
static PyObject *empty_list(void)
{
    return PyErr_Occurred() ? NULL : PyList_New(0);
}

PyObject *tm_py_snapshot(PyObject *module, PyObject *unused)
{
    struct tm_rec_snapshot *snapshot = tm_py_take();
    (void)module;
    (void)unused;
    return snapshot ? list_of(snapshot, snapshot->n_entries, make_entry) : empty_list();
}

PyObject *tm_py_spikes(PyObject *module, PyObject *unused)
{
    struct tm_rec_snapshot *snapshot = tm_py_take();
    (void)module;
    (void)unused;
    return snapshot ? list_of(snapshot, snapshot->n_spikes, make_spike) : empty_list();
}
