/* What a store holds that nothing can bring back: what was measured, and what people said. A dump is these facts, and they are all
 * that a store is made from again; verdicts and the judge's memory follow from them (gate/restored.h).
 *
 * Texts NULL, counts TM_UNKNOWN and numbers NAN: not there. Hosts, runs, plugins and metrics are told by their names, never by the
 * numbers that a store gave them. */
#ifndef TM_SCHEMA_FACTS_H
#define TM_SCHEMA_FACTS_H

#include "schema/run.h"
#include "schema/week.h"

struct tm_host_fact {
    const char *host, *cpu_model, *os;
    int64_t cores, memory_gib;
};

struct tm_metric_fact {
    const char *metric, *unit, *better;
};

struct tm_decision_fact {
    int64_t number; /* by which people take it back */
    const char *kind, *plugin /* NULL: the whole run */, *metric, *host, *branch;
    const char *from_run; /* NULL: none, or removed since */
    int64_t from_at;
    const char *made_run; /* counts from that run on; NULL: from the next run that starts at made_run_at, or later */
    int64_t made_run_at;
    double ceiling;
    int64_t until;
    const char *reason, *issue, *made_by;
    int64_t made_at, adoption;
    const char *source; /* the line of a file that it came from, as a hash; NULL: none */
};

/* With what the runs of a host and branch were judged. */
struct tm_lineage_fact {
    const char *branch, *host, *base;
    const char *settings; /* as struct tm_settings has them in `given`; NULL: an older version has not kept them */
};

struct tm_week_metric {
    const char *metric;
    struct tm_week_value value;
};

/* What a week's runs say of a plugin, summed as far as they know it. */
struct tm_week_plugin {
    const char *plugin;
    int64_t calls, errors;
    double wall_ns, cpu_ns;
    const void *latency; /* of all calls that have a sketch, see sketch.h; NULL: none has */
    size_t latency_size;
    const struct tm_week_metric *metrics; /* in the order of their names' bytes */
    size_t n_metrics;
};

/* Runs of a host and branch that were rolled up. */
struct tm_week_fact {
    const char *branch, *host;
    int64_t begins_at;
    const char *const *runs; /* their keys, in the order of bytes */
    size_t n_runs;
    const struct tm_week_plugin *plugins; /* in the order of their names' bytes */
    size_t n_plugins;
};

enum tm_fact_kind {
    TM_FACT_HOST,
    TM_FACT_METRIC,
    TM_FACT_WEEK,
    TM_FACT_RUN, /* its profiles and spikes with it; of a run in parts each part is one */
    TM_FACT_DECISION,
    TM_FACT_LINEAGE,
    TM_FACT_LAST_DECISION, /* the highest number that a decision has ever had, where that one was taken back */
};

struct tm_fact {
    enum tm_fact_kind kind;
    const char *project; /* of all but hosts, and the last decision */
    union {
        struct tm_host_fact host;
        struct tm_metric_fact metric;
        struct tm_week_fact week;
        struct tm_run_content run; /* everything known: run.project, key, start, host and branch */
        struct tm_decision_fact decision;
        struct tm_lineage_fact lineage;
        int64_t last_decision;
    };
};

#endif
