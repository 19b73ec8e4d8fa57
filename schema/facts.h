/* What a store holds that nothing can bring back: what was measured, and what people said. A dump is these facts, and they are all
 * that a store is made from again; verdicts and the judge's memory follow from them (gate/restored.h).
 *
 * Texts NULL, counts TM_UNKNOWN and numbers NAN: not there. Hosts, runs, plugins and metrics are told by their names, never by the
 * numbers that a store gave them. */
#ifndef TM_SCHEMA_FACTS_H
#define TM_SCHEMA_FACTS_H

#include "schema/run.h"

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
};

/* With what the runs of a host and branch were judged. */
struct tm_lineage_fact {
    const char *branch, *host, *base;
    const char *settings; /* as struct tm_settings has them in `given`; NULL: an older version has not kept them */
};

enum tm_fact_kind {
    TM_FACT_HOST,
    TM_FACT_METRIC,
    TM_FACT_RUN, /* its profiles and spikes with it; of a run in parts each part is one */
    TM_FACT_DECISION,
    TM_FACT_LINEAGE,
    TM_FACT_LAST_DECISION, /* the highest number that a decision has ever had, where that one was taken back */
};

struct tm_fact {
    enum tm_fact_kind kind;
    const char *project; /* of metrics, runs, decisions and lineages */
    union {
        struct tm_host_fact host;
        struct tm_metric_fact metric;
        struct tm_run_content run; /* everything known: run.project, key, start, host and branch */
        struct tm_decision_fact decision;
        struct tm_lineage_fact lineage;
        int64_t last_decision;
    };
};

#endif
