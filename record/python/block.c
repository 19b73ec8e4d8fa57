/* A block of code as a plugin's call: with tidemark.call("name"). In an async with block others may run meanwhile, and a block does
 * not see when; so of that one only the wall time is known. */
#include "record/python/module.h"

struct block {
    PyObject_HEAD
    PyObject *name;
    uint32_t session; /* that the call is of */
    bool under_way;
    struct tm_rec_call call;
};

static struct block *block_of(PyObject *self)
{
    return (struct block *)self;
}

static PyObject *new_block(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"name", NULL};
    PyObject *name;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O:call", names, &name) || !tm_py_plugin_name(name))
        return NULL;
    struct block *block = (struct block *)type->tp_alloc(type, 0);
    if (block)
        block->name = Py_NewRef(name);
    return (PyObject *)block;
}

/* -1: it is under way already. */
static int begin(struct block *block)
{
    if (block->under_way && block->session == tm_py.session)
        return PyErr_SetString(PyExc_RuntimeError, "this call is under way already: make one for each block"), -1;
    tm_rec_begin(&block->call, tm_rec_register(PyUnicode_AsUTF8(block->name), NULL));
    block->under_way = true;
    block->session = tm_py.session;
    return 0;
}

/* Around an await, others of the same thread may have begun since and go on: what is above it on the stack is not its own, and
 * stays. */
static void end_call(struct tm_rec_call *call, enum tm_rec_status status)
{
    if (tm_rec_current().serial != call->serial)
        tm_rec_suspend(call);
    tm_rec_end(call, status);
}

/* exception: what has left the block, or None. */
static void end(struct block *block, PyObject *exception)
{
    enum tm_rec_status status = TM_REC_OK;
    if (!block->under_way || block->session != tm_py.session)
        return;
    block->under_way = false;
    if (exception != Py_None) {
        PyErr_SetRaisedException(Py_NewRef(exception));
        status = tm_py_outcome(&block->call);
        PyErr_Clear();
    }
    end_call(&block->call, status);
}

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return begin(block_of(self)) == 0 ? Py_NewRef(self) : NULL;
}

static PyObject *exit_(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    end(block_of(self), count > 1 && PyExceptionInstance_Check(arguments[1]) ? arguments[1] : Py_None);
    return Py_NewRef(Py_None);
}

static PyObject *aenter(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (begin(block_of(self)) != 0)
        return NULL;
    tm_rec_suspend(&block_of(self)->call);
    return tm_py_ready(Py_NewRef(self));
}

static PyObject *aexit(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *none = exit_(self, arguments, count);
    return none ? tm_py_ready(none) : NULL;
}

/* Left without an end, as by a generator that is thrown away. */
static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (block_of(self)->under_way && block_of(self)->session == tm_py.session)
        end_call(&block_of(self)->call, TM_REC_CANCELLED);
    Py_DECREF(block_of(self)->name);
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

static const char doc[] = "call(name)\n--\n\nThe block is a call of the plugin `name`: with tidemark.call('parse'): ...\n"
                          "async with: wall time alone, for others may run meanwhile.";

static PyType_Slot slots[] = {
    {Py_tp_new, TM_PY_SLOT(new_block)},
    {Py_tp_dealloc, TM_PY_SLOT(dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_doc, TM_PY_SLOT(doc)},
    {0, NULL},
};

PyType_Spec tm_py_call_spec = {"tidemark.call", sizeof(struct block), 0, Py_TPFLAGS_DEFAULT, slots};
