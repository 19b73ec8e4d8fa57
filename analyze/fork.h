/* What a new branch inherits: the memory of its base as it was when the branch began, without what was open there. */
#ifndef TM_ANALYZE_FORK_H
#define TM_ANALYZE_FORK_H

#include "analyze/lineage.h"

/* Runs of the base that are judged to make a branch's first memory: three baselines, so that a level that began up to two of them
 * back is still told from the one before. */
enum { TM_FORK_RUNS = 150 };

/* The lineage holds what the base's runs have left; from now on it is the branch's, whose first run starts at first_at. What is
 * open or missing on the base is not the branch's fault. alone: nor is what may be about to begin there, and that run is judged
 * by itself. 0, or -1 without memory. */
int tm_lineage_fork(struct tm_lineage *lineage, const struct tm_rules *rules, int64_t first_at, bool alone);

#endif
