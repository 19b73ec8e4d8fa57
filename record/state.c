/* The ground that the recorder stands on: its state, the lock over it, and the message of what failed last. Nothing of the recorder
 * is called from here, so every file may use it. Who fills and empties the state is start.c. */
#include "record/state.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

int tm_rec_is_on;

struct tm_recorder tm_recorder = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local char message[512]; /* a sentence of ours with a path shown (TM_SHOWN_LONG) and a reason in it */

void tm_recorder_lock(void)
{
    pthread_mutex_lock(&tm_recorder.lock);
}

void tm_recorder_unlock(void)
{
    pthread_mutex_unlock(&tm_recorder.lock);
}

int tm_rec_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return -1;
}

const char *tm_rec_message(void)
{
    return message;
}

double tm_unflushed_ms_locked(double at_ms)
{
    return fmax(0, at_ms - (double)tm_recorder.unflushed_since / 1e6);
}

double tm_unflushed_ms(double at_ms)
{
    tm_recorder_lock();
    double ms = tm_unflushed_ms_locked(at_ms);
    tm_recorder_unlock();
    return ms;
}
