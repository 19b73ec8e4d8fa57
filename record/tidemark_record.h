/* Tidemark's recorder: a plugin host calls it where it calls its plugins. No plugin changes a line.
 *
 *     tm_rec_start(NULL);                                          // does nothing unless PLUGIN_PROFILING=1
 *     tm_rec_plugin *parser = tm_rec_register("pdf-parser", "1.4");
 *     ...
 *     struct tm_rec_call call;
 *     tm_rec_begin(&call, parser);
 *     int failed = parse(document);                                // the plugin
 *     tm_rec_end(&call, failed ? TM_REC_ERROR : TM_REC_OK);
 *     ...
 *     tm_rec_flush_csv("night.csv");                               // or tm_rec_flush_store(store, &run)
 *     tm_rec_stop();
 *
 * Three times per plugin: wall (from begin to end), occupied (on a thread), CPU. wall - occupied is time waited, occupied - CPU is
 * time blocked on the thread, and CPU is computing. Where helper threads work for a call (tm_rec_adopt), occupied and CPU are sums
 * over all of them, and may exceed wall: wall - occupied says nothing then. All are inclusive: a plugin called by a plugin counts
 * for both; self time leaves the called ones out. A plugin that calls itself is counted as so many calls, and its time once.
 *
 * One recorder per process. Every function may be called from any thread at any time, also while off: it then does nothing; but
 * none in a signal handler, which may have interrupted another one. begin, end, suspend, resume, adopt and release take no lock and
 * allocate nothing after a thread's first call of a plugin. After fork the child records anew, from nothing; its
 * monitor starts with its first call.
 */
#ifndef TIDEMARK_RECORD_H
#define TIDEMARK_RECORD_H

#include <stdint.h>
#include <stdio.h>

#include "schema/tidemark.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

typedef struct tm_rec_plugin tm_rec_plugin;

enum tm_rec_clock { TM_REC_CLOCK_BEST, TM_REC_CLOCK_SYSCALL, TM_REC_CLOCK_RSEQ };

enum tm_rec_memory {
    TM_REC_MEMORY_OFF,
    TM_REC_MEMORY_NET,   /* what a call's thread allocated less what it freed */
    TM_REC_MEMORY_OWNER, /* every block belongs to the plugin that allocated it, wherever it is freed; exact peak */
};

struct tm_rec_config {
    int on;                    /* 1 on, 0 off, -1 as the environment says: PLUGIN_PROFILING=1 */
    enum tm_rec_clock clock;   /* the fast one where a self-test proves it right, unless asked otherwise */
    enum tm_rec_memory memory; /* needs the allocator's hooks: libtidemark_malloc.so preloaded, or linked with -Wl,--wrap */
    int64_t site_bytes;        /* with OWNER: note who allocates, once in so many bytes; 0: no */
    double spike_interval;     /* seconds; 0: no monitor */
    double spike_percent;      /* of one CPU, or of the quota of a process that may use less */
    void (*on_spike)(void *context, const struct tm_spike *spike); /* by the monitor's thread when one begins; may be NULL. It
                                  may call all functions but start and stop, which do nothing there and leave a message. */
    void *context;
    const char *trace;  /* a file that spans are appended to, one JSON object a line; NULL: none */
    double trace_share; /* of the calls that no plugin made, 0 to 1; what these call in turn follows them */
};

/* Memory off, no trace, the clock that is best; docs/recorder.md has a table of all fields. */

#define TM_REC_CONFIG_INIT                                                                                                         \
    {                                                                                                                              \
        -1, TM_REC_CLOCK_BEST, TM_REC_MEMORY_OFF, 0, 1, 80, NULL, NULL, NULL, 1                                                    \
    } /* no names: also C++11 */

/* config NULL: as TM_REC_CONFIG_INIT. 0, on or off; -1 (tm_rec_message) if a requested feature is unavailable: then it is off; or
 * if it is on already: then it stays on as it is. */
int tm_rec_start(const struct tm_rec_config *config);

/* Forgets everything, and calls under way with it. Plugins are gone until they are registered again. Writes the last lines of a
 * trace: a process that ends without it may lose them. tm_rec_message says if spans could not be written. */
void tm_rec_stop(void);

/* What failed last in this thread, one line; "": nothing has. A success leaves it as it is, so it is worth reading after a failure
 * only. Valid until something else fails in this thread. */
const char *tm_rec_message(void);

/* The plugin of that name, registered if it is new. NULL: off, no memory, not a name, or one more than the 16384 that can be
 * recorded (tm_rec_message). version may be NULL; the newest counts, and one that is no text is left out: the plugin is returned
 * all the same, and tm_rec_message says so. All functions below accept a NULL plugin and then do nothing. */
tm_rec_plugin *tm_rec_register(const char *name, const char *version);
const char *tm_rec_plugin_name(const tm_rec_plugin *plugin); /* valid as long as the process lives; NULL of NULL */

enum tm_rec_status { TM_REC_OK, TM_REC_ERROR, TM_REC_CANCELLED, TM_REC_TIMEOUT };

/* A call under way. The caller keeps it from begin to end and leaves the fields alone. It may be moved, that is copied if only the
 * copy is used from then on; two copies in use may count twice. Begin and adopt fill it in, whatever was there. */
struct tm_rec_call {
    tm_rec_plugin *plugin; /* NULL: not recorded */
    void *thread;          /* it runs on; NULL: suspended */
    uint64_t serial;       /* of its step there */
    int64_t began;         /* clock readings, as all times: ns since the recorder's start */
    int64_t stepped, stepped_cpu;
    int64_t cpu, occupied, longest, inner_wall, inner_cpu, once_cpu, once_occupied;
    int64_t memory, memory_step, memory_high, memory_peak;
    uint32_t flags, generation;
    void *cell;
    uint64_t trace[3]; /* of its root call, 0: not picked; of its span; of its parent's span */
};

extern int tm_rec_is_on; /* read only */

/* What the two functions below call while recording is on; call those. */
void tm_rec_begin_on(struct tm_rec_call *call, tm_rec_plugin *plugin);
void tm_rec_end_on(struct tm_rec_call *call, enum tm_rec_status status);

/* Begins a call on this thread, inside the one under way there. */
static inline void tm_rec_begin(struct tm_rec_call *call, tm_rec_plugin *plugin)
{
    call->plugin = 0;
    if (__atomic_load_n(&tm_rec_is_on, __ATOMIC_RELAXED) && plugin)
        tm_rec_begin_on(call, plugin);
}

/* Ends it, on whichever thread, suspended or not. Calls inside it that were left without an end (a longjmp, an exception) end with
 * it, as errors; one that was left so at the top ends when the next call begins with the same state. What one that is still running
 * on another thread has used there is counted when that thread calls a plugin or ends. */
static inline void tm_rec_end(struct tm_rec_call *call, enum tm_rec_status status)
{
    if (call->plugin)
        tm_rec_end_on(call, status);
}

/* An asynchronous call gives its thread back, and goes on later, on any thread. Suspend is called on the thread that runs the call:
 * on another one nothing happens, and the call goes on. Resume does nothing to a call that is not suspended. */
void tm_rec_suspend(struct tm_rec_call *call);
void tm_rec_resume(struct tm_rec_call *call);

/* What went wrong, before the end: a type ("ValueError") and a message, copied, and cut at 63 and 160 bytes. Either may be NULL. Of
 * each plugin a few distinct ones are kept, with their number; a million errors take no more room than ten. They are kept whatever
 * the call ends with, also TM_REC_OK, TM_REC_CANCELLED and TM_REC_TIMEOUT; only the end says whether the call is counted as failed.
 * The call's span has the type if it ends with TM_REC_ERROR on the same thread, one that has run plugins, without a resume or
 * another tm_rec_error there in between; else it has "_OTHER". */
void tm_rec_error(struct tm_rec_call *call, const char *type, const char *message);

/* A helper thread works for a call of another thread: its CPU and occupied time is the plugin's. The helper is lent its own state,
 * which it gives back before it does anything else for somebody else, on the thread that adopted: released on another one, its time
 * is lost. Adopt comes before the call's end. The call may end before its helpers are released, and its state may be gone: what
 * they do until then is the plugin's as well. */
void tm_rec_adopt(struct tm_rec_call *helper, struct tm_rec_call *call);
void tm_rec_release(struct tm_rec_call *helper);

struct tm_rec_error_count {
    const char *type, *message;
    int64_t count;
};

enum { TM_REC_ERRORS_KEPT = 8 };

/* One plugin, all threads together. Valid until the snapshot is freed. */
struct tm_rec_entry {
    struct tm_profile profile; /* as it would be stored */
    double self_wall_ns, self_cpu_ns;
    struct tm_rec_error_count errors[TM_REC_ERRORS_KEPT];
    size_t n_errors;
    int64_t other_errors; /* of kinds that found no room */
};

struct tm_rec_snapshot {
    struct tm_rec_entry *entries; /* by name; plugins that were called since the start or the last flush */
    size_t n_entries;
    struct tm_spike *spikes;
    size_t n_spikes;
    const char *clock; /* "rseq" or "thread_cputime" */
};

/* What has been recorded so far; calls under way are not in it. NULL: no memory, or off. */
struct tm_rec_snapshot *tm_rec_take(void);
void tm_rec_snapshot_free(struct tm_rec_snapshot *snapshot); /* NULL is harmless */

/* A place in a plugin's code that allocates, and what of that is still there: estimates from the sample (site_bytes). */
struct tm_rec_site {
    const char *plugin;
    const void *address;   /* of the call; of the call into the C or C++ library, if it allocates for its caller */
    int64_t bytes, blocks; /* that it holds; in what has grown: that it holds more than before */
    char place[256];       /* "symbol+0x1c (libpdf.so+0x2f1c)"; "libpdf.so+0x2f1c" in functions whose symbol is not exported, as
                              static ones; after tm_rec_sites_locate: "pdf.c:120 (function)" */
};

struct tm_rec_sites {
    struct tm_rec_site *sites; /* the largest first */
    size_t n_sites;
};

/* Which places hold memory now; needs memory by owner and site_bytes. NULL: see tm_rec_message. */
struct tm_rec_sites *tm_rec_sites_take(void);

/* Which of them hold more than before. NULL: no memory, or one of the two is NULL, as while off. */
struct tm_rec_sites *tm_rec_sites_growth(const struct tm_rec_sites *before, const struct tm_rec_sites *after);

/* Finds file and line of each place by running addr2line, once for every program and library; what that does not know stays as it
 * is. 0, or -1: it cannot be run. NULL is harmless. */
int tm_rec_sites_locate(struct tm_rec_sites *sites);
void tm_rec_sites_free(struct tm_rec_sites *sites); /* NULL is harmless */

/* Writes what `tidemark ingest` reads, or adds a run to a store, and begins anew: each flush holds what came since the one before.
 * A file takes the place of the one that was there, whole or not at all, with its mode, and where a symbolic link leads; without
 * calls since the last flush it is a header alone, and a run in a store is one without plugins. Several processes of one run give
 * run->part, "" for their own name, and each stores its part: once, for what it records later is another part. While off it is 0,
 * and nothing is written: what an earlier process wrote stays. After -1 (tm_rec_message) nothing is lost: flush again. */
int tm_rec_flush_csv(const char *path);
int tm_rec_flush_store(tm_store *store, const struct tm_run *run);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
