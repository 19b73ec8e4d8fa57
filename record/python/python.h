/* The extension's parts among themselves. One interpreter, one recorder: what lasts is kept in statics, under the interpreter's
 * lock. Functions that return an object return a new reference, or NULL with an exception set; int functions 0, or -1 with one. */
#ifndef TM_RECORD_PYTHON_PYTHON_H
#define TM_RECORD_PYTHON_PYTHON_H

#include "record/python/compat.h"

#include <stdbool.h>

#include "record/binding.h"
#include "record/tidemark_record.h"

#define TM_PY_SLOT(function)   ((void *)(uintptr_t)(function))
#define TM_PY_METHOD(function) ((PyCFunction)(void (*)(void))(function))

/* What the parts share, made once for the process by module.c and kept until it ends. Those above a part are never called by it: it
 * finds here what they have made. */
extern struct tm_py_state {
    PyObject *error;          /* tidemark.Error */
    PyObject *unknown_plugin; /* tidemark.UnknownPlugin */
    PyObject *partial;        /* functools.partial */
    PyObject *errors;         /* the host's word on which exceptions are errors: types, or a function; NULL: none */
    uint32_t session;         /* changes with every start and stop; calls and plugins of another session are void */
    struct {                  /* attribute names that are looked up while plugins run */
        PyObject *send, *throw_, *close, *asend, *athrow, *aclose, *class_, *qualname, *module, *doc, *wrapped, *signature, *code,
            *co_flags, *gi_code, *cr_await, *call, *frame[3], *func, *register_, *asyncio_events, *loop, *task;
    } names;
    struct { /* those of objects that are made elsewhere than in the type's own file, and those that are asked for */
        PyTypeObject *coroutine, *generator, *awaitable_generator, *async_generator, *async_generator_step,
            *iterator;                        /* followers */
        PyTypeObject *plugin, *plugin_method; /* wrappers */
        PyTypeObject *bound, *task_factory, *ready;
    } types;
    void (*meet_loops)(void); /* loops.c; never NULL while recording is on */
} tm_py;

/* The session in which this thread's loops are known to be followed. Read at every first step. */
extern _Thread_local uint32_t tm_py_loops_seen __attribute__((tls_model("initial-exec")));

/* Fills names, partial and the exceptions. What is there already stays. */
int tm_py_state_make(void);

/* state.c, for what may fail: dict[key], borrowed: 1, 0 (*value is NULL), or -1 with an exception. */
int tm_py_dict_get(PyObject *dict, const char *key, PyObject **value);

/* Whether owner.NAME.co_flags, NAME naming a code object, has any of the flags: 1, 0 (also if there is no such attribute), or -1
 * with a MemoryError. */
int tm_py_code_has(PyObject *owner, PyObject *name, long flags);

/* outcome.c: the status of a call that ends with the exception that is set and stays set. An error's type and message are noted. */
enum tm_rec_status tm_py_outcome(struct tm_rec_call *call);

/* follow.c: what runs step by step, and is measured that way. */
bool tm_py_followed(PyObject *result); /* is this one to be followed? */

/* The follower of `inner`, whose reference it takes, for a call that begins with its first step, or that has begun and is suspended
 * (`begun`, which moves). On failure the call is ended. */
PyObject *tm_py_follow(PyObject *inner, tm_rec_plugin *plugin, struct tm_rec_call *begun);

/* The same for a helper of `call`, of which a copy is enough. */
PyObject *tm_py_follow_for(PyObject *inner, const struct tm_rec_call *call);

/* wrapper.c: the callable that stands for a plugin's. */
PyObject *tm_py_wrap(PyObject *name, PyObject *fn, PyObject *version, bool tracemalloc);

/* names.c: a plugin's name or version as UTF-8 that lives as long as the object; NULL with a ValueError that says what is wrong. */
const char *tm_py_plugin_name(PyObject *name);
const char *tm_py_version_name(PyObject *version);

/* ready.c: an awaitable that gives `value`, whose reference it takes, at once. */
PyObject *tm_py_ready(PyObject *value);

/* tasks.c */
int tm_py_follow_tasks_of(PyObject *loop);
int tm_py_leave_tasks_of(PyObject *loop);
PyObject *tm_py_task_factory_before(PyObject *before); /* a factory of ours before that one */
PyObject *tm_py_running_loop(void);

/* snapshot.c: a spike as a dict; all that is recorded, NULL without an exception: off, or stopped meanwhile. */
PyObject *tm_py_spike(const struct tm_spike *spike);
struct tm_rec_snapshot *tm_py_take(void);

/* flush.c: both write what is recorded and begin anew, or do nothing while recording is off. */
int tm_py_write_csv(const char *path);
int tm_py_write_store(const char *path, const struct tm_run *run);
int tm_py_time(PyObject *value, int64_t *seconds); /* None or NULL: when recording began or was last flushed */

#endif
