/* A history as it is, from a run on: all that fails there is accepted or retired, as one decision. */
#ifndef TM_GATE_ADOPT_H
#define TM_GATE_ADOPT_H

#include "gate/run.h"

struct tm_adoption {
    const struct tm_judged_run *run;      /* the first that is fine as it is */
    const char *reason, *issue, *made_by; /* issue NULL: none */
    int64_t number;                       /* of the decision; 0: nothing failed, and nothing was stored */
    size_t levels, plugins;               /* accepted; retired */
};

/* Inside a transaction: judges the run's lineage, accepts what is regressed or open in that run, retires what is missing from it,
 * and judges again, until nothing of that run fails. For the run's branch and host alone. Sets the last three members: 0, or -1
 * with the store's message. */
int tm_adopt(tm_store *store, const struct tm_settings *settings, const struct tm_watcher *watcher, struct tm_adoption *adoption);

#endif
