/* Is what is stored of a run what its rows say? */
#ifndef TM_GATE_TOLD_H
#define TM_GATE_TOLD_H

#include "gate/session.h"

/* Inside a transaction: compares the judgement, which was made just now, with all that is stored of an earlier one of the run. 0
 * where they are the same; -1 with the store's message where they are not, or that failed. Nothing in the store changes. */
int tm_told_verify(struct tm_session *session, const struct tm_run_ref *run, const struct tm_judgement *judgement);

#endif
