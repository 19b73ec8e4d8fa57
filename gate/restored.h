/* Verdicts of a store that was made from facts (schema/facts.h). */
#ifndef TM_GATE_RESTORED_H
#define TM_GATE_RESTORED_H

#include "gate/run.h"

/* What became of the lineages that were judged there. */
struct tm_restored {
    size_t nights; /* that were judged here */
    size_t anew;   /* lineages whose settings this version does not understand: they are left to the next gate */
};

/* Inside a transaction: judges every lineage that was judged in the store the facts came from, with the settings it was judged with
 * there. One whose settings are not known is left to the next gate, too. 0 or -1. */
int tm_judge_restored(tm_store *store, const struct tm_watcher *watcher, struct tm_restored *restored);

#endif
