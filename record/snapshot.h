/* What is recorded, read for a snapshot or taken out for a flush; and put back where it could not be written. */
#ifndef TM_RECORD_SNAPSHOT_H
#define TM_RECORD_SNAPSHOT_H

#include <stdbool.h>

#include "record/shared.h"
#include "record/tidemark_record.h"

struct tm_taken;

/* Everything recorded. flush: it is taken out, and recording begins anew. blobs: with latency sketches. NULL: no memory
 * (tm_rec_message), and nothing was taken. */
TM_RECORD_SHARED struct tm_taken *tm_take(bool flush, bool blobs);
TM_RECORD_SHARED void tm_taken_free(struct tm_taken *taken); /* NULL is harmless */

/* Puts back what a flush has taken, as if it had not been; nothing if the recording has ended since. */
TM_RECORD_SHARED void tm_taken_give_back(struct tm_taken *taken);

TM_RECORD_SHARED const struct tm_rec_snapshot *tm_taken_shown(const struct tm_taken *taken);

TM_RECORD_SHARED int64_t tm_taken_began(const struct tm_taken *taken); /* when what it holds began, seconds since 1970 */

/* Lock held, at a start, a stop and in a child: spikes that could not be written, and since when. */
void tm_snapshot_forget(void);

#endif
