/* Whose turn it is to start or stop recording. Both run Python code and give the interpreter's lock away, so that lock is not
 * enough. */
#include "record/python/turns.h"

#include <pthread.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool has_turn;

_Thread_local bool tm_py_in_on_spike;

/* In the child the others are gone. */
static void forked(void)
{
    turn = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    if (has_turn)
        pthread_mutex_lock(&turn);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forked);
}

int tm_py_take_turn(void)
{
    static pthread_once_t forks = PTHREAD_ONCE_INIT;
    pthread_once(&forks, watch_forks);
    if (tm_py_in_on_spike)
        return PyErr_SetString(tm_py.error, "on_spike cannot start or stop recording"), -1;
    if (has_turn)
        return PyErr_SetString(tm_py.error, "recording is being started or stopped here already"), -1;
    if (pthread_mutex_trylock(&turn) != 0) {
        Py_BEGIN_ALLOW_THREADS;
        pthread_mutex_lock(&turn);
        Py_END_ALLOW_THREADS;
    }
    has_turn = true;
    return 0;
}

void tm_py_end_turn(void)
{
    has_turn = false;
    pthread_mutex_unlock(&turn);
}
