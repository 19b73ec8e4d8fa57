/* What the monitor keeps: samples above the threshold that follow each other and have the same culprit are one spike. No lock. */
#ifndef TM_RECORD_SPIKES_H
#define TM_RECORD_SPIKES_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/tidemark.h"

enum { TM_SPIKES_KEPT = 256 }; /* between two flushes: more than people read */

struct tm_spikes {
    struct tm_spike kept[TM_SPIKES_KEPT]; /* by time */
    size_t n;
    bool goes_on; /* the last one */
};

/* A sample above the threshold. A spike whose culprit is unknown (NULL) goes on with any, and has its name then. Where there is no
 * room, the one with the least CPU time goes. Returns the spike that the sample has begun; NULL: one went on. */
const struct tm_spike *tm_spikes_add(struct tm_spikes *spikes, const struct tm_spike *sample);

/* A sample below it. */
void tm_spikes_pause(struct tm_spikes *spikes);

/* Empties the list; the next sample begins a spike. */
void tm_spikes_forget(struct tm_spikes *spikes);

#endif
