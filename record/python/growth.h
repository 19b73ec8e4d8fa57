/* Which lines of a chosen plugin's code hold more and more memory: tracemalloc's statistics of the blocks that the plugin owns,
 * now, less those of an earlier moment. That moment is when a call of the plugin begins after another one has ended, so that what
 * the first call sets up for good (imports, a cache) is no growth; a flush begins anew.
 *
 * Functions keep an exception that is set. */
#ifndef TM_RECORD_PYTHON_GROWTH_H
#define TM_RECORD_PYTHON_GROWTH_H

#include "record/python/python.h"

/* Plugins are chosen by name for one recording, or by wrappers that ask for it as long as they are there. */
int tm_py_growth_choose(PyObject *name);
int tm_py_growth_check(void);     /* may a wrapper ask for it now? */
extern int tm_py_growth_wrappers; /* that ask for it */
bool tm_py_growth_chosen(void);   /* is anybody? */

/* After tm_rec_start and tm_rec_stop, or when nothing came of a start. Only memory by owners tells whose blocks are whose. */
int tm_py_growth_start(enum tm_rec_memory memory);
void tm_py_growth_stop(void);

/* The plugin, which this recording meets for the first time, and whether its wrapper asks for it. */
void tm_py_growth_meet(PyObject *name, tm_rec_plugin *plugin, bool asked);

/* Calls begin and end; asked only while somebody waits for that. */
extern int tm_py_growth_waiting;
void tm_py_growth_begun(const tm_rec_plugin *plugin);
void tm_py_growth_ended(const tm_rec_plugin *plugin);

/* A flush has begun a new period: growth is measured from the next calls on. */
void tm_py_growth_flushed(void);

/* The lines that have grown most, a list of dicts; None: the plugin is not chosen, or it is too early to say. */
PyObject *tm_py_growth_of(const char *plugin);

#endif
