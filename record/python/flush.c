/* What has been recorded goes to a file or a store. The interpreter's lock is given away for that, so other threads go on, and may
 * stop the recording meanwhile. */
#include "record/python/growth.h"
#include "record/python/module.h"

#include "base/timestamp.h"

/* Recording goes on after both. While it is off, both do nothing. */
static int finish(int result, const char *message)
{
    if (result != 0)
        return PyErr_SetString(tm_py.error, message), -1;
    tm_py_growth_flushed();
    return 0;
}

int tm_py_write_csv(const char *path)
{
    int result;
    Py_BEGIN_ALLOW_THREADS;
    result = tm_rec_flush_csv(path);
    Py_END_ALLOW_THREADS;
    return finish(result, tm_rec_message());
}

int tm_py_write_store(const char *path, const struct tm_run *run)
{
    tm_store *store = NULL;
    int opened, result = -1;
    if (!tm_rec_is_on)
        return 0;
    Py_BEGIN_ALLOW_THREADS;
    opened = tm_open(path, TM_CREATE, &store);
    if (opened == 0)
        result = tm_rec_flush_store(store, run);
    Py_END_ALLOW_THREADS;
    result = finish(result, opened == 0 ? tm_rec_message() : tm_error(store));
    tm_close(store);
    return result;
}

static const double END_OF_9999 = 253402300800.0; /* 10000-01-01T00:00:00Z, in seconds since 1970 */

static int parse_text(PyObject *text, int64_t *seconds)
{
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (!utf8)
        return -1;
    if (tm_time_parse(utf8, (size_t)size, seconds) != 0)
        return PyErr_Format(PyExc_ValueError, "started_at %R: expected a time as in 2026-11-20T02:00:00Z", text), -1;
    return 0;
}

int tm_py_time(PyObject *value, int64_t *seconds)
{
    *seconds = tm_rec_began();
    if (!value || value == Py_None)
        return 0;
    if (PyUnicode_Check(value))
        return parse_text(value, seconds);
    PyObject *stamp = PyNumber_Check(value) ? PyNumber_Float(value) : PyObject_CallMethod(value, "timestamp", NULL);
    double time = stamp ? PyFloat_AsDouble(stamp) : 0;
    Py_XDECREF(stamp);
    if (PyErr_Occurred())
        return -1;
    if (!(time >= 0 && time < END_OF_9999))
        return PyErr_Format(PyExc_ValueError, "started_at %R: expected a time from 1970 to 9999", value), -1;
    *seconds = (int64_t)time;
    return 0;
}

const char tm_py_flush_csv_doc[] = "flush_csv(path)\n--\n\n"
                                   "Writes what `tidemark ingest` reads, and begins anew. The file appears whole or not at all;\n"
                                   "if it cannot be written, nothing of what was recorded is lost.";

PyObject *tm_py_flush_csv(PyObject *module, PyObject *path)
{
    PyObject *bytes;
    (void)module;
    if (!PyUnicode_FSConverter(path, &bytes))
        return NULL;
    int result = tm_py_write_csv(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    if (result != 0)
        return NULL;
    return Py_NewRef(Py_None);
}

const char tm_py_flush_store_doc[] =
    "flush_store(path, key, started_at=None, project=None, branch=None, commit=None, host=None, version=None, part=None)\n--\n\n"
    "Adds a run of that key to the store in the file `path`, which is made where there is none, and begins anew.\n"
    "started_at: seconds since 1970, a datetime or text; by default, when recording began or was last flushed.\n"
    "part: a name, or True for 'HOSTNAME:PID': what is stored is this process's part of the run; the parts of all\n"
    "processes, each stored once and in any order, make the run.";

/* NULL for None; the empty text, this process, for True. */
static int parse_part(PyObject *value, const char **part)
{
    *part = NULL;
    if (!value || value == Py_None)
        return 0;
    if (value == Py_True) {
        *part = "";
        return 0;
    }
    if (!PyUnicode_Check(value))
        return PyErr_Format(PyExc_TypeError, "part %R: expected a name, True or None", value), -1;
    Py_ssize_t size;
    *part = PyUnicode_AsUTF8AndSize(value, &size);
    if (*part && (size == 0 || strlen(*part) != (size_t)size))
        return PyErr_Format(PyExc_ValueError, "part %R: expected a name", value), -1;
    return *part ? 0 : -1;
}

PyObject *tm_py_flush_store(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"path", "key", "started_at", "project", "branch", "commit", "host", "version", "part", NULL};
    PyObject *path = NULL, *started_at = NULL, *part = NULL;
    struct tm_run run = {.key = NULL};
    (void)module;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O&s|OzzzzzO:flush_store", names, PyUnicode_FSConverter, &path, &run.key,
                                     &started_at, &run.project, &run.branch, &run.commit_id, &run.host, &run.version, &part))
        return NULL;
    int result = parse_part(part, &run.part);
    if (result == 0)
        result = tm_py_time(started_at, &run.started_at);
    if (result == 0)
        result = tm_py_write_store(PyBytes_AS_STRING(path), &run);
    Py_DECREF(path);
    if (result != 0)
        return NULL;
    return Py_NewRef(Py_None);
}
