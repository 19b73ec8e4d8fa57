/* The spike monitor: a thread that samples CPU clocks, and keeps spikes, a bounded number. */
#ifndef TM_RECORD_MONITOR_H
#define TM_RECORD_MONITOR_H

#include <stdbool.h>

#include "record/tidemark_record.h"

/* Starts the thread if the configuration asks for one. 0, or -1 (tm_rec_message): what it asks for is nonsense, or cannot be. */
int tm_rec_monitor_start(const struct tm_rec_config *config);

/* In on_spike: whoever stops waits for its end, so it must wait for nobody who stops. */
bool tm_rec_monitor_is_me(void);

/* In the child: the thread is gone, and so is what it kept. */
void tm_rec_monitor_forked(void);

/* By a thread of the child that calls plugins: goes on where the parent's was. No lock is held. */
void tm_rec_monitor_after_fork(void);

/* Copies the oldest, at most `most`, and returns how many. Plugin names live as long as the process; at_ms: since the recorder's
 * start. forget: it keeps none of them, also not those that found no room. */
size_t tm_rec_monitor_spikes(struct tm_spike *spikes, size_t most, bool forget);

#endif
