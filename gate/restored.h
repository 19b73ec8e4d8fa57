/* Verdicts of a store that was made from facts (schema/facts.h). */
#ifndef TM_GATE_RESTORED_H
#define TM_GATE_RESTORED_H

#include "gate/run.h"

/* Inside a transaction: judges every lineage that was judged in the store the facts came from, with the settings it was judged with
 * there; *judged counts the nights. One whose settings are not known, or not understood any more, is left to the next gate. 0 or
 * -1.
 */
int tm_judge_restored(tm_store *store, const struct tm_watcher *watcher, size_t *judged);

#endif
