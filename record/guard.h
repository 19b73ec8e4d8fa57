/* Writing without harm to the host. A write beyond a size limit, or to a pipe that nobody reads any more, raises a signal that
 * would end it: from begin to end the calling thread gets none, and the write only fails. */
#ifndef TM_RECORD_GUARD_H
#define TM_RECORD_GUARD_H

#include <signal.h>

struct tm_guard {
    sigset_t mask;  /* of before */
    sigset_t fresh; /* those of the signals that were not pending then */
};

/* Around the writing, by the same thread; they may not be nested in the same guard. */
void tm_guard_begin(struct tm_guard *guard);
void tm_guard_end(struct tm_guard *guard); /* errno stays */

#endif
