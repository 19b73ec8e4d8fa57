/* The recorder's parts among themselves. */
#ifndef TM_RECORD_RECORD_H
#define TM_RECORD_RECORD_H

#include <stdbool.h>
#include <time.h>

#include "record/memory.h"
#include "record/tidemark_record.h"

/* A thread that has called a plugin. */
struct tm_rec_seen_thread {
    clockid_t cpu_clock;    /* of that thread */
    uint64_t number;        /* never used twice */
    tm_rec_plugin *running; /* on top of its calls; NULL: none */
    const void *state;      /* for tm_rec_see_thread */
};

/* Calls `visit` for every thread that lives; they may begin and end calls meanwhile, but none goes away. */
void tm_rec_each_thread(void (*visit)(void *context, const struct tm_rec_seen_thread *thread), void *context);

/* Calls `visit` for the one that was seen before, if it still lives: without going through all others. */
void tm_rec_see_thread(const void *state, uint64_t number, void (*visit)(void *context, const struct tm_rec_seen_thread *thread),
                       void *context);

/* Nanoseconds since the recorder's start, by the clock that `began` of a call is read from. */
int64_t tm_rec_now(void);

/* A copy of the calling thread's newest call, good for tm_rec_adopt also after that call's end. plugin NULL: none. */
struct tm_rec_call tm_rec_current(void);

/* A plugin's memory, while it is measured by owners. */
struct tm_memory_owner *tm_rec_owner(tm_rec_plugin *plugin);

/* -1, with a message for tm_rec_message. */
int tm_rec_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* monitor.c: samples the threads' CPU clocks and keeps spikes, a bounded number. */
int tm_rec_monitor_start(const struct tm_rec_config *config);
void tm_rec_monitor_stop(void);
bool tm_rec_monitor_is_me(void);  /* on_spike: whoever stops waits for its end, so it must wait for nobody who stops */
void tm_rec_monitor_forked(void); /* in the child: the thread is gone, and so is what it kept */
/* Copies at most `most`, and returns how many. Plugin names live as long as the process; at_ms: since the recorder's start. */
size_t tm_rec_monitor_spikes(struct tm_spike *spikes, size_t most, bool forget);
int64_t tm_rec_began(void);             /* snapshot.c: the recording, or what came since the last flush; seconds since 1970 */
double tm_since_flush_ms(double at_ms); /* snapshot.c: spikes are told of from the recording's start or the last flush on */

/* quota.c: how many CPUs this process may use: affinity, cgroup v1 and v2 quotas, the least over all levels. */
double tm_rec_usable_cpus(void);
double tm_rec_usable_cpus_at(const char *root, double affinity); /* root: "" or a directory with proc/ and sys/ for tests */

/* trace.c: spans of a share of calls. A call is picked at its begin; the span is written at its end, whole lines, by any thread.
 * The calls passed are the recorder's own copies; `trace` is free for use here, and is what it was set to at the begin when the
 * call ends. cpu_ns and peak_bytes: negative if not measured. */
int tm_rec_trace_open(const char *path, double share);
void tm_rec_trace_close(void);  /* tm_rec_message says if spans are missing */
void tm_rec_trace_forked(void); /* in the child: goes on in the same file, without the parent's lines */
void tm_rec_trace_begin(struct tm_rec_call *call, const struct tm_rec_call *parent); /* parent NULL: a root */
void tm_rec_trace_end(const struct tm_rec_call *call, int64_t wall_ns, int64_t cpu_ns, int64_t peak_bytes,
                      enum tm_rec_status status, const char *error_type);
extern bool tm_rec_tracing; /* constant while on */

#endif
