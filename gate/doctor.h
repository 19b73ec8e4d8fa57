/* What keeps a store, its configuration and the job that uses it from good verdicts. Facts are read first (doctor_read.c, and by
 * the caller what lies around the store); the checks are pure functions of them, in one table (doctor.c). */
#ifndef TM_GATE_DOCTOR_H
#define TM_GATE_DOCTOR_H

#include "base/arena.h"
#include "gate/decide_file.h"
#include "gate/problems.h"
#include "gate/run.h"

/* ---- facts. Texts may be anything; numbers are TM_UNKNOWN, texts NULL where nobody knows ---- */

/* A run that repeats none. */
struct tm_doctor_run {
    int64_t id, started_at;
    const char *key, *branch, *host;
    bool has_commit, has_version;
};

/* A metric of the project's own. */
struct tm_doctor_metric {
    const char *name, *unit; /* unit "": none */
    bool directed;           /* somebody has said which direction is worse */
};

/* What fails in the newest judged run of a lineage. */
struct tm_doctor_open {
    const char *plugin, *metric, *branch; /* plugin "*": the whole run; metric "": the plugin as such, which is missing */
    int64_t runs;                         /* for how many it has failed */
};

struct tm_doctor_decision {
    int64_t number, until; /* until 0: for good */
    const char *kind, *plugin, *metric;
    bool seen;         /* its plugin is in one of the newest runs; true where it is about all */
    bool known_metric; /* its metric is one that there is; true where it is about all */
};

/* Series in which a rise of TM_DOCTOR_RISE would not be told. */
struct tm_doctor_noise {
    size_t asked, hidden;
    const char *plugin, *metric; /* of the worst; NULL: none */
    double least;                /* share from which on a rise of that one is told; NAN: none is */
};

/* A line of tidemark.ini that changes nothing. */
struct tm_doctor_setting {
    const char *section; /* "plugin ocr-*" */
    const char *why;
};

/* A line of the decisions file that is about no plugin. */
struct tm_doctor_line {
    uint64_t number;
    const char *plugin;
};

/* What lies around the store: found by the caller. */
struct tm_doctor_place {
    bool is_file;               /* else a server's */
    bool there;                 /* a file that there is */
    bool in_wal;                /* it is in SQLite's WAL mode */
    const char *trouble;        /* why the store cannot be opened; NULL: it can */
    const char *remote;         /* the network file system it lies on; NULL: none is known */
    const char *leftover;       /* of a killed process that made a store; NULL: none */
    bool writable, journalable; /* the file, and its directory, in which SQLite's journal comes */
    int64_t bytes, free_bytes;  /* of the file, and of its file system */
    bool in_ci;                 /* a CI system's variables are set */
    bool no_gnuplot;
    bool wrong_lines;                       /* in the decisions file: every gate ends with trouble */
    const struct tm_decision_line *decided; /* those that it has; not owned */
    size_t n_decided;
    bool no_reader; /* a server without the role that 'tidemark sql' reads as */
};

struct tm_doctor {
    int64_t now;
    const char *project, *base;
    struct tm_doctor_run *runs; /* the newest TM_DOCTOR_RUNS of the project, oldest first */
    size_t n_runs;
    struct tm_doctor_metric *metrics;
    size_t n_metrics;
    struct tm_doctor_open *open; /* the longest first */
    size_t n_open;
    struct tm_doctor_decision *decisions;
    size_t n_decisions;
    struct tm_doctor_setting *settings;
    size_t n_settings;
    struct tm_doctor_line *lines;
    size_t n_lines;
    struct tm_doctor_noise noise;
    int64_t clocks;   /* plugins whose CPU time the newest runs took by several clocks */
    int64_t unjudged; /* lineages with runs that no gate has judged */
    struct tm_doctor_place place;
    struct tm_arena texts;
};

enum { TM_DOCTOR_RUNS = 1000 };           /* years of nights: what was before them keeps nobody from a verdict */
static const double TM_DOCTOR_RISE = 0.2; /* a fifth slower: who is not told of that has no use of a gate */

/* Reads what the store knows of the project, judged by the settings that hold here. 0, or -1 with the store's message. Free in any
 * case. */
int tm_doctor_read(struct tm_doctor *doctor, tm_store *store, const struct tm_settings *settings, const char *project);
void tm_doctor_free(struct tm_doctor *doctor);

/* doctor_noise.c, a part of it: asks the memory of the newest run's lineage, if a gate has judged that as it is. */
int tm_doctor_read_noise(struct tm_doctor *doctor, tm_store *store, const struct tm_settings *settings);

/* Runs all checks: what they find, the worst first. 0, or -1: no memory. Free the problems in any case. */
int tm_doctor_find(const struct tm_doctor *doctor, struct tm_problems *problems);

#endif
