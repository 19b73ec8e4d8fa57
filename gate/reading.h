/* Reading verdicts without writing any: what the gate has stored, by the settings it was stored with. Where there is nothing
 * stored, or other settings are wanted, the run is judged aside, in memory (tm_aside). */
#ifndef TM_GATE_READING_H
#define TM_GATE_READING_H

#include "gate/run.h"

/* Sets what the gate was set to when it judged the run's lineage: 1; 0: no gate has judged it, or one of a version whose settings
 * are not understood; -1 with the store's message. */
int tm_reading_settings(tm_store *store, const struct tm_judged_run *run, struct tm_settings *settings);

/* Makes sure that the run has verdicts by these settings. *aside: they had to be made, in memory. 0, or -1 with the store's
 * message. */
int tm_reading_prepare(tm_store *store, const struct tm_settings *settings, const struct tm_judged_run *run,
                       const struct tm_watcher *watcher, bool *aside);

#endif
