/* Between the files that combine parts: one plugin's profiles in the parts of a run. */
#ifndef TM_SCHEMA_COMBINE_SHARES_H
#define TM_SCHEMA_COMBINE_SHARES_H

#include "schema/combine.h"

enum { TM_NO_MACHINE = -1 };

struct tm_shares {
    const struct tm_run_content *parts;
    const struct tm_profile **of; /* by the part's position; NULL: it has none */
    size_t *next;                 /* each part's place in its list */
    const ptrdiff_t *machine;     /* the first part that ran beside it; TM_NO_MACHINE: nobody knows */
    double *peaks;                /* by such a first part: room to add up */
    size_t n;                     /* parts */
};

/* Which parts ran on one machine, by their names. */
void tm_shares_machines(const struct tm_run_content *parts, size_t n, ptrdiff_t *machine);

/* Gives `whole` its readings: each metric's values as one, in the order of names, and behind them the sum of peaks. -1: no memory.
 */
int tm_shares_readings(struct tm_combined *into, const struct tm_shares *shares, struct tm_profile *whole);

#endif
