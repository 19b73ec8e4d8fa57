/* Tidemark's C interface: what a run and a profile are, and how a program adds a run to a store.
 *
 *     tm_store *store;
 *     if (tm_open("tidemark.db", TM_CREATE, &store) != 0) fail(tm_error(store));
 *     struct tm_run run = {.key = "2026-11-20", .started_at = 1795140000};
 *     struct tm_profile profile = TM_PROFILE_INIT;
 *     profile.plugin = "pdf-parser", profile.calls = 12, profile.wall_ns = 4947.6e6;
 *     if (tm_run_begin(store, &run) != 0 || tm_run_add(store, &profile) != 0 || tm_run_commit(store, NULL) != 0)
 *         fail(tm_error(store));
 *     tm_close(store);
 *
 * Functions return 0, or -1 with a message in the handle (tm_error). Durations are nanoseconds, memory is bytes, texts are UTF-8
 * without control characters, at most TM_NAME_MAX bytes. A handle serves one thread at a time. */
#ifndef TIDEMARK_H
#define TIDEMARK_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

#define TM_VERSION "0.1.0"

enum { TM_NAME_MAX = 1024 };

/* A count that was not recorded. Measurements that were not recorded are NAN, texts NULL. */
#define TM_UNKNOWN ((int64_t)-1)

/* One execution of a plugin host, typically a night. What is NULL is left to its default for a new run, and not compared with a
 * stored one. */
struct tm_run {
    const char *project; /* default: "default" */
    const char *key;     /* the run's name, unique in its project; required */
    int64_t started_at;  /* seconds since 1970-01-01T00:00:00Z */
    const char *host;    /* default: this machine's key, see tm_host */
    const char *branch;  /* default: "main" */
    const char *commit_id;
    const char *version;   /* of the host program */
    const char *repeat_of; /* key of the run that this one confirms */
    const char *tool;      /* the program that measured, where it is no plugin host: its clock has no floor. NULL: a host */
    const char *part;      /* what is given is one process's share of the run, under this name; "": this process, "HOSTNAME:PID".
                              NULL: it is the whole run */
};

/* A further named number of a plugin in a run. */
struct tm_reading {
    const char *metric;
    const char *unit; /* NULL: none */
    double value;
    const char *better; /* which direction of it is: "lower" or "higher"; "both": nobody knows; NULL: not said, and as stored */
};

/* One plugin's figures in one run. Totals, not averages. */
struct tm_profile {
    const char *plugin;
    int64_t calls, errors;
    double wall_ns, cpu_ns;
    double mem_delta_bytes, peak_mem_bytes;
    double wall_p50_ns, wall_p95_ns, wall_p99_ns, wall_max_ns;

    /* what recorders know */
    double occupied_ns; /* time on a thread; wall - occupied is time waited, unless helper threads worked for it: they are added */
    double longest_step_ns; /* longest stretch without giving the thread back */
    int64_t cancelled, timeouts;
    const char *clock; /* which CPU clock; profiles of different clocks are not compared */
    const char *plugin_version;
    const void *latency; /* an encoded latency sketch (schema/sketch.h) */
    size_t latency_size;

    const struct tm_reading *readings;
    size_t n_readings;
};

#define TM_PROFILE_INIT                                                                                                            \
    {                                                                                                                              \
        .calls = 1, .errors = TM_UNKNOWN, .wall_ns = NAN, .cpu_ns = NAN, .mem_delta_bytes = NAN, .peak_mem_bytes = NAN,            \
        .wall_p50_ns = NAN, .wall_p95_ns = NAN, .wall_p99_ns = NAN, .wall_max_ns = NAN, .occupied_ns = NAN,                        \
        .longest_step_ns = NAN, .cancelled = TM_UNKNOWN, .timeouts = TM_UNKNOWN                                                    \
    }

/* A moment of a run in which the CPU was too busy. */
struct tm_spike {
    double at_ms;       /* since the run's start */
    double duration_ms; /* NAN: unknown */
    double cpu_percent;
    const char *plugin; /* who ran then, one with a profile in the run; NULL: unknown */
};

typedef struct tm_store tm_store;

enum tm_open_flags {
    TM_CREATE = 1,   /* make the store where there is none */
    TM_READONLY = 2, /* nothing in the file changes, once a killed writer's journal is rolled back */
};

/* Opens the store in the file `path`. *store is set also on failure, to carry the message: close it in any case. */
int tm_open(const char *path, unsigned flags, tm_store **store);
void tm_close(tm_store *store); /* aborts an open run; NULL is harmless */

/* The key of this machine: CPU model, cores, memory class. Never NULL; valid for the program's life. */
const char *tm_host(void);

/* What failed last, in one line. Valid until the next call on this handle. */
const char *tm_error(const tm_store *store);

enum tm_outcome {
    TM_STORED,
    TM_ALREADY, /* a run of that key with the same content was there: nothing was changed */
};

/* A run is collected in memory and stored whole by tm_run_commit, or not at all. The texts and arrays that `run` and `profile`
 * point to are copied. A run of the same key with other content is an error. outcome may be NULL.
 *
 * After tm_run_add or tm_run_spike has failed, the run holds what it held before. After tm_run_commit has failed, nothing of the
 * run is stored and it is still open: commit it again (a full disk may have room by then), add to it, or abort it. */
int tm_run_begin(tm_store *store, const struct tm_run *run);
int tm_run_add(tm_store *store, const struct tm_profile *profile);
int tm_run_spike(tm_store *store, const struct tm_spike *spike);
int tm_run_commit(tm_store *store, enum tm_outcome *outcome);
void tm_run_abort(tm_store *store);

/* The gate: judges a stored run against its own history and against the other plugins of the run, as `tidemark gate` does.
 *
 *     tm_gate_result *result;
 *     if (tm_gate(store, NULL, &result) != 0) fail(tm_error(store));
 *     for (size_t i = 0; i < tm_gate_count(result); i++) {
 *         const struct tm_gate_verdict *v = tm_gate_verdict(result, i);
 *         printf("%s %s %s\n", v->verdict, v->plugin, v->metric ? v->metric : "");
 *     }
 *     int code = tm_gate_summary(result)->exit_code;
 *     tm_gate_free(result);
 *
 * Runs that no gate has judged yet are judged first, in the order of time, and what was said is stored: it is one transaction. */
enum tm_gate_exit { TM_GATE_PASS = 0, TM_GATE_FAIL = 1, TM_GATE_TROUBLE = 2, TM_GATE_UNJUDGED = 3 };

/* One line of a tidemark.ini: {"gate", "budget", "0.1"}, {"metric calls", "better", "higher"}, {"plugin ocr-*", "ignore", "yes"}.
 */
struct tm_setting {
    const char *section, *name, *value;
};

/* What is 0 or NULL is left to its default. */
struct tm_gate_options {
    const char *project;       /* default: "default" */
    const char *branch, *host; /* default: any */
    const char *run;           /* its key; default: the newest run of project, branch and host */
    const struct tm_setting *settings;
    size_t n_settings;
    int passes; /* tell passes too; they are not stored, so the run is judged a second time */
};

typedef struct tm_gate_result tm_gate_result;

struct tm_gate_summary {
    int exit_code;       /* an enum tm_gate_exit, never TM_GATE_TROUBLE: that is tm_gate's -1 */
    const char *outcome; /* pass, fail, not judged */
    const char *project, *run, *branch, *host;
    int64_t plugins, judged, passed, missing;
    double factor, factor_share; /* the whole run was slower by that share, on that share of its plugins; NAN: no more than usual */
};

/* What is said of a plugin's metric. Numbers that are not known are NAN, texts NULL. */
struct tm_gate_verdict {
    const char *plugin;      /* "*": the whole run */
    const char *metric;      /* NULL: the plugin as such */
    const char *unit;        /* "": none */
    const char *verdict;     /* regressed, open, missing, suspect, waived, improved, retired, not judged, pass */
    int leads;               /* speaks for its plugin: one does */
    const char *kind;        /* step, drift, run-wide, extreme */
    double value, corrected; /* as measured, and without what the whole run had in common */
    double baseline;         /* the level it was judged against */
    double effect;           /* a share of the baseline, or an amount where the metric may be zero (effect_is_amount) */
    int effect_is_amount;
    double evidence, needed; /* natural log units */
    int runs, baseline_runs; /* on which the evidence and the baseline rest */
    const char *since_run, *last_good_run, *since_commit, *last_good_commit;
    const char *signal; /* waiting, blocking, compute, tight loop, failing fast, leak, memory spike */
    const char *why;
    int64_t decision; /* 0: none */
    /* Between which runs it began: it may be any from earliest_run to latest_run, which are since_run where that is sure. */
    const char *earliest_run, *latest_run, *sure_good_run, *sure_good_commit, *latest_commit;
};

/* Judges. options NULL: all defaults. 0 with *result to be freed, or -1: the run could not be judged, *result is NULL and nothing
 * in the store has changed. A result outlives its store. */
int tm_gate(tm_store *store, const struct tm_gate_options *options, tm_gate_result **result);
const struct tm_gate_summary *tm_gate_summary(const tm_gate_result *result);
size_t tm_gate_count(const tm_gate_result *result);                                           /* verdicts, the worst first */
const struct tm_gate_verdict *tm_gate_verdict(const tm_gate_result *result, size_t position); /* NULL: there are fewer */
void tm_gate_free(tm_gate_result *result);                                                    /* NULL is harmless */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
