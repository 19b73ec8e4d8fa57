/* Does the gate keep its promise on the store's own past? A replay whose alarms are followed: which of them closed by themselves,
 * and about which somebody decided. */
#ifndef TM_GATE_PROMISE_H
#define TM_GATE_PROMISE_H

#include "analyze/advice.h"
#include "gate/run.h"

/* A plugin's metric, over all hosts and branches of the scope. */
struct tm_promise_series {
    char *plugin; /* "*": the whole run */
    int metric;
    size_t alarms, closed;
    size_t newest_open; /* of its alarms, index + 1; 0: none is open on the host and branch in hand */
};

struct tm_promise {
    int64_t nights, judged;           /* judged: plugins, over all nights */
    struct tm_promise_series *series; /* that raised an alarm */
    size_t n_series;
    struct tm_alarm_fate *fates; /* of the alarms, in the order they were raised */
    size_t n_alarms;
    size_t of[TM_FATE_YOUNG + 1];  /* alarms, by their fate */
    size_t decided[TM_RETIRE + 1]; /* of the decided ones, by what was decided */

    /* for the measuring */
    struct tm_followed *followed; /* by alarm */
    size_t n_followed;
    struct tm_hash index; /* of series, by plugin and metric: position + 1 */
    size_t first;         /* alarm of the lineage in hand */
    int64_t host_id;      /* its host and branch */
    const char *branch;
    int64_t previous_at, previous_run; /* of the night before */
    struct tm_arena texts;
    tm_night_seen *seen;
    void *context;
};

/* Replays the scope as if nobody had decided anything, and follows the alarms. seen is called for each night as well; NULL: nobody.
 * 0, or -1 with the store's message. Free in any case. */
int tm_promise_measure(struct tm_promise *promise, tm_store *store, const struct tm_settings *settings,
                       const struct tm_scope *scope, tm_night_seen *seen, void *context);
void tm_promise_free(struct tm_promise *promise);

/* So many alarms, per 1000 judgements. */
double tm_promise_per_1000(const struct tm_promise *promise, size_t alarms);

#endif
