/* The extension's parts among themselves. One interpreter, one recorder: what lasts is kept in statics, under the interpreter's
 * lock. Functions that return an object return a new reference, or NULL with an exception set; int functions 0, or -1 with one. */
#ifndef TM_RECORD_PYTHON_PYTHON_H
#define TM_RECORD_PYTHON_PYTHON_H

#include "record/python/compat.h"

#include <stdbool.h>

#include "record/binding.h"

#define TM_PY_SLOT(function)   ((void *)(uintptr_t)(function))
#define TM_PY_METHOD(function) ((PyCFunction)(void (*)(void))(function))

/* Attribute names that are looked up while plugins run. */
struct tm_py_names {
    PyObject *send, *throw_, *close, *asend, *athrow, *aclose, *class_, *qualname, *module, *doc, *wrapped, *signature, *code,
        *co_flags, *gi_code, *cr_await, *call, *frame[3], *func, *register_;
};
extern struct tm_py_names tm_py_names;

extern PyObject *tm_py_error;   /* tidemark.Error */
extern PyObject *tm_py_partial; /* functools.partial */
extern uint32_t tm_py_session;  /* changes with every start and stop; calls and plugins of another session are void */

/* outcome.c: the status of a call that ends with the exception that is set and stays set. An error's type and message are noted. */
enum tm_rec_status tm_py_outcome(struct tm_rec_call *call);

/* follow.c: what runs step by step, and is measured that way. */
int tm_py_follow_init(PyObject *module);
bool tm_py_followed(PyObject *result); /* is this one to be followed? */

/* The follower of `inner`, whose reference it takes, for a call that begins with its first step, or that has begun and is suspended
 * (`begun`, which moves). On failure the call is ended. */
PyObject *tm_py_follow(PyObject *inner, tm_rec_plugin *plugin, struct tm_rec_call *begun);

/* The same for a helper of `call`, of which a copy is enough. */
PyObject *tm_py_follow_for(PyObject *inner, const struct tm_rec_call *call);

/* wrapper.c: the callable that stands for a plugin's. */
int tm_py_wrapper_init(PyObject *module);
PyObject *tm_py_wrap(PyObject *name, PyObject *fn, PyObject *version, bool tracemalloc);

/* names.c: a plugin's name or version as UTF-8 that lives as long as the object; NULL with a ValueError that says what is wrong. */
const char *tm_py_plugin_name(PyObject *name);
const char *tm_py_version_name(PyObject *version);

/* module.c: a type that only C makes objects of. */
PyTypeObject *tm_py_type(PyObject *module, PyType_Spec *spec);

/* The module will have it under that name. Takes the reference of object, which may be NULL with an exception. */
int tm_py_publish(const char *name, PyObject *object);

/* ready.c: an awaitable that gives `value`, whose reference it takes, at once. */
PyObject *tm_py_ready(PyObject *value);

/* tasks.c: 1, or 0 if the loop's tasks are followed already. */
int tm_py_follow_tasks_of(PyObject *loop);
int tm_py_leave_tasks_of(PyObject *loop);
PyObject *tm_py_running_loop(void);

/* recording.c */
PyObject *tm_py_spike(const struct tm_spike *spike);

/* snapshot.c */
PyObject *tm_py_number(const double *value); /* NAN: None */
struct tm_rec_snapshot *tm_py_take(void);    /* NULL without an exception: off, or stopped meanwhile */

/* flush.c */
int tm_py_write_csv(const char *path);
int tm_py_write_store(const char *path, const struct tm_run *run);
int tm_py_time(PyObject *value, int64_t *seconds); /* None or NULL: when recording began or was last flushed */

#endif
