/* What a binding of the recorder to another language needs beside the public headers. record/python is one. */
#ifndef TM_RECORD_BINDING_H
#define TM_RECORD_BINDING_H

#include <stdbool.h>

#include "record/memory.h"
#include "record/tidemark_record.h"

/* Does the environment say PLUGIN_PROFILING=1? */
bool tm_rec_wished(void);

/* A copy of the calling thread's newest call, good for tm_rec_adopt also after that call's end. plugin NULL: none. */
struct tm_rec_call tm_rec_current(void);

/* The span of the calling thread's newest call, as a traceparent for who is called by it. false: there is none, and text is "". */
enum { TM_REC_SPAN_SIZE = sizeof "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01" };
bool tm_rec_current_span(char text[TM_REC_SPAN_SIZE]);

/* tm_rec_adopt for one step of a task on an event loop: as long as it lasts, the plugin keeps the loop, and its longest step
 * counts. */
void tm_rec_adopt_step(struct tm_rec_call *helper, struct tm_rec_call *call);

/* The call under way here has set a timer: if it gives its thread back now, it is due then, at the latest. By the monotonic clock,
 * in seconds; the earliest of a step counts. */
void tm_rec_due(double seconds);

/* Before and after this thread waits for what is to be done next: `began` is what the first has returned; 0: the thread has called
 * no plugin, and there is nothing to tell. Once it is told, the thread is idle only then. */
int64_t tm_rec_waits(void);
void tm_rec_waited(int64_t began);

/* Why CPU time is read by the system call, a few words; "": it is not. How far the wall clock is off the system's since the start,
 * in millionths. */
const char *tm_rec_clock_why(void);
double tm_rec_clock_drift(void);

/* A plugin's memory, while it is measured by owners. */
struct tm_memory_owner *tm_rec_owner(tm_rec_plugin *plugin);

/* When the recording began, or what came since the last flush; seconds since 1970. */
int64_t tm_rec_began(void);

/* Ends the spike monitor's thread ahead of tm_rec_stop, and waits for it: for who must give a lock away meanwhile that on_spike
 * takes. In on_spike nothing happens (tm_rec_message). */
void tm_rec_monitor_stop(void);

#endif
