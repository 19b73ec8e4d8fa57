/* A transaction for judging, begun when most is judged already. */
#ifndef TM_CLI_AHEAD_H
#define TM_CLI_AHEAD_H

#include "gate/ahead.h"

/* Judges ahead by the settings and begins: 1 where that still stands under the lock, and may be stored; 0 where there is nothing,
 * or others wrote again and again; -1 with the store's message. The caller frees *ahead in any case. */
int tm_begin_ahead(tm_store *store, const struct tm_settings *settings, const struct tm_ahead_wish *wish, struct tm_ahead *ahead);

#endif
