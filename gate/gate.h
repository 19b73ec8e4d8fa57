/* One gate: which run, is it new enough, what is said of it. The steps that the command and tm_gate() of the library share. */
#ifndef TM_GATE_GATE_H
#define TM_GATE_GATE_H

#include "gate/run.h"

/* Inside a transaction: finds the run, refuses it where it is older than the settings allow or lies in the future, and judges what
 * was not judged yet of its lineage. 0, or -1 with the store's message; *judged counts the nights. Free the run in any case. */
int tm_gate_judge(tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope, const char *key,
                  const struct tm_watcher *watcher, struct tm_judged_run *run, size_t *judged);

/* Finds the run, however old it is: 0, or -1 with the store's message, also where there is none. */
int tm_gate_find(tm_store *store, const struct tm_scope *scope, const char *key, struct tm_judged_run *run);

#endif
