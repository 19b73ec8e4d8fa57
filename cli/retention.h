/* Old runs that go, by a command or by itself behind the gate. */
#ifndef TM_CLI_RETENTION_H
#define TM_CLI_RETENTION_H

#include "analyze/baseline.h"
#include "cli/command.h"

/* How many nights of each branch and host the judge needs to say tonight what it would say with all of them: a full baseline, and
 * the runs that wait to join it. */
enum { TM_NEEDED_NIGHTS = TM_BASELINE_MOST };

/* "3 runs from before 2026-01-05T00:00:00Z rolled up into 1 week and removed". */
void tm_put_pruned(FILE *out, const struct tm_prune_wish *wish, const struct tm_pruned *pruned);

/* Behind the gate, which has stored its verdict: removes what the project keeps no longer, and judges again what stands on it. One
 * line says what was done, or what went wrong; the verdict stays as it is. */
void tm_retain(struct tm_context *context);

#endif
